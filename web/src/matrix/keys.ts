/**
 * The person's secrets: identity (cross-signing), secret storage and key backup, set up and unlocked without a question.
 *
 * Secret storage is opened by a key derived from the sign-in password (`m.pbkdf2`), so signing in on a new device is
 * all that unlocking takes. The password is forgotten as soon as the keys are open.
 */
import { type MatrixClient, MatrixError, type UIAuthCallback } from "matrix-js-sdk";
import { type CryptoApi, type CryptoCallbacks, deriveRecoveryKeyFromPassphrase } from "matrix-js-sdk/lib/crypto-api";
import { SECRET_STORAGE_ALGORITHM_V1_AES, type SecretStorageKeyDescription } from "matrix-js-sdk/lib/secret-storage";
import { Cell } from "../platform/value";
import { rekey } from "./rekey";

/** `locked`: this device needs the previous password, an older device or the recovery card. */
export type KeysState = "opening" | "ready" | "locked";

type SecretStorageKey = [string, Uint8Array<ArrayBuffer>];

export class Keys {
  readonly state = new Cell<KeysState>("opening");
  private readonly opened = new Map<string, SecretStorageKey[1]>();
  private lastOpened = "";

  constructor(private password: string | undefined) {}

  readonly callbacks: CryptoCallbacks = {
    getSecretStorageKey: async ({ keys }) => this.known(keys) ?? (await this.derived(keys)),
    cacheSecretStorageKey: (keyId, _description, key) => void this.remember([keyId, key]),
  };

  /** Set up what is missing, or unlock what is there; afterwards this device is signed by its owner, or locked. */
  async open(client: MatrixClient): Promise<void> {
    const crypto = client.getCrypto();
    if (crypto === undefined) throw new Error("encryption has not been started");
    if (!(await crypto.isCrossSigningReady())) await this.unlock(client, crypto);
    const isReady = await crypto.isCrossSigningReady();
    // What was typed is needed once more where the device is locked: the secrets move to it as soon as they are open.
    if (isReady) this.password = undefined;
    this.state.set(isReady ? "ready" : "locked");
  }

  /** Open a locked device with the password of before, and let the present one open the next; false where it is wrong. */
  async unlockWith(client: MatrixClient, previous: string): Promise<boolean> {
    const crypto = client.getCrypto();
    const present = this.password;
    this.password = previous;
    const isOpened = crypto !== undefined && (await this.opens(client));
    this.password = present;
    if (!isOpened) return false;
    await this.unlockStored(crypto);
    if (present !== undefined) await this.moveTo(client, crypto, present);
    this.password = undefined;
    this.state.set("ready");
    return true;
  }

  /** Have a password open secret storage instead of the key that has opened it. */
  private async moveTo(client: MatrixClient, crypto: CryptoApi, password: string): Promise<void> {
    const { secretStorage } = client;
    const { privateKey: key, keyInfo } = await crypto.createRecoveryKeyFromPassphrase(password);
    const place = {
      addKey: async () => {
        const wishes = { key, ...(keyInfo?.passphrase && { passphrase: keyInfo.passphrase }) };
        const { keyId } = await secretStorage.addKey(SECRET_STORAGE_ALGORITHM_V1_AES, wishes);
        this.opened.set(keyId, key);
        return keyId;
      },
      get: (name: string) => secretStorage.get(name),
      store: (name: string, secret: string, keyIds: string[]) => secretStorage.store(name, secret, keyIds),
      setDefaultKeyId: (keyId: string) => secretStorage.setDefaultKeyId(keyId),
    };
    await rekey(place, this.lastOpened);
  }

  private async unlock(client: MatrixClient, crypto: CryptoApi): Promise<void> {
    if (this.password === undefined) return;
    // Without this query a second device fails to import the keys that the first has published.
    const isKnown = await crypto.userHasCrossSigningKeys(client.getSafeUserId(), true);
    const isStored = await client.secretStorage.hasKey();
    if (isKnown && isStored) return (await this.opens(client)) ? this.unlockStored(crypto) : undefined;
    // Published but stored nowhere: the first sign-in ended halfway, and nothing was encrypted to that identity yet.
    await this.setUp(client, crypto, isKnown);
  }

  /** Whether the password that was given opens secret storage; after a reset by IT it does not, which is no fault. */
  private async opens(client: MatrixClient): Promise<boolean> {
    const stored = await client.secretStorage.getKey();
    if (stored === null) return false;
    const [keyId, description] = stored;
    const key = await this.derived({ [keyId]: description });
    if (key !== null && (await client.secretStorage.checkKey(key[1], description))) return true;
    this.opened.delete(keyId);
    return false;
  }

  private async unlockStored(crypto: CryptoApi): Promise<void> {
    await crypto.bootstrapCrossSigning({});
    await crypto.loadSessionBackupPrivateKeyFromSecretStorage();
    await crypto.checkKeyBackupAndEnable();
  }

  private async setUp(client: MatrixClient, crypto: CryptoApi, isReset: boolean): Promise<void> {
    const { password } = this;
    await crypto.bootstrapCrossSigning({
      setupNewCrossSigning: isReset,
      authUploadDeviceSigningKeys: (upload) => confirmed(upload, client.getSafeUserId(), password),
    });
    await crypto.bootstrapSecretStorage({
      createSecretStorageKey: () => crypto.createRecoveryKeyFromPassphrase(password),
      setupNewKeyBackup: true,
    });
  }

  private async derived(keys: Record<string, SecretStorageKeyDescription>): Promise<SecretStorageKey | null> {
    for (const [keyId, { passphrase }] of Object.entries(keys)) {
      if (this.password === undefined || passphrase?.algorithm !== "m.pbkdf2") continue;
      const key = await deriveRecoveryKeyFromPassphrase(this.password, passphrase.salt, passphrase.iterations);
      return this.remember([keyId, key]);
    }
    return null;
  }

  private known(keys: Record<string, SecretStorageKeyDescription>): SecretStorageKey | undefined {
    return [...this.opened].find(([keyId]) => keyId in keys);
  }

  private remember(opened: SecretStorageKey): SecretStorageKey {
    this.opened.set(...opened);
    this.lastOpened = opened[0];
    return opened;
  }
}

/** Make a request that the server lets pass only with the person's password, where it asks for that. */
const confirmed = async (
  request: Parameters<UIAuthCallback<void>>[0],
  user: string,
  password: string | undefined,
): Promise<void> => {
  try {
    await request(null);
  } catch (refusal) {
    if (!(refusal instanceof MatrixError) || refusal.httpStatus !== 401) throw refusal;
    const { session } = refusal.data as { session?: string };
    await request({ type: "m.login.password", identifier: { type: "m.id.user", user }, password, session });
  }
};
