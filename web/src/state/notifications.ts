/** What is told of new messages on this device: whether, how loud, and how much of them. */
import type { Arrival } from "../matrix/arrivals";
import { Cell } from "../platform/value";

export interface Wishes {
  isOn: boolean;
  hasSound: boolean;
  /** Who wrote, or that somebody did; what they wrote is never told. */
  shows: "sender" | "nothing";
}

export const DEFAULT_WISHES: Wishes = { isOn: true, hasSound: true, shows: "sender" };

const PLACE = "myelin.notifications.";

/** What the person wants on this device. */
export class StoredWishes extends Cell<Wishes> {
  constructor(
    private readonly storage: Storage,
    private readonly userId: string,
  ) {
    super(wishesIn(storage.getItem(PLACE + userId)));
  }

  change(change: Partial<Wishes>): void {
    this.update((wishes) => ({ ...wishes, ...change }));
    this.storage.setItem(PLACE + this.userId, JSON.stringify(this.get()));
  }
}

function wishesIn(text: string | null): Wishes {
  return text === null ? DEFAULT_WISHES : { ...DEFAULT_WISHES, ...(JSON.parse(text) as Partial<Wishes>) };
}

/** What the browser does for it. */
export interface Outlet {
  isHidden: () => boolean;
  /** The room that is on the screen. */
  openRoom: () => string | undefined;
  show: (notice: { title: string; body: string; roomId: string }) => Promise<void>;
  ring: () => Promise<void>;
  words: (arrival: Arrival, shows: Wishes["shows"]) => { title: string; body: string };
  now: () => number;
}

// A room full of people that all write rings once.
const QUIET_MS = 2_000;

export class Notifier {
  private rungAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly wishes: { get(): Wishes },
    private readonly outlet: Outlet,
  ) {}

  async arrived(arrival: Arrival): Promise<void> {
    const { isOn, hasSound, shows } = this.wishes.get();
    const { outlet } = this;
    if (!isOn || (!outlet.isHidden() && outlet.openRoom() === arrival.roomId)) return;
    if (hasSound && outlet.now() - this.rungAt >= QUIET_MS) {
      this.rungAt = outlet.now();
      // Browsers refuse before the person has touched the page.
      outlet.ring().catch(() => undefined);
    }
    if (outlet.isHidden()) await outlet.show({ ...outlet.words(arrival, shows), roomId: arrival.roomId });
  }
}
