/** The sign-in screen's states, and how one follows from another. */
import type { Credentials } from "../../matrix/credentials";
import { Refused, signIn, Unreachable } from "../../matrix/homeserver";
import { Cell } from "../../platform/value";

export type Trouble = { kind: "wrong" | "unreachable" | "failed" } | { kind: "tooMany"; seconds: number };

export interface SignInState {
  isWorking: boolean;
  trouble: Trouble | undefined;
}

export interface SignedIn {
  credentials: Credentials;
  password: string;
}

export class SignInModel {
  readonly state = new Cell<SignInState>({ isWorking: false, trouble: undefined });

  constructor(
    private readonly homeserver: string,
    private readonly deviceName: string,
    private readonly signedIn: (signedIn: SignedIn) => void,
  ) {}

  async submit(number: string, password: string): Promise<void> {
    if (this.state.get().isWorking) return;
    this.state.set({ isWorking: true, trouble: undefined });
    try {
      const credentials = await signIn(this.homeserver, number.trim(), password, this.deviceName);
      this.signedIn({ credentials, password });
    } catch (fault) {
      this.state.set({ isWorking: false, trouble: troubleOf(fault) });
    }
  }
}

export function troubleOf(fault: unknown): Trouble {
  if (fault instanceof Unreachable) return { kind: "unreachable" };
  if (!(fault instanceof Refused)) return { kind: "failed" };
  if (fault.errcode === "M_FORBIDDEN") return { kind: "wrong" };
  if (fault.errcode !== "M_LIMIT_EXCEEDED") return { kind: "failed" };
  return { kind: "tooMany", seconds: Math.ceil((fault.retryAfterMs ?? 1000) / 1000) };
}
