import { expect, test } from "vitest";
import type { Item } from "../matrix/item";
import { withIdentities } from "./identityLines";
import type { Line } from "./lines";

const OTHERS = [{ userId: "@a:hospital.test", name: "甲" }];

function message(id: string, at: number): Line {
  return { kind: "message", key: id, item: { id, at } as Item, isFollowing: false, isFollowed: false };
}

const LINES: readonly Line[] = [{ kind: "day", key: "day", at: 10 }, message("first", 10), message("second", 30)];

function keys(at: number, hasNewer = false, userId = "@a:hospital.test"): string[] {
  return withIdentities(LINES, [{ userId, at }], OTHERS, hasNewer).map((line) => line.key);
}

test("a change stands behind what was said before it", () => {
  expect(keys(20)).toEqual(["day", "first", "identity @a:hospital.test 20", "second"]);
  expect(keys(40).at(-1)).toBe("identity @a:hospital.test 40");
});

test("where it belongs is not guessed", () => {
  expect(keys(5)).toEqual(["day", "first", "second"]);
  expect(keys(40, true)).toEqual(["day", "first", "second"]);
});

test("a conversation says nothing about those who are not in it, and stays the same", () => {
  expect(withIdentities(LINES, [{ userId: "@b:hospital.test", at: 20 }], OTHERS, false)).toBe(LINES);
});
