/** The sign-in screen's states, and how one follows from another. */
import type { Credentials } from "../../matrix/credentials";
import { Refused, signIn, signInByToken, Unreachable } from "../../matrix/homeserver";
import { Cell } from "../../platform/value";
import type { SignInLink } from "./signInLink";

export type Trouble = { kind: "wrong" | "usedLink" | "unreachable" | "failed" } | { kind: "tooMany"; seconds: number };

export interface SignInState {
  isWorking: boolean;
  /** Whether nothing has to be typed, because a link was opened. */
  isByLink: boolean;
  trouble: Trouble | undefined;
}

export interface SignedIn {
  credentials: Credentials;
  password: string;
}

export class SignInModel {
  readonly state = new Cell<SignInState>({ isWorking: false, isByLink: false, trouble: undefined });

  constructor(
    private readonly homeserver: string,
    private readonly deviceName: string,
    private readonly signedIn: (signedIn: SignedIn) => void,
  ) {}

  async submit(number: string, password: string): Promise<void> {
    const asked = () => signIn(this.homeserver, number.trim(), password, this.deviceName);
    await this.work(asked, password, false);
  }

  async enter({ token, password }: SignInLink): Promise<void> {
    await this.work(() => signInByToken(this.homeserver, token, this.deviceName), password, true);
  }

  private async work(asked: () => Promise<Credentials>, password: string, isByLink: boolean): Promise<void> {
    if (this.state.get().isWorking) return;
    this.state.set({ isWorking: true, isByLink, trouble: undefined });
    try {
      this.signedIn({ credentials: await asked(), password });
      // Whoever signs out again finds the form as it was.
      this.state.set({ isWorking: false, isByLink: false, trouble: undefined });
    } catch (fault) {
      const trouble = troubleOf(fault);
      const isRefusedLink = isByLink && fault instanceof Refused && trouble.kind !== "tooMany";
      this.state.set({ isWorking: false, isByLink: false, trouble: isRefusedLink ? { kind: "usedLink" } : trouble });
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
