/** Notices that nobody has touched the page for long; a computer that slept is noticed when it wakes. */
import type { Value } from "../platform/value";

export const LOOK_MS = 1_000;

export class Idle {
  private touchedAt: number;
  private isTold = false;

  constructor(
    private readonly now: () => number,
    private readonly limitMs: Value<number>,
    private readonly idle: () => void,
  ) {
    this.touchedAt = now();
  }

  touched = (): void => {
    // Whoever comes back to a desk that has stood open too long finds it locked, even where no timer ran meanwhile.
    this.look();
    if (!this.isTold) this.touchedAt = this.now();
  };

  /** Look until what this returns is called. */
  start(): () => void {
    const timer = setInterval(() => this.look(), LOOK_MS);
    return () => clearInterval(timer);
  }

  private look(): void {
    if (this.isTold || this.now() - this.touchedAt < this.limitMs.get()) return;
    this.isTold = true;
    this.idle();
  }
}
