/** Who is at this device: nobody, somebody whose stores are being opened, or somebody at work. */
import { type Credentials, forgetCredentials, storeCredentials, storedCredentials } from "../matrix/credentials";
import type { Session } from "../matrix/session";
import { Cell, type Value } from "../platform/value";

export type AccessState =
  | { kind: "signedOut" }
  | { kind: "opening" }
  | { kind: "open"; session: Session }
  | { kind: "failed"; retry: () => void };

type Open = (credentials: Credentials, password: string | undefined) => Promise<Session>;

export class Access {
  readonly state: Value<AccessState>;
  private readonly cell = new Cell<AccessState>({ kind: "signedOut" });

  /** `open` brings the SDK along, which nobody needs before they are signed in. */
  constructor(
    private readonly storage: Storage,
    private readonly open: Open,
  ) {
    this.state = this.cell;
  }

  /** Go on as whoever was signed in here, if anybody was. */
  async resume(): Promise<void> {
    const credentials = storedCredentials(this.storage);
    if (credentials !== undefined) await this.enter(credentials, undefined);
  }

  async signedIn(credentials: Credentials, password: string): Promise<void> {
    storeCredentials(this.storage, credentials);
    await this.enter(credentials, password);
  }

  /** Let go of every store, so that another tab can open them. */
  async stop(): Promise<void> {
    const state = this.cell.get();
    if (state.kind === "open") await state.session.stop();
    this.cell.set({ kind: "signedOut" });
  }

  async signOut(): Promise<void> {
    const state = this.cell.get();
    if (state.kind === "open") await state.session.signOut();
    forgetCredentials(this.storage);
    this.cell.set({ kind: "signedOut" });
  }

  private async enter(credentials: Credentials, password: string | undefined): Promise<void> {
    this.cell.set({ kind: "opening" });
    try {
      this.cell.set({ kind: "open", session: await this.open(credentials, password) });
    } catch (fault) {
      console.error("the session could not be opened", fault);
      this.cell.set({ kind: "failed", retry: () => this.enter(credentials, password) });
    }
  }
}
