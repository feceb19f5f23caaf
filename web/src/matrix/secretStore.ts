/**
 * The person's secret storage (Matrix specification, "Secrets"), in which each secret lies under several keys at once.
 *
 * Which keys there are is read from what is stored, so a key that was added and opens nothing is nobody's concern. What
 * was opened is forgotten by `forget`; nothing here knows where the secrets come from, or when a password counts.
 */
import { deriveRecoveryKeyFromPassphrase } from "matrix-js-sdk/lib/crypto-api/key-passphrase";
import { calculateKeyCheck, SECRET_STORAGE_ALGORITHM_V1_AES } from "matrix-js-sdk/lib/secret-storage";
import decrypt from "matrix-js-sdk/lib/utils/decryptAESSecretStorageItem";
import encrypt from "matrix-js-sdk/lib/utils/encryptAESSecretStorageItem";
import { recordIn, textIn } from "./content";

export type Content = Record<string, unknown>;
export type SecretKey = Uint8Array<ArrayBuffer>;

/** What the server keeps for the person; what was set can be read as soon as `set` returns. */
export interface AccountData {
  get(type: string): Promise<Content | undefined>;
  set(type: string, content: Content): Promise<void>;
}

/** `sealed`: stored, and opened by none of the keys that are open. */
export type Standing = "absent" | "sealed" | "readable";

export const IDENTITY = ["m.cross_signing.master", "m.cross_signing.self_signing", "m.cross_signing.user_signing"];
export const BACKUP = "m.megolm_backup.v1";
export const DEHYDRATION = "org.matrix.msc3814";
/** The secret that holds the recovery card's key, and the name of that key. */
export const CARD = "org.myelin.card";
export const SECRETS: readonly string[] = [...IDENTITY, BACKUP, DEHYDRATION, CARD];

const DEFAULT_KEY = "m.secret_storage.default_key";
const ITERATIONS = 500_000;

export class SecretStore {
  private readonly opened = new Map<string, SecretKey>();

  constructor(
    private readonly accountData: AccountData,
    private readonly iterations = ITERATIONS,
  ) {}

  /** Return one of these keys, if it was opened. */
  openedAmong(keyIds: readonly string[]): [string, SecretKey] | undefined {
    return [...this.opened].find(([keyId]) => keyIds.includes(keyId));
  }

  async defaultKeyId(): Promise<string | undefined> {
    return textIn((await this.accountData.get(DEFAULT_KEY)) ?? {}, "key") || undefined;
  }

  async setDefault(keyId: string): Promise<void> {
    if ((await this.defaultKeyId()) !== keyId) await this.accountData.set(DEFAULT_KEY, { key: keyId });
  }

  /** Return the ids of the keys that secrets are stored under, the default first. */
  async keyIds(): Promise<readonly string[]> {
    const first = await this.defaultKeyId();
    const found = await Promise.all(SECRETS.map((name) => this.keyIdsOf(name)));
    return [...new Set([...(first === undefined ? [] : [first]), ...found.flat()])];
  }

  /** Return the keys that the recovery card has; another may be there after a crash. */
  cardKeyIds(): Promise<readonly string[]> {
    return this.keyIdsThat((description) => description.name === CARD);
  }

  passwordKeyIds(): Promise<readonly string[]> {
    return this.keyIdsThat((description) => recordIn(description, "passphrase").algorithm === "m.pbkdf2");
  }

  /** Whether the default key opens the identity and the backup: nothing of a first sign-in is missing. */
  async isComplete(): Promise<boolean> {
    const keyId = await this.defaultKeyId();
    const stored = await Promise.all([...IDENTITY, BACKUP].map((name) => this.keyIdsOf(name)));
    return keyId !== undefined && stored.every((keyIds) => keyIds.includes(keyId));
  }

  /** Return the id of the key that a password makes, if there is one and it opens what is stored. */
  async openWithPassword(password: string): Promise<string | undefined> {
    return this.openWith(async (description) => {
      const { algorithm, salt, iterations, bits } = recordIn(description, "passphrase");
      if (algorithm !== "m.pbkdf2" || typeof salt !== "string" || typeof iterations !== "number") return undefined;
      return deriveRecoveryKeyFromPassphrase(password, salt, iterations, typeof bits === "number" ? bits : 256);
    });
  }

  /** Return the id that a key goes by, if it opens what is stored; where `isPartial`, even if only some of it. */
  async openWithKey(key: SecretKey, isPartial = false): Promise<string | undefined> {
    return this.openWith(() => Promise.resolve(key), isPartial);
  }

  async addPassword(password: string): Promise<string> {
    const salt = randomText();
    const passphrase = { algorithm: "m.pbkdf2", iterations: this.iterations, salt };
    return this.add(await deriveRecoveryKeyFromPassphrase(password, salt, this.iterations), { passphrase });
  }

