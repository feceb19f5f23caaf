/** Stands for everybody in the conversation where people are mentioned. */
export const EVERYBODY = "@room";
