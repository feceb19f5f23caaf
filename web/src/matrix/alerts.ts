/** What a locked device asks for: how much critical is unread, and nothing else. */
import { Cell, type Value } from "../platform/value";
import { ask } from "./homeserver";
import type { KnownPerson } from "./knownPeople";

export interface AlertState {
  critical: number;
  /** Whether the last request was answered: a screen that cannot ring says so. */
  isReachable: boolean;
}

interface Answer {
  position: number;
  critical: number;
}

const TIMEOUT_MS = 60_000;
const AGAIN_MS = 5_000;

export class Alerts {
  readonly state: Value<AlertState>;
  private readonly cell = new Cell<AlertState>({ critical: 0, isReachable: true });
  constructor(private readonly person: Pick<KnownPerson, "homeserver" | "lockToken">) {
    this.state = this.cell;
  }

  /** Ask until what this returns is called; without a token there is nothing that could be asked. */
  start(): () => void {
    const end = new AbortController();
    this.follow(end.signal).catch((fault) => console.warn("no alerts", fault));
    return () => end.abort();
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const { lockToken } = this.person;
    if (lockToken === undefined) return this.cell.set({ critical: 0, isReachable: false });
    let position: number | undefined;
    while (!signal.aborted) position = await this.next(lockToken, position, signal);
  }

  private async next(accessToken: string, after: number | undefined, signal: AbortSignal): Promise<number | undefined> {
    const query = new URLSearchParams({
      timeout: String(TIMEOUT_MS),
      ...(after !== undefined && { after: `${after}` }),
    });
    const path = `/_myelin/v1/alerts?${query}`;
    try {
      const answer = await ask<Answer>(this.person.homeserver, { method: "GET", path, accessToken, signal });
      this.cell.set({ critical: answer.critical, isReachable: true });
      return answer.position;
    } catch {
      if (signal.aborted) return after;
      this.cell.update((state) => ({ ...state, isReachable: false }));
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      return undefined;
    }
  }
}
