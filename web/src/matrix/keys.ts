/**
 * The person's secrets: identity (cross-signing), secret storage and key backup, set up and unlocked without a question.
 *
 * Secret storage is opened by a key derived from the sign-in password (`m.pbkdf2`), so signing in on a new device is
 * all that unlocking takes. What was typed, and the keys made from it, are forgotten as soon as everything is done.
 * In which order secrets move is in `rekey`, what the steps are in `secretStore` and `heldKeys`; here is which are due.
 */
import type { MatrixClient } from "matrix-js-sdk";
import type { CryptoCallbacks } from "matrix-js-sdk/lib/crypto-api";
import { Cell } from "../platform/value";
import { cardKey } from "./card";
import { accountDataOf, type HeldKeys, SdkHeldKeys } from "./heldKeys";
import { changePassword, type HeldSecrets, replaceCard, settle } from "./rekey";
import { BACKUP, CARD, DEHYDRATION, SecretStore } from "./secretStore";

/** `locked`: this device needs a password, an older device or the recovery card. */
export type KeysState = "opening" | "ready" | "locked";

/** `confirmed`: this is the present password, and the one before it is needed too. */
export type Unlocking = "opened" | "confirmed" | "wrong";

/** Where the person's keys are: in secret storage, and on this device. */
export interface Places {
  store: SecretStore;
  held: HeldKeys;
}

const AGAIN_MS = 5_000;
const ARRIVAL_MS = 500;
const ARRIVALS = 120;

export class Keys {
  readonly state = new Cell<KeysState>("opening");
  /** Whether the present password is known; a locked device asks for it first where it is not. */
  readonly knowsPassword: Cell<boolean>;
  /** Whether everything is open here, but the present password would not open it on the next device. */
  readonly wantsPassword = new Cell(false);
  /** Told of a password that the person has just set: other things on this device are opened by it too. */
  passwordChanged: (password: string) => Promise<void> = async () => undefined;
  /** What the recovery card says, while it has just been made and nobody has been asked about it. */
  readonly freshCard = new Cell<string | undefined>(undefined);
  private places: Places | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private isStopped = false;
  private acting: Promise<unknown> = Promise.resolve();
  private actsDue = 0;

  constructor(private password: string | undefined) {
    this.knowsPassword = new Cell(password !== undefined);
  }

  readonly callbacks: CryptoCallbacks = {
    getSecretStorageKey: async ({ keys }) => this.places?.store.openedAmong(Object.keys(keys)) ?? null,
  };

  /** Set up what is missing, or unlock what is there; afterwards this device is signed by its owner, or locked. */
  async open(client: MatrixClient): Promise<void> {
    await this.openAt({ store: new SecretStore(accountDataOf(client)), held: new SdkHeldKeys(client, localStorage) });
  }

