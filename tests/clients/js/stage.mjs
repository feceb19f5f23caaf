// What every story begins with: its people, how it tells its steps, and what the SDK misses here.

import { text } from "node:stream/consumers";

// The SDK is written for Node 22; this is all that it misses on Node 20.
Promise.withResolvers ??= function withResolvers() {
  const made = {};
  made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

// Standard output carries the steps alone: what the SDK has to say goes to standard error.
for (const level of ["log", "info", "debug"]) console[level] = console.error;

/** The accounts of the story, by role. */
export const people = JSON.parse(await text(process.stdin));

/** Writes one step of the story. */
export function tell(step, facts) {
  process.stdout.write(`${JSON.stringify({ step, ...facts })}\n`);
}
