import { expect, test } from "vitest";
import { ago } from "./time";

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
