/** When a screen that nobody may read rings: at once for each more, and again while something stays unread. */
import { Cell, type Value } from "../platform/value";

export interface RingingState {
  critical: number;
  /** Whether the browser was not willing to sound: somebody must touch the page once. */
  isSilent: boolean;
}

export const AGAIN_MS = 30_000;

export class Ringing {
  readonly state = new Cell<RingingState>({ critical: 0, isSilent: false });
  private again: ReturnType<typeof setInterval> | undefined;

  /** `ring` returns whether it could be heard. */
  constructor(
    private readonly critical: Value<number>,
    private readonly ring: () => boolean,
  ) {}

  /** Ring for what there is and what comes, until what this returns is called. */
  start(): () => void {
    const stop = this.critical.subscribe(() => this.changed());
    this.changed();
    return () => {
      stop();
      clearInterval(this.again);
    };
  }

  /** Somebody has touched the page, which may sound from now on. */
  touched(): void {
    if (this.state.get().isSilent) this.sound();
  }

  private changed(): void {
    const before = this.state.get().critical;
    const critical = this.critical.get();
    if (critical === before) return;
    this.state.update((state) => ({ ...state, critical }));
    clearInterval(this.again);
    if (critical === 0) return;
    this.again = setInterval(() => this.sound(), AGAIN_MS);
    if (critical > before) this.sound();
  }

  private sound(): void {
    const isSilent = !this.ring();
    this.state.update((state) => ({ ...state, isSilent }));
  }
}
