/** The states of the first sign-in, and how one follows from another. */
import { Refused } from "../../matrix/homeserver";
import { Cell } from "../../platform/value";
import { type Trouble, troubleOf } from "./signInState";

export type ActivateTrouble = Trouble | { kind: "tooShort" | "different" | "refusedCode" | "weak" };

export interface ActivateState {
  isWorking: boolean;
  trouble: ActivateTrouble | undefined;
}

export interface Activation {
  number: string;
  code: string;
  password: string;
  again: string;
}

type Activate = (number: string, code: string, password: string) => Promise<void>;

const SHORTEST = 8;

export class ActivateModel {
  readonly state = new Cell<ActivateState>({ isWorking: false, trouble: undefined });

  constructor(private readonly activate: Activate) {}

  /** Return whether the password counts from now on. */
  async submit({ number, code, password, again }: Activation): Promise<boolean> {
    if (this.state.get().isWorking) return false;
    // Before the server is asked: a code counts once, and refusals are counted.
    const fault = faultOf(password, again);
    this.state.set({ isWorking: fault === undefined, trouble: fault });
    if (fault !== undefined) return false;
    try {
      await this.activate(number.trim(), code.trim(), password);
      this.state.set({ isWorking: false, trouble: undefined });
      return true;
    } catch (refusal) {
      this.state.set({ isWorking: false, trouble: refusedBy(refusal) });
      return false;
    }
  }
}

/** Return what the link of a slip fills in. */
export function slipIn(place: string): { number: string; code: string } {
  const query = new URLSearchParams(place.split("?")[1] ?? "");
  return { number: query.get("number") ?? "", code: query.get("code") ?? "" };
}

function faultOf(password: string, again: string): ActivateTrouble | undefined {
  // As the server counts: characters, of which some are two units here.
  if ([...password].length < SHORTEST) return { kind: "tooShort" };
  return password === again ? undefined : { kind: "different" };
}

function refusedBy(refusal: unknown): ActivateTrouble {
  if (refusal instanceof Refused && refusal.errcode === "M_FORBIDDEN") return { kind: "refusedCode" };
  if (refusal instanceof Refused && refusal.errcode === "M_WEAK_PASSWORD") return { kind: "weak" };
  return troubleOf(refusal);
}
