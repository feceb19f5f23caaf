import { expect, test } from "vitest";
import { ServerClock } from "./serverClock";

const NOON = Date.parse("Tue, 24 Nov 2026 12:00:00 GMT");
const SECOND_MS = 1_000;

function aClock(years: number) {
  const local = { now: NOON + years * 365 * 86_400_000 };
  return { local, clock: new ServerClock(() => local.now) };
}

test("nothing is known before the server has answered, nor from an answer without a date", () => {
  const { clock } = aClock(0);
  clock.learn(null, NOON);
  clock.learn("yesterday", NOON);
  expect(clock.now()).toBeUndefined();
});

test.each([-30, -1, 0, 12])("a clock that is %s years off shows the server's time to a second", (years) => {
  const { local, clock } = aClock(years);
  const asked = local.now;
  local.now += 200;
  clock.learn("Tue, 24 Nov 2026 12:00:00 GMT", asked);
  expect(Math.abs((clock.now() ?? 0) - (NOON + 200))).toBeLessThanOrEqual(SECOND_MS);
  local.now += 300 * SECOND_MS;
  expect(Math.abs((clock.now() ?? 0) - (NOON + 300 * SECOND_MS))).toBeLessThanOrEqual(SECOND_MS);
});

test("an answer that took a minute does not spoil what is known, a clock that was set is followed", () => {
  const { local, clock } = aClock(0);
  clock.learn("Tue, 24 Nov 2026 12:00:00 GMT", local.now);
  const known = clock.now() ?? 0;
  local.now += 60 * SECOND_MS;
  clock.learn("Tue, 24 Nov 2026 12:00:01 GMT", NOON);
  expect(clock.now()).toBe(known + 60 * SECOND_MS);
  local.now += 3_600 * SECOND_MS;
  clock.learn("Tue, 24 Nov 2026 12:01:00 GMT", local.now);
  expect(Math.abs((clock.now() ?? 0) - (NOON + 60 * SECOND_MS))).toBeLessThanOrEqual(SECOND_MS);
});
