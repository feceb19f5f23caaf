/** The server's time: what is due is due by it, however wrong the clock of this machine is. */

// The header tells whole seconds.
const HALF_SECOND_MS = 500;

export class ServerClock {
  private ahead: { ms: number; doubtMs: number } | undefined;

  constructor(private readonly clock: () => number) {}

  /** Learn from an answer's `Date`; `askedAt` is this machine's time when the request was sent. */
  learn(date: string | null, askedAt: number): void {
    const at = Date.parse(date ?? "");
    if (Number.isNaN(at)) return;
    const now = this.clock();
    const doubtMs = (now - askedAt) / 2 + HALF_SECOND_MS;
    const ms = at + HALF_SECOND_MS - (askedAt + now) / 2;
    // An answer that took long says less than one that came at once; but a clock that was set since is believed no more.
    const isKnownBetter = this.ahead !== undefined && this.ahead.doubtMs < doubtMs;
    if (isKnownBetter && Math.abs((this.ahead?.ms ?? 0) - ms) <= doubtMs + HALF_SECOND_MS) return;
    this.ahead = { ms, doubtMs };
  }

  /** Nothing before the server has answered for the first time. */
  now(): number | undefined {
    return this.ahead === undefined ? undefined : this.clock() + this.ahead.ms;
  }
}