  async addCard(key: SecretKey): Promise<string> {
    return this.add(key, { name: CARD });
  }

  /** Return a secret; nothing where it is not stored, or no opened key opens it. */
  async read(name: string): Promise<string | undefined> {
    const entries = await this.entriesOf(name);
    const found = this.openedAmong(Object.keys(entries));
    if (found === undefined) return undefined;
    const [keyId, key] = found;
    return decrypt(recordIn(entries, keyId) as Parameters<typeof decrypt>[0], key, name);
  }

  /** Whether a secret is stored, and whether an opened key opens it. */
  async standingOf(name: string): Promise<Standing> {
    const keyIds = await this.keyIdsOf(name);
    if (keyIds.length === 0) return "absent";
    return this.openedAmong(keyIds) === undefined ? "sealed" : "readable";
  }

  /** Store a secret under these opened keys too; what other keys open of the same secret stays. */
  async cover(name: string, secret: string, keyIds: readonly string[]): Promise<void> {
    const stored = await this.read(name).catch(() => undefined);
    // Of another secret of that name nothing stays; whether it is another shows only where it can be read.
    const known = stored === undefined || stored === secret ? await this.entriesOf(name) : {};
    const missing = keyIds.filter((keyId) => !(keyId in known));
    if (missing.length === 0) return;
    const added = await Promise.all(missing.map((keyId) => encrypt(secret, this.key(keyId), name)));
    const encrypted = { ...known, ...Object.fromEntries(missing.map((keyId, at) => [keyId, added[at]])) };
    await this.accountData.set(name, { encrypted });
  }

  /** Forget a key for good, and whatever it alone opens. */
  async drop(keyId: string): Promise<void> {
    for (const name of SECRETS) {
      const { [keyId]: dropped, ...encrypted } = await this.entriesOf(name);
      if (dropped !== undefined) await this.accountData.set(name, { encrypted });
    }
    // Last: a key without a description could not be told from one of another client.
    await this.accountData.set(descriptionType(keyId), {});
    this.opened.delete(keyId);
  }

  /** Forget what was opened. */
  forget(): void {
    for (const key of this.opened.values()) key.fill(0);
    this.opened.clear();
  }

  private async openWith(keyFor: (description: Content) => Promise<SecretKey | undefined>, isPartial = false) {
    for (const keyId of await this.keyIds()) {
      const description = await this.description(keyId);
      const key = await keyFor(description);
      if (key === undefined || !(await fits(key, description))) continue;
      if (!isPartial && !(await this.opensAll(keyId))) continue;
      this.opened.set(keyId, key.slice());
      return keyId;
    }
    return undefined;
  }

  /** Of a change of the password that ended halfway, the new key may open only some of what is stored. */
  private async opensAll(keyId: string): Promise<boolean> {
    const stored = await Promise.all([...IDENTITY, BACKUP].map((name) => this.keyIdsOf(name)));
    return stored.every((keyIds) => keyIds.length === 0 || keyIds.includes(keyId));
  }

  private async add(key: SecretKey, about: Content): Promise<string> {
    const { iv, mac } = await calculateKeyCheck(key);
    const keyId = randomText();
    await this.accountData.set(descriptionType(keyId), {
      algorithm: SECRET_STORAGE_ALGORITHM_V1_AES,
      ...about,
      iv,
      mac,
    });
    this.opened.set(keyId, key);
    return keyId;
  }

  private async keyIdsThat(holds: (description: Content) => boolean): Promise<readonly string[]> {
    const keyIds = await this.keyIds();
    const descriptions = await Promise.all(keyIds.map((keyId) => this.description(keyId)));
    return keyIds.filter((_, at) => holds(descriptions[at] ?? {}));
  }

  private key(keyId: string): SecretKey {
    const key = this.opened.get(keyId);
    if (key === undefined) throw new Error("this key of the secret storage was not opened");
    return key;
  }

  private async description(keyId: string): Promise<Content> {
    return (await this.accountData.get(descriptionType(keyId))) ?? {};
  }

  private async entriesOf(name: string): Promise<Content> {
    return recordIn((await this.accountData.get(name)) ?? {}, "encrypted");
  }

  private async keyIdsOf(name: string): Promise<string[]> {
    return Object.keys(await this.entriesOf(name));
  }
}

function descriptionType(keyId: string): string {
  return `m.secret_storage.key.${keyId}`;
}

async function fits(key: SecretKey, description: Content): Promise<boolean> {
  const [iv, mac] = [textIn(description, "iv"), textIn(description, "mac")];
  if (iv === "" || mac === "") return false;
  return trimmed((await calculateKeyCheck(key, iv)).mac) === trimmed(mac);
}

function trimmed(base64: string): string {
  return base64.replace(/={0,2}$/, "");
}

function randomText(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
