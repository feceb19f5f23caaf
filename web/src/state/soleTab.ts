/**
 * Which tab of this browser works: one at a time, for two that write to the same stores corrupt them.
 *
 * Every tab stands in line for one lock. The browser gives it to the next when its holder closes or crashes; whoever
 * wants it now asks the others to leave, and they stand in line again, behind.
 */
import { Cell, type Value } from "../platform/value";

/** `waiting`: for a moment nothing is known yet, and nothing is shown. */
export type TabState = "waiting" | "here" | "elsewhere";

/** What of the browser's locks is used. */
export interface Locks {
  request(name: string, options: LockOptions, held: () => Promise<void>): Promise<void>;
}

/** What of a channel between tabs is used; a tab does not hear itself. */
export interface Channel {
  postMessage(message: unknown): void;
  addEventListener(type: "message", heard: (event: { data: unknown }) => void): void;
}

const NAME = "myelin.tab";
const LEAVE = "leave";
// A tab that is reloaded meets its own lock for an instant.
const GRACE_MS = 300;
// Whoever has not left by then is frozen, and writes nothing.
const PATIENCE_MS = 5_000;

export class SoleTab {
  readonly state: Value<TabState>;
  private readonly cell = new Cell<TabState>("waiting");
  private inLine = new AbortController();
  private letGo = () => {};
  private isLeaving = false;
  private patience: ReturnType<typeof setTimeout> | undefined;

  /** `stop` ends once this tab touches no store any more. */
  constructor(
    private readonly locks: Locks,
    private readonly channel: Channel,
    private readonly stop: () => Promise<void>,
  ) {
    this.state = this.cell;
  }

  start(): void {
    this.channel.addEventListener("message", ({ data }) => {
      if (data === LEAVE) this.leave();
    });
    setTimeout(() => {
      if (this.cell.get() === "waiting") this.cell.set("elsewhere");
    }, GRACE_MS);
    this.queue();
  }

  /** Work here from now on: whoever does elsewhere is asked to leave, and made to where it does not. */
  takeOver(): void {
    this.channel.postMessage(LEAVE);
    clearTimeout(this.patience);
    this.patience = setTimeout(() => {
      this.inLine.abort();
      this.request({ steal: true });
    }, PATIENCE_MS);
  }

  private leave(): void {
    clearTimeout(this.patience);
    if (this.isLeaving) return;
    if (this.cell.get() === "here") {
      this.surrender();
      return;
    }
    // Behind whoever has asked.
    this.inLine.abort();
    this.queue();
  }

  private async surrender(): Promise<void> {
    this.isLeaving = true;
    this.cell.set("elsewhere");
    await this.stop();
    this.isLeaving = false;
    this.letGo();
    this.queue();
  }

  private queue(): void {
    this.inLine = new AbortController();
    this.request({ signal: this.inLine.signal });
  }

  private request(options: LockOptions): void {
    this.locks.request(NAME, options, () => this.hold()).catch(() => this.lost(options.signal));
  }

  private hold(): Promise<void> {
    return new Promise((resolve) => {
      clearTimeout(this.patience);
      this.letGo = resolve;
      this.cell.set("here");
    });
  }

  /** Another tab has taken the lock from this one, which was frozen meanwhile; or this one left the line itself. */
  private lost(signal: AbortSignal | undefined): void {
    if (!signal?.aborted && this.cell.get() === "here") this.surrender();
  }
}
