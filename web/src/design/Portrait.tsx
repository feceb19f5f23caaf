import { Avatar, type AvatarProps } from "@mantine/core";
import { shortNameOf, shortTitleOf } from "./shortNames";

interface Props extends Pick<AvatarProps, "size"> {
  name: string;
  /** Rooms are square and begin like their names; people are round and called by their given names. */
  of?: "person" | "room";
}

/** What the eye finds somebody by; the name stands beside it. */
export function Portrait({ name, of = "person", size = "md" }: Props) {
  return (
    <Avatar color="accent" size={size} radius={of === "room" ? "md" : "xl"} aria-hidden>
      {of === "room" ? shortTitleOf(name) : shortNameOf(name)}
    </Avatar>
  );
}
