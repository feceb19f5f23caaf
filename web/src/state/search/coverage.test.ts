import { expect, test } from "vitest";
import { searchedTo, withLive, withPage } from "./coverage";

const live = (from: number, to: number, token: string | null = `before ${from}`) => ({ from, to, token });

test("what is followed grows at its end, and by history at its beginning", () => {
  const begun = withLive([], live(50, 60));
  expect(searchedTo(begun)).toBe(50);
  const grown = withLive(withPage(begun, 30, "before 30"), live(55, 70));
  expect(grown).toEqual([live(30, 70)]);
});

test("a device that was off leaves a gap, until history reaches what is known", () => {
  const gap = withLive([live(30, 70)], live(90, 95));
  expect(searchedTo(gap)).toBe(90);
  expect(withPage(gap, 80, "before 80")).toEqual([live(80, 95), live(30, 70)]);
  expect(withPage(gap, 65, "before 65")).toEqual([live(30, 95)]);
});

test("at the beginning of a conversation everything is searched", () => {
  expect(searchedTo(withPage([live(30, 70)], undefined, null))).toBeUndefined();
  expect(searchedTo(withLive([live(30, 70)], live(10, 80, null)))).toBeUndefined();
});
