import { expect, test } from "vitest";
import { UnlockModel, type UnlockState } from "./unlockState";

const attempts: [UnlockState, () => Promise<boolean>][] = [
  ["asking", () => Promise.resolve(true)],
  ["wrong", () => Promise.resolve(false)],
  ["failed", () => Promise.reject(new Error("the network has gone"))],
];

test.each(attempts)("%s is where an attempt ends", async (state, unlockWith) => {
  const model = new UnlockModel(unlockWith);
  const ended = model.submit("before");
  expect(model.state.get()).toBe("working");
  await ended;
  expect(model.state.get()).toBe(state);
});
