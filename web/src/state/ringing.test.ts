import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Cell } from "../platform/value";
import { AGAIN_MS, Ringing } from "./ringing";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a screen that rings", () => {
  it("rings for each more, again while it stays unread, and stops", () => {
    const [critical, ring] = [new Cell(0), vi.fn(() => true)];
    const stop = new Ringing(critical, ring).start();
    expect(ring).not.toHaveBeenCalled();
    critical.set(1);
    critical.set(2);
    expect(ring).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(AGAIN_MS);
    expect(ring).toHaveBeenCalledTimes(3);
    critical.set(1);
    expect(ring).toHaveBeenCalledTimes(3);
    critical.set(0);
    vi.advanceTimersByTime(5 * AGAIN_MS);
    expect(ring).toHaveBeenCalledTimes(3);
    stop();
  });

  it("rings for what was there before it looked", () => {
    const ring = vi.fn(() => true);
    const stop = new Ringing(new Cell(1), ring).start();
    expect(ring).toHaveBeenCalledTimes(1);
    stop();
    vi.advanceTimersByTime(5 * AGAIN_MS);
    expect(ring).toHaveBeenCalledTimes(1);
  });

  it("says that it is silent until somebody touches the page", () => {
    let mayRing = false;
    const ringing = new Ringing(new Cell(1), () => mayRing);
    const stop = ringing.start();
    expect(ringing.state.get()).toEqual({ critical: 1, isSilent: true });
    mayRing = true;
    ringing.touched();
    expect(ringing.state.get().isSilent).toBe(false);
    stop();
  });
});
