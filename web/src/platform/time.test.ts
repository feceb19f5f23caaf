import { expect, test } from "vitest";
import { ago, dayName, shortTime } from "./time";

const now = new Date(2026, 10, 24, 13, 0).getTime();
const MINUTE_MS = 60_000;

test.each([
  [0, "此刻"],
  [3, "3分钟前"],
  [125, "2小时前"],
  [26 * 60, "昨天"],
  [10 * 24 * 60, "10天前"],
])("%i minutes ago", (minutes, words) => {
  expect(ago(now - minutes * MINUTE_MS, now, "zh-CN").replace(" ", "")).toBe(words);
});

test("a clock that is ahead says now", () => {
  expect(ago(now + MINUTE_MS, now, "en")).toBe("this minute");
});

const NOW = new Date(2026, 10, 24, 12).getTime();

test("a day of another year says which", () => {
  expect(dayName(NOW, NOW, "zh-CN")).not.toContain("2026");
  expect(dayName(new Date(2081, 0, 1).getTime(), NOW, "zh-CN")).toContain("2081");
  expect(dayName(new Date(1999, 0, 1).getTime(), NOW, "en")).toContain("1999");
});

test("a time of another year says which, and what is no time says nothing", () => {
  expect(shortTime(new Date(2081, 0, 1).getTime(), NOW, "zh-CN")).toContain("2081");
  expect(shortTime(new Date(2026, 0, 1).getTime(), NOW, "zh-CN")).toBe("1/1");
  expect(shortTime(0, NOW, "zh-CN")).toBe("");
});
