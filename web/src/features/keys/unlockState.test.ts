import { expect, test } from "vitest";
import { UnlockModel } from "./unlockState";

test.each([
  ["asking", async () => true],
  ["wrong", async () => false],
  ["failed", () => Promise.reject(new Error("the network has gone"))],
] as const)("%s is where an attempt ends", async (state, unlockWith) => {
  const model = new UnlockModel(unlockWith);
  const ended = model.submit("before");
  expect(model.state.get()).toBe("working");
  await ended;
  expect(model.state.get()).toBe(state);
});
