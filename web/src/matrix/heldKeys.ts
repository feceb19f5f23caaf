/** What this device holds of the person's keys, on the SDK: their identity, the backup of message keys, a dehydrated device. */
import { type AuthDict, ClientPrefix, type MatrixClient, MatrixError, Method } from "matrix-js-sdk";
import type { CryptoApi } from "matrix-js-sdk/lib/crypto-api";
import type { KeyBackupInfo } from "matrix-js-sdk/lib/crypto-api/keybackup";
import type { HeldSecrets } from "./rekey";
import { type AccountData, BACKUP, type Content, type Standing } from "./secretStore";

const DEHYDRATED_MS = 7 * 24 * 60 * 60_000;

/** The acts on this device that opening a person's keys consists of; each may be done again. */
export interface HeldKeys {
  /** Whether this device is signed by its owner and holds the identity. */
  isReady(): Promise<boolean>;
  /** Hold the identity: from the secret storage, else the one that this device has made, else a new one; sign this device. */
  identify(password: string): Promise<void>;
  /** Hold the key of the backup; make a new backup where nobody has the key of what is there. */
  backUp(stored: Standing): Promise<void>;
  secrets(): Promise<HeldSecrets>;
  /** Read what was sent while no device was there, where `isNew`; and leave a dehydrated device behind. */
  dehydrate(wishes: { isNew: boolean; isKeyStored: boolean }): Promise<void>;
  /** Leave a fresh dehydrated device behind, where this device's last is old. */
  dehydrateAgain(): Promise<void>;
  /** Whether somebody signs in with this password at present. */
  signsIn(password: string): Promise<boolean>;
  setPassword(present: string, next: string): Promise<void>;
  /** Whether the server has decided against it, so that nothing has changed. */
  isRefusal(fault: unknown): boolean;
  /** How many messages' keys this device alone has; nothing where it keeps no backup. */
  unsaved(): Promise<number | undefined>;
}

interface KeyCounting {
  roomKeyCounts(): Promise<{ total: number; backedUp: number }>;
}

export class SdkHeldKeys implements HeldKeys {
  private readonly crypto: CryptoApi;

  constructor(
    private readonly client: MatrixClient,
    private readonly storage: Storage,
  ) {
    const crypto = client.getCrypto();
    if (crypto === undefined) throw new Error("encryption has not been started");
    this.crypto = crypto;
  }

  async isReady(): Promise<boolean> {
    // Asks this device alone: `isCrossSigningReady` asks the server too, and there may be no network.
    return (await this.crypto.getCrossSigningKeyId()) !== null;
  }

