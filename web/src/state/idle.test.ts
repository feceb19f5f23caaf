import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Cell } from "../platform/value";
import { Idle, LOOK_MS } from "./idle";

const LIMIT_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a desk that stands open", () => {
  it("is idle once, after the last touch", () => {
    const told = vi.fn();
    const idle = new Idle(Date.now, new Cell(LIMIT_MS), told);
    const stop = idle.start();
    vi.advanceTimersByTime(LIMIT_MS - LOOK_MS);
    idle.touched();
    vi.advanceTimersByTime(LIMIT_MS - LOOK_MS);
    expect(told).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2 * LIMIT_MS);
    expect(told).toHaveBeenCalledTimes(1);
    stop();
  });

  it("does not open again by the touch that ends a long sleep", () => {
    const told = vi.fn();
    const idle = new Idle(Date.now, new Cell(LIMIT_MS), told);
    vi.setSystemTime(Date.now() + 2 * LIMIT_MS);
    idle.touched();
    expect(told).toHaveBeenCalledTimes(1);
  });
});
