/** A device that the present password does not open, and the password of before. */
import { Cell } from "../../platform/value";

export type UnlockState = "asking" | "working" | "wrong" | "failed";

export class UnlockModel {
  readonly state = new Cell<UnlockState>("asking");

  constructor(private readonly unlockWith: (previous: string) => Promise<boolean>) {}

  async submit(previous: string): Promise<void> {
    if (this.state.get() === "working") return;
    this.state.set("working");
    try {
      this.state.set((await this.unlockWith(previous)) ? "asking" : "wrong");
    } catch {
      this.state.set("failed");
    }
  }
}
