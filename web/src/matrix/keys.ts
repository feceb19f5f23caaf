/**
 * The person's secrets: identity (cross-signing), secret storage and key backup, set up and unlocked without a question.
 *
 * Secret storage is opened by a key derived from the sign-in password (`m.pbkdf2`), so signing in on a new device is
 * all that unlocking takes. The password is forgotten as soon as the keys are open.
 */
import { type MatrixClient, MatrixError, type UIAuthCallback } from "matrix-js-sdk";
import { type CryptoApi, type CryptoCallbacks, deriveRecoveryKeyFromPassphrase } from "matrix-js-sdk/lib/crypto-api";
import type { SecretStorageKeyDescription } from "matrix-js-sdk/lib/secret-storage";
import { Cell } from "../platform/value";

/** `locked`: this device needs the previous password, an older device or the recovery card. */
export type KeysState = "opening" | "ready" | "locked";

type SecretStorageKey = [string, Uint8Array<ArrayBuffer>];

export class Keys {
  readonly state = new Cell<KeysState>("opening");
  private opened: SecretStorageKey | undefined;

  constructor(private password: string | undefined) {}

  readonly callbacks: CryptoCallbacks = {
    getSecretStorageKey: async ({ keys }) => this.opened ?? (await this.derived(keys)),
    cacheSecretStorageKey: (keyId, _description, key) => {
      this.opened = [keyId, key];
    },
  };

  /** Set up what is missing, or unlock what is there; afterwards this device is signed by its owner, or locked. */
  async open(client: MatrixClient): Promise<void> {
    const crypto = client.getCrypto();
    if (crypto === undefined) throw new Error("encryption has not been started");
    if (!(await crypto.isCrossSigningReady())) await this.unlock(client, crypto);
    this.password = undefined;
    this.state.set((await crypto.isCrossSigningReady()) ? "ready" : "locked");
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
    this.opened = undefined;
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
      this.opened = [keyId, key];
      return this.opened;
    }
    return null;
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
