/** Signing out, which waits until nothing would be lost with this device. */
import { Cell } from "../../platform/value";

/** `unsafe`: this device keeps no backup, so that what only it can read is lost. */
export type LeaveState =
  | { kind: "asking" | "leaving" | "unsafe" | "failed" }
  | { kind: "saving"; left: number; isWarned: boolean };

interface Leaving {
  unsaved: () => Promise<number | undefined>;
  signOut: () => Promise<void>;
  wait: () => Promise<void>;
}

export class LeaveModel {
  readonly state = new Cell<LeaveState>({ kind: "asking" });
  private round = 0;

  constructor(private readonly leaving: Leaving) {}

  /** Sign out as soon as everything is saved. */
  async leave(): Promise<void> {
    this.round += 1;
    const { round } = this;
    for (;;) {
      const left = await this.leaving.unsaved().catch(() => undefined);
      if (round !== this.round) return;
      if (left === undefined) return this.state.set({ kind: "unsafe" });
      if (left <= 0) return this.leaveAnyway();
      this.state.update((state) => ({ kind: "saving", left, isWarned: state.kind === "saving" && state.isWarned }));
      await this.leaving.wait();
      if (round !== this.round) return;
    }
  }

  /** Say what would be lost, before somebody who is in a hurry leaves all the same. */
  warn(): void {
    this.state.update((state) => (state.kind === "saving" ? { ...state, isWarned: true } : state));
  }

  async leaveAnyway(): Promise<void> {
    this.round += 1;
    this.state.set({ kind: "leaving" });
    try {
      await this.leaving.signOut();
    } catch {
      this.state.set({ kind: "failed" });
    }
  }

  stay(): void {
    this.round += 1;
    this.state.set({ kind: "asking" });
  }
}
