import { expect, test } from "vitest";
import { LeaveModel } from "./leaveState";

/** Somebody who leaves while these many keys are unsaved, as one looks again and again. */
function leaving(...unsaved: (number | undefined)[]) {
  const seen: unknown[] = [];
  let hasLeft = false;
  const model: LeaveModel = new LeaveModel({
    unsaved: async () => unsaved.shift(),
    signOut: async () => {
      hasLeft = true;
    },
    wait: async () => void seen.push(model.state.get()),
  });
  return { model, seen, hasLeft: () => hasLeft };
}

test("whoever has nothing unsaved leaves at once", async () => {
  const { model, seen, hasLeft } = leaving(0);
  await model.leave();
  expect(hasLeft()).toBe(true);
  expect(seen).toEqual([]);
});

test("leaving waits and says how much is left", async () => {
  const { model, seen, hasLeft } = leaving(3, 1, 0);
  await model.leave();
  expect(seen).toEqual([3, 1].map((left) => ({ kind: "saving", left, isWarned: false })));
  expect(hasLeft()).toBe(true);
});

test("without a backup nobody leaves before they were told what is lost", async () => {
  const { model, hasLeft } = leaving(undefined);
  await model.leave();
  expect(model.state.get()).toEqual({ kind: "unsafe" });
  expect(hasLeft()).toBe(false);
  await model.leaveAnyway();
  expect(hasLeft()).toBe(true);
});

test("whoever stays after all is not signed out when all is saved", async () => {
  let release = () => undefined as undefined;
  let hasLeft = false;
  let count = 1;
  const model = new LeaveModel({
    unsaved: async () => count,
    signOut: async () => {
      hasLeft = true;
    },
    wait: () =>
      new Promise((resolve) => {
        release = () => void resolve();
      }),
  });
  const left = model.leave();
  await Promise.resolve();
  await Promise.resolve();
  model.warn();
  expect(model.state.get()).toEqual({ kind: "saving", left: 1, isWarned: true });
  model.stay();
  count = 0;
  release();
  await left;
  expect(model.state.get()).toEqual({ kind: "asking" });
  expect(hasLeft).toBe(false);
});

test("a sign-out that the server did not hear of can be tried again", async () => {
  let isReachable = false;
  const model = new LeaveModel({
    unsaved: async () => 0,
    signOut: async () => {
      if (!isReachable) throw new Error("the network has gone");
    },
    wait: async () => undefined,
  });
  await model.leave();
  expect(model.state.get()).toEqual({ kind: "failed" });
  isReachable = true;
  await model.leave();
  expect(model.state.get()).toEqual({ kind: "leaving" });
});
