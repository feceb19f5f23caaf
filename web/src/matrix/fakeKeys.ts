/** A person's account and devices for the tests of keys, which crash wherever a test says. */
import type { HeldKeys } from "./heldKeys";
import { Keys } from "./keys";
import type { HeldSecrets } from "./rekey";
import {
  type AccountData,
  BACKUP,
  type Content,
  DEHYDRATION,
  IDENTITY,
  SecretStore,
  type Standing,
} from "./secretStore";

// What the hardness of a password costs is nothing that these tests are about.
const ITERATIONS = 10;

export class Refusal extends Error {}

/** What the server has; it stops at a step, before or after that has taken effect. */
export class FakeAccount implements AccountData {
  password = "present";
  identity: string | undefined;
  backup: string | undefined;
  crashAt = Number.POSITIVE_INFINITY;
  crashesLate = false;
  steps = 0;
  made = 0;
  private readonly contents = new Map<string, Content>();

  async get(type: string): Promise<Content | undefined> {
    return this.contents.get(type);
  }

  async set(type: string, content: Content): Promise<void> {
    await this.step(() => this.contents.set(type, content));
  }

  /** Take a step, which may be the one that crashes. */
  async step(effect: () => unknown): Promise<void> {
    const crashes = this.steps++ === this.crashAt;
    if (!crashes || this.crashesLate) effect();
    if (crashes) throw new Error("crash");
  }

  store(): SecretStore {
    return new SecretStore(this, ITERATIONS);
  }

  /** Somebody signs in on a device that nobody has used, or comes back to one. */
  async signIn(password: string | undefined, held = new FakeHeld(this)) {
    if (password !== undefined && password !== this.password) throw new Refusal();
    const store = this.store();
    held.store = store;
    const keys = new Keys(password);
    await keys.openAt({ store, held });
    // What goes on behind what the person waits for.
    await keys.card("").catch(() => undefined);
    return { keys, held };
  }
}

/** A device, which stays when its page is closed. */
export class FakeHeld implements HeldKeys {
  store: SecretStore | undefined;
  identity: string | undefined;
  backup: string | undefined;
  isSigned = false;
  readSince = 0;

  constructor(private readonly account: FakeAccount) {}

  async isReady(): Promise<boolean> {
    return this.isSigned && this.identity !== undefined && this.identity === this.account.identity;
  }

  async identify(): Promise<void> {
    const { account } = this;
    if (this.identity !== account.identity) this.identity = undefined;
    this.identity ??= await this.storedIdentity();
    if (this.identity === undefined) {
      const made = `identity ${account.made++}`;
      this.identity = made;
      await account.step(() => {
        account.identity = made;
      });
    }
    await account.step(() => {
      this.isSigned = true;
    });
  }

  async backUp(stored: Standing): Promise<void> {
    const { account } = this;
    if (account.backup !== undefined && stored === "readable") {
      const read = await this.store?.read(BACKUP);
      if (read === account.backup) this.backup = read;
    }
    if (this.backup !== undefined && this.backup === account.backup) return;
    if (account.backup !== undefined && stored === "sealed") return;
    const made = `backup ${account.made++}`;
    await account.step(() => {
      account.backup = made;
      this.backup = made;
    });
  }

  async secrets(): Promise<HeldSecrets> {
    const identity = Object.fromEntries(IDENTITY.map((name) => [name, `${this.identity}`]));
    return this.backup === undefined ? identity : { ...identity, [BACKUP]: this.backup };
  }

  async dehydrate({ isKeyStored }: { isKeyStored: boolean }): Promise<void> {
    const defaultKeyId = await this.store?.defaultKeyId();
    if (!isKeyStored && defaultKeyId) await this.store?.cover(DEHYDRATION, "dehydration", [defaultKeyId]);
  }

  async dehydrateAgain(): Promise<void> {}

  async unsaved(): Promise<number | undefined> {
    return this.backup === undefined ? undefined : 0;
  }

  async signsIn(password: string): Promise<boolean> {
    return password === this.account.password;
  }

  async setPassword(present: string, next: string): Promise<void> {
    if (present !== this.account.password) throw new Refusal();
    await this.account.step(() => {
      this.account.password = next;
    });
  }

  isRefusal(fault: unknown): boolean {
    return fault instanceof Refusal;
  }

  private async storedIdentity(): Promise<string | undefined> {
    const stored = await Promise.all(IDENTITY.map((name) => this.store?.read(name)));
    return stored.every((each) => each !== undefined && each === this.account.identity) ? stored[0] : undefined;
  }
}