  async openAt(places: Places): Promise<void> {
    this.places = places;
    const { password } = this;
    try {
      await this.alone(() => (password === undefined ? this.resume(places) : this.begin(places, password)));
    } catch (fault) {
      if (this.isStopped) return;
      // Every step may be done again, and reading goes on meanwhile.
      console.warn("the keys could not be opened yet", fault);
      this.retry = setTimeout(() => this.openAt(places), AGAIN_MS);
    }
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.retry);
    this.password = undefined;
    this.freshCard.set(undefined);
    this.places?.store.forget();
  }

  /** Open a locked device with a password that was typed: the present one, or the one before it. */
  unlockWith(typed: string): Promise<Unlocking> {
    return this.alone(async ({ store, held }) => {
      const keyId = await store.openWithPassword(typed);
      const isPresent = !this.knowsPassword.get() && (await held.signsIn(typed));
      if (isPresent) this.know(typed);
      if (keyId === undefined && !isPresent) return "wrong";
      // Where nothing was stored there is nothing to unlock, but a first sign-in to complete.
      if (keyId === undefined && (await store.defaultKeyId()) !== undefined) return "confirmed";
      await this.enter(isPresent ? keyId : undefined, typed);
      return "opened";
    });
  }

  /** Open a locked device with what was typed from a recovery card, or scanned; false where it is none of the person's. */
  unlockWithCard(text: string): Promise<boolean> {
    return this.alone(async ({ store }) => {
      const key = cardKey(text);
      if (key === undefined || (await store.openWithKey(key)) === undefined) return false;
      await this.enter(undefined, this.password ?? "");
      return true;
    });
  }

  /** Go on after another device of the person has signed this one: the secrets are on their way from it. */
  unlockedByDevice(): Promise<void> {
    return this.alone(async ({ held }) => {
      for (let waited = 0; !(await hasArrived(held)); waited += 1) {
        if (waited === ARRIVALS || this.isStopped) throw new Error("the other device has sent no keys");
        await new Promise((resolve) => setTimeout(resolve, ARRIVAL_MS));
      }
      await held.backUp("sealed");
      await this.bound(undefined, true);
    });
  }

  /** Have the present password open everything on the next device; false where it is not the present one. */
  bind(password: string): Promise<boolean> {
    return this.alone(async ({ store, held }) => {
      if (!(await held.signsIn(password))) return false;
      this.know(password);
      const keyId = await store.openWithPassword(password);
      await held.backUp(await store.standingOf(BACKUP));
      await this.bound(keyId, false);
      return true;
    });
  }

  /** The present password is given another time, or never: nothing waits for it any more. */
  postpone(): void {
    this.wantsPassword.set(false);
    if (this.actsDue === 0) this.forget();
  }

  /** Change the password; throws what the server refuses, and then the present one counts as before. */
  changePassword(present: string, next: string): Promise<void> {
    return this.alone(async ({ store, held }) => {
      const change = () => held.setPassword(present, next);
      const isRefusal = (fault: unknown) => held.isRefusal(fault);
      await changePassword(store, await held.secrets(), { present, next, change, isRefusal });
      this.wantsPassword.set(false);
      await this.passwordChanged(next);
    });
  }

  /** Return what the recovery card says; `lost` where only the card itself could tell. */
  card(password: string): Promise<string | "wrong" | "lost"> {
    return this.alone(async ({ store }) => {
      const keyId = await store.openWithPassword(password);
      return keyId === undefined ? "wrong" : ((await store.read(CARD)) ?? "lost");
    });
  }

  /** Return what a new card says, before which no other opens anything; nothing where the password is wrong. */
  newCard(password: string): Promise<string | undefined> {
    return this.alone(async ({ store, held }) => {
      if (!(await held.signsIn(password))) return undefined;
      await replaceCard(store, await held.secrets(), password);
      return store.read(CARD);
    });
  }

  /** How many messages' keys would be lost with this device; nothing where it keeps no backup. */
  async unsaved(): Promise<number | undefined> {
    return this.opened.held.unsaved();
  }

  /** Nobody has typed anything: the device goes on as it was left. */
  private async resume({ store, held }: Places): Promise<void> {
    const isReady = await held.isReady();
    this.state.set(isReady ? "ready" : "locked");
    if (!isReady) return;
    // A first sign-in, or an unlocking, that ended halfway on this device.
    this.wantsPassword.set(!(await store.isComplete()));
    held.dehydrateAgain().catch((fault) => console.warn("the dehydrated device could not be renewed", fault));
  }

  /** Somebody has just signed in. */
  private async begin({ store, held }: Places, password: string): Promise<void> {
    const keyId = await store.openWithPassword(password);
    const isLocked = keyId === undefined && (await store.defaultKeyId()) !== undefined && !(await held.isReady());
    if (isLocked) return this.state.set("locked");
    // Of a change of the password that ended halfway: what the SDK stores, it stores under the default.
    if (keyId !== undefined) await store.setDefault(keyId);
    await this.enter(keyId, password);
  }

  /** Take possession of the identity, from secret storage where a key opens it; `keyId` is the present password's. */
  private async enter(keyId: string | undefined, password: string): Promise<void> {
    const { store, held } = this.opened;
    await held.identify(password);
    await held.backUp(await store.standingOf(BACKUP));
    await this.bound(keyId, true);
  }

  /** Have the present password and the card open everything, if the password is known; then nothing more is needed. */
  private async bound(keyId: string | undefined, isNew: boolean): Promise<void> {
    const { store, held } = this.opened;
    const hadCard = (await store.cardKeyIds()).length > 0;
    const present = await this.presentKeyId(keyId);
    if (present !== undefined) await settle(store, await held.secrets(), present);
    this.wantsPassword.set(present === undefined);
    if (!hadCard) this.freshCard.set(await store.read(CARD));
    this.state.set("ready");
    // Nobody waits for this one.
    void this.alone(() => this.dehydrate(present, isNew));
  }

  private async presentKeyId(keyId: string | undefined): Promise<string | undefined> {
    const { store } = this.opened;
    if (keyId !== undefined || this.password === undefined) return keyId;
    return (await store.openWithPassword(this.password)) ?? (await store.addPassword(this.password));
  }

  /** Read what was sent while no device was there, and prepare for the next such time. */
  private async dehydrate(present: string | undefined, isNew: boolean): Promise<void> {
    const { store, held } = this.opened;
    try {
      await held.dehydrate({ isNew, isKeyStored: (await store.standingOf(DEHYDRATION)) === "readable" });
      if (present !== undefined) await settle(store, await held.secrets(), present);
    } catch (fault) {
      console.warn("no dehydrated device could be left behind", fault);
    }
  }

  private get opened(): Places {
    if (this.places === undefined) throw new Error("the keys have not been opened");
    return this.places;
  }

  private know(password: string): void {
    this.password = password;
    this.knowsPassword.set(true);
  }

  /** Do one thing after the other; after the last nothing stays open, and a locked device keeps only what was typed. */
  private async alone<T>(act: (places: Places) => Promise<T>): Promise<T> {
    this.actsDue += 1;
    const done = this.acting.then(() => act(this.opened));
    this.acting = done.catch(() => undefined);
    try {
      return await done;
    } finally {
      this.actsDue -= 1;
      if (this.actsDue === 0) this.forget();
    }
  }

  private forget(): void {
    if (this.state.get() === "ready") this.password = undefined;
    // What opened this device moves to the present password as soon as that is given.
    if (!this.wantsPassword.get()) this.places?.store.forget();
  }
}

async function hasArrived(held: HeldKeys): Promise<boolean> {
  const nothing: HeldSecrets = {};
  return (await held.isReady()) && (await held.secrets().catch(() => nothing))[BACKUP] !== undefined;
}
