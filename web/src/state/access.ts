/**
 * Who is at this device: nobody, somebody whose stores are being opened, somebody at work, or nobody for the moment.
 *
 * Locked, the page holds no key: it was loaded anew, and what opens a store must be typed. Nobody is signed out by that.
 */
import type { Credentials } from "../matrix/credentials";
import { newcomer } from "../matrix/deviceLock";
import type { KnownPeople, KnownPerson } from "../matrix/knownPeople";
import type { Ending, Session } from "../matrix/session";
import { isStation } from "../matrix/station";
import { StoreKey } from "../matrix/storeKey";
import { unseal } from "../platform/sealing";
import { Cell, type Value } from "../platform/value";

export type AccessState =
  | { kind: "signedOut"; others: readonly KnownPerson[] }
  | { kind: "locked"; people: readonly KnownPerson[]; last: KnownPerson | undefined }
  | { kind: "opening" }
  | { kind: "open"; session: Session }
  | { kind: "failed"; retry: () => void };

/** What of the browser and of the SDK is used; the SDK nobody needs before they are signed in. */
export interface Surroundings {
  open(credentials: Credentials, password: string | undefined, storeKey: StoreKey): Promise<Session>;
  /** Delete what a person's device has stored here. */
  deleteStores(userId: string): Promise<void>;
  /** Forget what is painted before the SDK has come. */
  forgetPainted(): void;
  /** Wait until nothing that was typed would be lost. */
  settle(): Promise<void>;
  reload(): void;
}

export class Access {
  readonly state: Value<AccessState>;
  /** Why somebody who was signed in is not any more. */
  readonly farewell = new Cell<Ending | undefined>(undefined);
  private readonly cell = new Cell<AccessState>({ kind: "signedOut", others: [] });

  constructor(
    private readonly people: KnownPeople,
    private readonly around: Surroundings,
  ) {
    this.state = this.cell;
  }

  /** Go on as whoever was signed in here, if anybody was; where something must be typed first, ask for it. */
  async resume(): Promise<void> {
    if (this.people.present !== undefined) this.cell.set({ kind: "opening" });
    try {
      await this.goOn();
    } catch (fault) {
      console.error("what is stored here cannot be read", fault);
      this.cell.set({ kind: "failed", retry: () => this.resume() });
    }
  }

  private async goOn(): Promise<void> {
    const everybody = await this.people.all();
    const person = everybody.find(({ userId }) => userId === this.people.present);
    const byDevice = person !== undefined && opensByItself(person, everybody.length > 1) ? person.byDevice : undefined;
    const storeKey = byDevice && (await StoreKey.unwrapped(byDevice.key, byDevice.sealed));
    if (person === undefined || storeKey === undefined) return this.ask(person);
    await this.enter(person, storeKey, undefined);
  }

  /** Open the desk of somebody whose store key has just been opened. */
  async unlocked(person: KnownPerson, storeKey: StoreKey, password: string | undefined): Promise<void> {
    const { userId, byPin, byDevice } = person;
    // A station's computer: it rings no more while somebody works on it herself.
    await this.stopOpen();
    this.people.present = userId;
    // Without a PIN the browser opens this desk by itself again, until it is locked the next time.
    if (byPin === undefined && byDevice === undefined) await this.people.openByDevice(userId, storeKey);
    await this.enter(person, storeKey, password);
  }

  async signedIn(credentials: Credentials, password: string): Promise<void> {
    const { userId } = credentials;
    this.cell.set({ kind: "opening" });
    // A device that was here before and could not be opened: its store would not fit the new one.
    if ((await this.people.get(userId)) !== undefined) await this.around.deleteStores(userId);
    const storeKey = await StoreKey.fresh();
    const person = await newcomer(credentials, userId, storeKey);
    await this.people.put(person);
    this.people.present = userId;
    await this.enter(person, storeKey, password);
  }

  /** The people who have a desk here, stations left out. */
  async others(): Promise<readonly KnownPerson[]> {
    return (await this.people.all()).filter(({ userId }) => !isStation(userId));
  }

  /** Lock this desk; false where nothing would open it again. On a station's computer the station goes on. */
  async lock(): Promise<boolean> {
    const state = this.cell.get();
    if (state.kind !== "open" || !(await state.session.lock.close())) return false;
    const station = (await this.people.all()).find(({ userId }) => isStation(userId));
    if (station !== undefined) this.people.present = station.userId;
    this.around.forgetPainted();
    try {
      await this.around.settle();
      await state.session.stop();
    } finally {
      // What was in memory is gone for good, whatever failed before: the page begins anew, and asks.
      this.around.reload();
    }
    return true;
  }

  /** Let somebody sign in who has no device here. */
  async someoneElse(): Promise<void> {
    await this.stopOpen();
    this.cell.set({ kind: "signedOut", others: await this.people.all() });
  }

  /** Let go of every store, so that another tab can open them. */
  async stop(): Promise<void> {
    await this.stopOpen();
    this.cell.set({ kind: "signedOut", others: [] });
  }

  private async stopOpen(): Promise<void> {
    const state = this.cell.get();
    if (state.kind === "open") await state.session.stop();
  }

  /** The server has ended this session: nothing of it stays here, unless it may go on after signing in again. */
  private async ended(session: Session, ending: Ending): Promise<void> {
    const state = this.cell.get();
    if (state.kind !== "open" || state.session !== session) return;
    this.farewell.set(ending);
    if (ending === "expired") return this.someoneElse();
    await session.forget();
  }

  async signOut(): Promise<void> {
    const state = this.cell.get();
    if (state.kind === "open") await state.session.signOut();
  }

  /** Forget somebody whose session is over, by their own will or that of another device. */
  private async left(userId: string): Promise<void> {
    await this.people.forget(userId);
    await this.ask(undefined);
  }

  private async ask(last: KnownPerson | undefined): Promise<void> {
    const people = await this.people.all();
    this.cell.set(people.length === 0 ? { kind: "signedOut", others: [] } : { kind: "locked", people, last });
  }

  private async enter(person: KnownPerson, storeKey: StoreKey, password: string | undefined): Promise<void> {
    this.cell.set({ kind: "opening" });
    this.farewell.set(undefined);
    try {
      const accessToken = await unseal(storeKey.key, person.accessToken);
      if (accessToken === undefined) throw new Error("the token of this device does not open");
      const credentials = { ...person, accessToken: new TextDecoder().decode(accessToken) };
      const session = await this.around.open(credentials, password, storeKey);
      session.connection.subscribe(() => {
        if (session.connection.get() === "signedOut") this.left(person.userId);
      });
      this.cell.set({ kind: "open", session });
      this.followEnding(session);
    } catch (fault) {
      console.error("the session could not be opened", fault);
      this.cell.set({ kind: "failed", retry: () => this.enter(person, storeKey, password) });
    }
  }

  private followEnding(session: Session): void {
    const look = () => {
      const ending = session.ending.get();
      if (ending !== undefined) this.ended(session, ending).catch(console.error);
    };
    session.ending.subscribe(look);
    look();
  }
}

/** Whether the browser may open this desk without a question: where others use it too, only a station's. */
function opensByItself({ userId, byPassword }: KnownPerson, isShared: boolean): boolean {
  return isStation(userId) || !isShared || byPassword === undefined;
}
