import { expect, test, vi } from "vitest";
import type { Unlocking } from "../../matrix/keys";
import { Cell } from "../../platform/value";
import { UnlockModel, type UnlockState } from "./unlockState";

vi.spyOn(console, "warn").mockImplementation(() => undefined);

const gone = () => Promise.reject(new Error("the network has gone"));

function modelOf(unlockWith: () => Promise<Unlocking>, unlockWithCard: () => Promise<boolean> = gone) {
  return new UnlockModel({ knowsPassword: new Cell(true), unlockWith, unlockWithCard });
}

const attempts: [UnlockState, boolean, () => Promise<Unlocking>][] = [
  ["asking", true, () => Promise.resolve("opened")],
  ["asking", true, () => Promise.resolve("confirmed")],
  ["wrong", false, () => Promise.resolve("wrong")],
  ["failed", false, gone],
];

test.each(attempts)("%s is where an attempt ends", async (state, isRight, unlockWith) => {
  const model = modelOf(unlockWith);
  const ended = model.submit("before");
  expect(model.state.get()).toBe("working");
  expect(await ended).toBe(isRight);
  expect(model.state.get()).toBe(state);
});

test("a card that is none is wrong, and may be typed again", async () => {
  let isOne = false;
  const model = modelOf(gone, async () => isOne);
  expect(await model.submitCard("EsTc")).toBe(false);
  expect(model.state.get()).toBe("wrong");
  isOne = true;
  expect(await model.submitCard("EsTd")).toBe(true);
});

test("one attempt at a time", async () => {
  let count = 0;
  const model = modelOf(async () => {
    count += 1;
    return "opened";
  });
  await Promise.all([model.submit("before"), model.submit("before")]);
  expect(count).toBe(1);
});