  async identify(password: string): Promise<void> {
    const { crypto, client } = this;
    // Without this query a second device fails to import the keys that the first has published.
    await crypto.userHasCrossSigningKeys(client.getSafeUserId(), true);
    const authUploadDeviceSigningKeys = (upload: (auth: AuthDict | null) => Promise<void>) =>
      upload(confirmation(client, password));
    await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys });
    // Made here, and the crash came before they were published: nobody has seen them, so others are as good.
    if (!(await crypto.isCrossSigningReady())) {
      await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys, setupNewCrossSigning: true });
    }
    await this.signDevice();
  }

  async backUp(stored: Standing): Promise<void> {
    const { crypto } = this;
    const backup = await this.backupOnServer();
    const isHeld = backup !== undefined && (await crypto.isKeyBackupTrusted(backup)).matchesDecryptionKey;
    // Sealed, somebody may open it yet.
    const isLost = backup === undefined || stored === "absent";
    if (!isHeld && (isLost || (stored === "readable" && !(await this.loadBackupKey())))) await crypto.resetKeyBackup();
    await crypto.checkKeyBackupAndEnable();
  }

  async secrets(): Promise<HeldSecrets> {
    const bundle = await this.crypto.exportSecretsBundle?.();
    if (bundle === undefined) throw new Error("the SDK gives out no secrets");
    const { cross_signing: identity, backup } = bundle;
    return {
      "m.cross_signing.master": identity.master_key,
      "m.cross_signing.self_signing": identity.self_signing_key,
      "m.cross_signing.user_signing": identity.user_signing_key,
      ...(backup !== undefined && { [BACKUP]: backup.key }),
    };
  }

  async dehydrate({ isNew, isKeyStored }: { isNew: boolean; isKeyStored: boolean }): Promise<void> {
    if (!(await this.crypto.isDehydrationSupported())) return;
    await this.crypto.startDehydration({ rehydrate: isNew, createNewKey: !isKeyStored });
    this.storage.setItem(dehydratedAt(this.client.getSafeUserId()), String(Date.now()));
  }

  async dehydrateAgain(): Promise<void> {
    const ageMs = Date.now() - Number(this.storage.getItem(dehydratedAt(this.client.getSafeUserId())));
    if (ageMs < DEHYDRATED_MS || !(await this.crypto.isDehydrationSupported())) return;
    await this.crypto.startDehydration({ rehydrate: false, onlyIfKeyCached: true });
    this.storage.setItem(dehydratedAt(this.client.getSafeUserId()), String(Date.now()));
  }

  async signsIn(password: string): Promise<boolean> {
    const auth = confirmation(this.client, password);
    try {
      // Ends no session: the server only looks at the password.
      await this.client.deleteMultipleDevices([], auth);
      return true;
    } catch (refusal) {
      if (refusal instanceof MatrixError && refusal.httpStatus === 401) return false;
      throw refusal;
    }
  }

  async setPassword(present: string, next: string): Promise<void> {
    await this.client.setPassword(confirmation(this.client, present), next, false);
  }

  isRefusal(fault: unknown): boolean {
    const status = fault instanceof MatrixError ? fault.httpStatus : undefined;
    return status !== undefined && status >= 400 && status < 500;
  }

  async unsaved(): Promise<number | undefined> {
    if ((await this.crypto.getActiveSessionBackupVersion()) === null) return undefined;
    // The SDK counts, but says so only at the end of a round, and nothing before its first.
    const { olmMachine } = this.crypto as unknown as { olmMachine: KeyCounting };
    const { total, backedUp } = await olmMachine.roomKeyCounts();
    return total - backedUp;
  }

  /** Sign this device where that was forgotten by a crash: from unsigned devices nobody takes keys. */
  private async signDevice(): Promise<void> {
    const { client, crypto } = this;
    const deviceId = client.getDeviceId() ?? "";
    const status = await crypto.getDeviceVerificationStatus(client.getSafeUserId(), deviceId);
    if (!status?.signedByOwner) await crypto.crossSignDevice(deviceId);
  }

  /** Nothing where there is none; anything that keeps from knowing is thrown, because a backup is not replaced on a guess. */
  private async backupOnServer(): Promise<KeyBackupInfo | undefined> {
    try {
      const options = { prefix: ClientPrefix.V3 };
      return await this.client.http.authedRequest(Method.Get, "/room_keys/version", undefined, undefined, options);
    } catch (refusal) {
      if (refusal instanceof MatrixError && refusal.errcode === "M_NOT_FOUND") return undefined;
      throw refusal;
    }
  }

  /** False where what is stored is the key of another backup. */
  private async loadBackupKey(): Promise<boolean> {
    await this.crypto.checkKeyBackupAndEnable();
    try {
      await this.crypto.loadSessionBackupPrivateKeyFromSecretStorage();
      return true;
    } catch (fault) {
      if (fault instanceof Error && fault.name === "DecryptionKeyDoesNotMatchError") return false;
      throw fault;
    }
  }
}

export function forgetDehydration(storage: Storage, userId: string): void {
  storage.removeItem(dehydratedAt(userId));
}

function dehydratedAt(userId: string): string {
  return `myelin.dehydratedAt.${userId}`;
}

export function accountDataOf(client: MatrixClient): AccountData {
  return {
    get: async (type) => ((await client.getAccountDataFromServer(type as never)) as Content | null) ?? undefined,
    set: async (type, content) => void (await client.setAccountData(type as never, content as never)),
  };
}

/** What the server wants to see before it does what cannot be undone. */
export function confirmation(client: MatrixClient, password: string): AuthDict {
  return { type: "m.login.password", identifier: { type: "m.id.user", user: client.getSafeUserId() }, password };
}
