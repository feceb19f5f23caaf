import { expect, test } from "vitest";
import { Refused, Unreachable } from "../../matrix/homeserver";
import { type Change, PasswordModel, type PasswordTrouble } from "./passwordState";

const GOOD: Change = { present: "the present one", next: "the next one", again: "the next one" };

function refusing(fault: unknown) {
  return () => Promise.reject(fault);
}

const faults: [PasswordTrouble, Change, () => Promise<void>][] = [
  ["tooShort", { ...GOOD, next: "short", again: "short" }, refusing("asked")],
  ["different", { ...GOOD, again: "another one" }, refusing("asked")],
  ["same", { ...GOOD, next: GOOD.present, again: GOOD.present }, refusing("asked")],
  ["wrong", GOOD, refusing(new Refused(401, "M_FORBIDDEN", "", undefined))],
  ["weak", GOOD, refusing(new Refused(400, "M_WEAK_PASSWORD", "", undefined))],
  ["tooMany", GOOD, refusing(new Refused(429, "M_LIMIT_EXCEEDED", "", 1000))],
  ["unreachable", GOOD, refusing(new Unreachable())],
  ["failed", GOOD, refusing(new Error("anything else"))],
];

test.each(faults)("%s is said, and the form stays", async (trouble, typed, change) => {
  const model = new PasswordModel(change);
  expect(await model.submit(typed)).toBe(false);
  expect(model.state.get()).toEqual({ kind: "asking", trouble });
});

test("a change that is accepted is said once", async () => {
  const asked: unknown[] = [];
  const model = new PasswordModel(async (...given) => void asked.push(given));
  const changed = model.submit(GOOD);
  expect(model.state.get().kind).toBe("working");
  expect(await model.submit(GOOD)).toBe(false);
  expect(await changed).toBe(true);
  expect(model.state.get()).toEqual({ kind: "done", trouble: undefined });
  expect(asked).toEqual([[GOOD.present, GOOD.next]]);
});
