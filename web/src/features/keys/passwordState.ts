/** Changing the password, and giving the present one once more: the states of both forms. */
import { errcodeOf, refusalOf } from "../../matrix/refusal";
import { Cell } from "../../platform/value";

export type PasswordTrouble =
  | "wrong"
  | "tooShort"
  | "different"
  | "same"
  | "weak"
  | "tooMany"
  | "unreachable"
  | "failed";

export interface PasswordState {
  kind: "asking" | "working" | "done";
  trouble: PasswordTrouble | undefined;
}

export interface Change {
  present: string;
  next: string;
  again: string;
}

const SHORTEST = 8;
const ASKING: PasswordState = { kind: "asking", trouble: undefined };

export class PasswordModel {
  readonly state = new Cell<PasswordState>(ASKING);

  constructor(private readonly change: (present: string, next: string) => Promise<void>) {}

  /** Return whether the new password counts from now on. */
  async submit({ present, next, again }: Change): Promise<boolean> {
    if (this.state.get().kind === "working") return false;
    // Before the server is asked: refusals are counted.
    const fault = faultOf(present, next, again);
    if (fault !== undefined) return this.refused(fault);
    this.state.set({ kind: "working", trouble: undefined });
    try {
      await this.change(present, next);
      this.state.set({ kind: "done", trouble: undefined });
      return true;
    } catch (refusal) {
      return this.refused(troubleOf(refusal));
    }
  }

  again(): void {
    this.state.set(ASKING);
  }

  private refused(trouble: PasswordTrouble): false {
    this.state.set({ kind: "asking", trouble });
    return false;
  }
}

function faultOf(present: string, next: string, again: string): PasswordTrouble | undefined {
  // As the server counts: characters, of which some are two units here.
  if ([...next].length < SHORTEST) return "tooShort";
  if (next !== again) return "different";
  return next === present ? "same" : undefined;
}

const BY_ERRCODE: Record<string, PasswordTrouble> = {
  M_FORBIDDEN: "wrong",
  M_WEAK_PASSWORD: "weak",
  M_LIMIT_EXCEEDED: "tooMany",
};

export function troubleOf(refusal: unknown): PasswordTrouble {
  return BY_ERRCODE[errcodeOf(refusal) ?? ""] ?? (refusalOf(refusal) === "unreachable" ? "unreachable" : "failed");
}
