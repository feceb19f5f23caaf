/** The states of unlocking: whose desk, by PIN or password, what was wrong. */
import { type Opened, openByPassword, openByPin } from "../../matrix/deviceLock";
import type { KnownPerson } from "../../matrix/knownPeople";
import type { StoreKey } from "../../matrix/storeKey";
import { Cell } from "../../platform/value";
import { PIN_DIGITS } from "./pin";

export type LockTrouble =
  | { kind: "wrongPin"; triesLeft: number }
  | { kind: "wrongPassword" | "gone" | "unreachable" | "tooSoon" | "noPassword" | "failed" };

export interface LockState {
  person: KnownPerson | undefined;
  means: "pin" | "password";
  pin: string;
  isWorking: boolean;
  trouble: LockTrouble | undefined;
}

type Unlocked = (person: KnownPerson, storeKey: StoreKey, password: string | undefined) => Promise<void>;

/** How a person's store is opened; replaced in tests. */
export interface Means {
  pin(person: KnownPerson, pin: string): Promise<Opened>;
  password(person: KnownPerson, password: string): Promise<Opened>;
}

const MEANS: Means = {
  pin: openByPin,
  password: async ({ byPassword }, password) =>
    byPassword === undefined ? { refused: "gone" } : openByPassword(byPassword, password),
};

export class LockModel {
  readonly state: Cell<LockState>;

  constructor(
    person: KnownPerson | undefined,
    private readonly unlocked: Unlocked,
    private readonly means: Means = MEANS,
  ) {
    this.state = new Cell(asking(person));
  }

  choose(person: KnownPerson | undefined): void {
    if (!this.state.get().isWorking) this.state.set(asking(person));
  }

  press(digit: string): void {
    const { isWorking, pin, means, person } = this.state.get();
    if (isWorking || means !== "pin" || person === undefined) return;
    const typed = pin + digit;
    this.state.update((state) => ({ ...state, pin: typed, trouble: undefined }));
    if (typed.length === PIN_DIGITS) this.tryPin(person, typed);
  }

  erase(): void {
    if (!this.state.get().isWorking) this.state.update((state) => ({ ...state, pin: state.pin.slice(0, -1) }));
  }

  askPassword(): void {
    this.state.update((state) => ({ ...state, means: "password", pin: "", trouble: undefined }));
  }

  askPin(): void {
    this.state.update((state) => ({ ...state, means: "pin", trouble: undefined }));
  }

  async submitPassword(password: string): Promise<void> {
    const { person, isWorking } = this.state.get();
    if (person === undefined || isWorking) return;
    await this.attempt(person, password, () => this.means.password(person, password));
  }

  private async tryPin(person: KnownPerson, pin: string): Promise<void> {
    await this.attempt(person, undefined, () => this.means.pin(person, pin));
  }

  private async attempt(person: KnownPerson, password: string | undefined, open: () => Promise<Opened>): Promise<void> {
    this.state.update((state) => ({ ...state, isWorking: true, trouble: undefined }));
    const opened = await open().catch((fault): Opened | undefined => void console.error("not unlocked", fault));
    if (opened !== undefined && "storeKey" in opened) return this.unlocked(person, opened.storeKey, password);
    this.state.update((state) => refused(state, opened));
  }
}

function asking(person: KnownPerson | undefined): LockState {
  const means = person?.byPin === undefined ? "password" : "pin";
  return { person, means, pin: "", isWorking: false, trouble: undefined };
}

function refused(state: LockState, opened: Exclude<Opened, { storeKey: StoreKey }> | undefined): LockState {
  const again: LockState = { ...state, pin: "", isWorking: false, trouble: { kind: "failed" } };
  if (opened === undefined) return again;
  if (state.means === "password") {
    return { ...again, trouble: { kind: opened.refused === "gone" ? "noPassword" : "wrongPassword" } };
  }
  if (opened.refused === "wrong") return { ...again, trouble: { kind: "wrongPin", triesLeft: opened.triesLeft ?? 0 } };
  // Without a network, and after too many tries, the password is what is left.
  const means = opened.refused === "tooSoon" ? "pin" : "password";
  return { ...again, means, trouble: { kind: opened.refused } };
}
