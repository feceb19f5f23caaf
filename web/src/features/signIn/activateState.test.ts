import { expect, test } from "vitest";
import { Refused, Unreachable } from "../../matrix/homeserver";
import { ActivateModel, slipIn } from "./activateState";

const given = { number: " 0101 ", code: " ABCD-1234 ", password: "一二三四五六七八", again: "一二三四五六七八" };

function refusing(fault: unknown) {
  return new ActivateModel(() => Promise.reject(fault));
}

test("a code is sent as it stands on the slip, without what was typed around it", async () => {
  const asked: string[][] = [];
  const model = new ActivateModel(async (...parts) => {
    asked.push(parts);
  });
  expect(await model.submit(given)).toBe(true);
  expect(asked).toEqual([["0101", "ABCD-1234", given.password]]);
});

test.each([
  ["tooShort", { password: "🔑🔑🔑🔑", again: "🔑🔑🔑🔑" }],
  ["different", { again: "一二三四五六七九" }],
])("%s is said without asking the server", async (kind, change) => {
  const model = refusing(new Error("the server was asked"));
  expect(await model.submit({ ...given, ...change })).toBe(false);
  expect(model.state.get()).toEqual({ isWorking: false, trouble: { kind } });
});

test.each([
  ["refusedCode", new Refused(403, "M_FORBIDDEN", "", undefined)],
  ["weak", new Refused(400, "M_WEAK_PASSWORD", "", undefined)],
  ["unreachable", new Unreachable()],
  ["failed", new Error("anything")],
])("%s follows from the refusal, and one may try again", async (kind, fault) => {
  const model = refusing(fault);
  expect(await model.submit(given)).toBe(false);
  expect(model.state.get()).toEqual({ isWorking: false, trouble: { kind } });
});

test("a slip's link fills the form, any other leaves it empty", () => {
  expect(slipIn("/activate?number=0101&code=AB%2DCD")).toEqual({ number: "0101", code: "AB-CD" });
  expect(slipIn("/activate")).toEqual({ number: "", code: "" });
});
