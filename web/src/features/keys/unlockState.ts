/** A device that the present password does not open, and what the person may have instead. */
import type { Unlocking } from "../../matrix/keys";
import { Cell, type Value } from "../../platform/value";

export type UnlockState = "asking" | "working" | "wrong" | "failed";

/** What opens a locked device, as the session has it. */
export interface Lock {
  knowsPassword: Value<boolean>;
  unlockWith(typed: string): Promise<Unlocking>;
  unlockWithCard(text: string): Promise<boolean>;
}

export class UnlockModel {
  readonly state = new Cell<UnlockState>("asking");

  constructor(private readonly lock: Lock) {}

  /** Whether the present password was given, so that the one before it is asked for. */
  get knowsPassword(): Value<boolean> {
    return this.lock.knowsPassword;
  }

  /** Return whether what was typed is needed no longer. */
  submit(typed: string): Promise<boolean> {
    return this.trying(async () => (await this.lock.unlockWith(typed)) !== "wrong");
  }

  submitCard(text: string): Promise<boolean> {
    return this.trying(() => this.lock.unlockWithCard(text));
  }

  /** Forget how the last attempt ended. */
  again(): void {
    if (this.state.get() !== "working") this.state.set("asking");
  }

  private async trying(attempt: () => Promise<boolean>): Promise<boolean> {
    if (this.state.get() === "working") return false;
    this.state.set("working");
    try {
      const isRight = await attempt();
      this.state.set(isRight ? "asking" : "wrong");
      return isRight;
    } catch (fault) {
      console.warn("the device could not be unlocked", fault);
      this.state.set("failed");
      return false;
    }
  }
}
