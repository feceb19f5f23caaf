// A matrix-js-sdk client as a person's device: signed in, with Rust crypto in memory, syncing.

import * as sdk from "matrix-js-sdk";
import { decodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api/index.js";

const DEADLINE_MS = 30_000;
const ENCRYPTION = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };

/** Waits until `condition` gives something true, and returns it; what was awaited is named if it never comes. */
export async function until(what, condition) {
  for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; await new Promise((go) => setTimeout(go, 50))) {
    const answer = await condition();
    if (answer) return answer;
  }
  throw new Error(`never happened: ${what}`);
}

export class Device {
  constructor(account, name) {
    this.account = account;
    this.name = name;
    this.recoveryKey = null;
  }

  /** Signs in as a new device and waits for the first sync. */
  static async signIn(account, name) {
    const device = new Device(account, name);
    const { base_url: baseUrl, user_id: user } = account;
    const answer = await sdk.createClient({ baseUrl }).loginRequest({
      type: "m.login.password",
      identifier: { type: "m.id.user", user },
      password: account.password,
      initial_device_display_name: name,
    });
    device.client = sdk.createClient({
      baseUrl,
      userId: answer.user_id,
      deviceId: answer.device_id,
      accessToken: answer.access_token,
      cryptoCallbacks: { getSecretStorageKey: async ({ keys }) => device.openedBy(keys) },
    });
    await device.client.initRustCrypto({ useIndexedDB: false });
    await device.client.startClient({ threadSupport: true });
    await until(`first sync of ${name}`, () => device.client.isInitialSyncComplete());
    return device;
  }

  get crypto() {
    return this.client.getCrypto();
  }

  openedBy(keys) {
    return this.recoveryKey === null ? null : [Object.keys(keys)[0], decodeRecoveryKey(this.recoveryKey)];
  }

  /** Makes the account's identity, secret storage and key backup; the recovery key opens them again. */
  async bootstrap() {
    await this.crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: (send) => this.authorised(send) });
    await this.crypto.bootstrapSecretStorage({
      setupNewKeyBackup: true,
      createSecretStorageKey: async () => {
        const key = await this.crypto.createRecoveryKeyFromPassphrase();
        this.recoveryKey = key.encodedPrivateKey;
        return key;
      },
    });
    await until("the account is set up", async () => (await this.trust()).secret_storage_ready);
  }

  /** Sends a request that may need the password again. */
  async authorised(send) {
    try {
      await send(null);
    } catch (refusal) {
      if (refusal.httpStatus !== 401 || !refusal.data?.session) throw refusal;
      const identifier = { type: "m.id.user", user: this.account.user_id };
      const { session } = refusal.data;
      await send({ type: "m.login.password", identifier, password: this.account.password, session });
    }
  }

  /** Opens the account's secrets on a new device by the recovery key, signs the device, and restores the backup. */
  async recover(recoveryKey) {
    this.recoveryKey = recoveryKey;
    await this.crypto.userHasCrossSigningKeys(this.account.user_id, true); // the SDK needs its own public keys first
    await this.crypto.bootstrapCrossSigning({});
    await this.crypto.loadSessionBackupPrivateKeyFromSecretStorage();
    await this.crypto.checkKeyBackupAndEnable();
    return this.crypto.restoreKeyBackup();
  }

  /** The ids of the account's devices. */
  async devices() {
    return (await this.client.getDevices()).devices.map((device) => device.device_id);
  }

  /** How many sessions the server keeps in the backup, once there are `count`. */
  async backedUp(count) {
    const { count: kept } = await this.client.http.authedRequest("GET", "/room_keys/version");
    return kept >= count && kept;
  }

  async trust() {
    return {
      cross_signing_ready: await this.crypto.isCrossSigningReady(),
      secret_storage_ready: await this.crypto.isSecretStorageReady(),
      backup_version: await this.crypto.getActiveSessionBackupVersion(),
    };
  }

  /** Whether this device sees the other as signed by its owner. */
  async seesAsSigned(other) {
    await this.crypto.getUserDeviceInfo([other.account.user_id], true);
    const status = await this.crypto.getDeviceVerificationStatus(other.account.user_id, other.client.getDeviceId());
    return status?.signedByOwner ?? false;
  }

  async createRoom(invited) {
    const invite = [invited.account.user_id];
    const room = { preset: "private_chat", name: "Ward 3", invite, initial_state: [ENCRYPTION] };
    const { room_id: roomId } = await this.client.createRoom(room);
    return roomId;
  }

  async join(roomId) {
    await until("the invitation", () => this.client.getRoom(roomId)?.getMyMembership() === "invite");
    await this.client.joinRoom(roomId);
  }

  async isReadyToTalk(roomId, memberCount) {
    const room = this.client.getRoom(roomId);
    return room?.getJoinedMemberCount() === memberCount && (await this.crypto.isEncryptionEnabledInRoom(roomId));
  }

  async say(roomId, text) {
    await this.client.sendTextMessage(roomId, text);
  }

  /** All messages of the room from the oldest on: `{sender, text}`, or `{sender, sealed: why}`. */
  async read(roomId) {
    const room = this.client.getRoom(roomId);
    await this.client.scrollback(room, 200);
    const events = room.getLiveTimeline().getEvents();
    await Promise.all(events.map((event) => event.getDecryptionPromise()));
    return events.filter((event) => ["m.room.message", "m.room.encrypted"].includes(event.getType())).map(asRead);
  }

  /** Waits until the device has read `count` messages of a room, all of them open. */
  async reads(roomId, count) {
    const open = async () => {
      const messages = await this.read(roomId);
      return messages.length >= count && messages.every((message) => "text" in message) && messages;
    };
    return until(`${this.name} reads ${count} messages`, open);
  }
}

function asRead(event) {
  const sender = event.getSender();
  return event.isDecryptionFailure() || event.getType() === "m.room.encrypted"
    ? { sender, sealed: event.decryptionFailureReason ?? "not decrypted" }
    : { sender, text: event.getContent().body };
}
