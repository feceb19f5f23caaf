/**
 * One signed-in device: the SDK's client, its stores, and the order in which they start and stop.
 *
 * Order of the start: the stored list is read (so that a list can be painted before the network answers), encryption
 * opens its store, syncing begins, and only then is the person's identity set up or unlocked.
 */
import {
  ClientEvent,
  createClient,
  HttpApiEvent,
  type MatrixClient,
  PendingEventOrdering,
  SyncState,
  type SyncStateData,
} from "matrix-js-sdk";
import { forgetPerson } from "../platform/forgetting";
import { Cell, type Value } from "../platform/value";
import type { Credentials } from "./credentials";
import { DeviceLock, IDLE_LOCK } from "./deviceLock";
import { forgetDehydration } from "./heldKeys";
import { Keys } from "./keys";
import { readOnceKnown } from "./knownLater";
import type { KnownPeople } from "./knownPeople";
import { OwnDevices } from "./ownDevices";
import { Store } from "./store";
import { forgetRooms } from "./storedRooms";
import type { StoreKey } from "./storeKey";
import { deleteStores, prefixOf } from "./stores";
import { forgetIdentityChanges, Trust } from "./trust";
import { countOnce } from "./unreadCounts";

/** That the server has ended the session; `expired`: it may go on after signing in again, so what is stored stays. */
export type Ending = "ended" | "expired";

export type Connection = "starting" | "stored" | "online" | "offline" | "signedOut";

export class Session {
  readonly connection: Value<Connection>;
  readonly keys: Keys;
  readonly ownDevices: OwnDevices;
  readonly ending = new Cell<Ending | undefined>(undefined);

  private constructor(
    readonly client: MatrixClient,
    private readonly connectionCell: Cell<Connection>,
    keys: Keys,
    readonly trust: Trust,
    /** AES-GCM, for whatever a feature stores on this device. */
    readonly storeKey: CryptoKey,
    readonly lock: DeviceLock,
  ) {
    this.connection = connectionCell;
    this.keys = keys;
    this.ownDevices = new OwnDevices(client);
  }

  /** Open the device's stores and begin to sync; `password` unlocks or sets up the identity, where it was just typed. */
  static async open(
    credentials: Credentials,
    password: string | undefined,
    storeKey: StoreKey,
    people: KnownPeople,
  ): Promise<Session> {
    const keys = new Keys(password);
    const lock = await DeviceLock.of(people, credentials, storeKey);
    const store = new Store({ indexedDB, dbName: prefixOf(credentials.userId), localStorage });
    const client = createClient({
      baseUrl: credentials.homeserver,
      userId: credentials.userId,
      deviceId: credentials.deviceId,
      accessToken: credentials.accessToken,
      store,
      timelineSupport: true,
      disableVoip: true,
      cryptoCallbacks: keys.callbacks,
    });
    await store.startup();
    await client.initRustCrypto({
      cryptoDatabasePrefix: prefixOf(credentials.userId),
      storageKey: storeKey.ofEncryption,
    });
    const trust = new Trust(client, localStorage, Date.now);
    trust.follow();
    countOnce(client);
    readOnceKnown(client);
    const session = new Session(client, new Cell<Connection>("starting"), keys, trust, storeKey.key, lock);
    client.on(ClientEvent.Sync, session.synced);
    // Another device has signed this one out, or IT has.
    client.on(HttpApiEvent.SessionLoggedOut, ({ data }) =>
      session.ending.set(data.soft_logout === true ? "expired" : "ended"),
    );
    await client.startClient({
      lazyLoadMembers: true,
      initialSyncLimit: 20,
      pendingEventOrdering: PendingEventOrdering.Detached,
    });
    await session.prepared();
    await keys.open(client);
    session.introduce(people).catch((fault) => console.warn("the device's lock is not as it should be", fault));
    keys.passwordChanged = (next) => lock.setPassword(next).catch((fault) => console.warn("not wrapped", fault));
    if (password) keys.passwordChanged(password);
    if (password) lock.doubtPin();
    return session;
  }

  /** Stop syncing and close the stores; what is stored stays. */
  async stop(): Promise<void> {
    this.keys.stop();
    await this.client.store.save(true);
    this.client.stopClient();
    await this.client.store.destroy();
  }

  /** End the session on the server and forget what this device has stored. */
  async signOut(): Promise<void> {
    await this.client.logout(true);
    await this.forget();
  }

  /** Forget what this device has stored: its session is over. */
  async forget(): Promise<void> {
    this.keys.stop();
    this.client.stopClient();
    const userId = this.client.getSafeUserId();
    await this.client.clearStores({ cryptoDatabasePrefix: prefixOf(userId) });
    forgetRooms(localStorage);
    forgetIdentityChanges(localStorage, userId);
    forgetDehydration(localStorage, userId);
    await deleteStores(indexedDB, userId);
    await forgetPerson(userId);
    this.connectionCell.set("signedOut");
  }

  /** Take note of what the locked screen will say and do: who this is, and how long a desk may stand open. */
  private async introduce(people: KnownPeople): Promise<void> {
    const capabilities: Record<string, unknown> = await this.client.getCapabilities();
    this.lock.obey(capabilities[IDLE_LOCK]);
    const userId = this.client.getSafeUserId();
    const { displayname } = await this.client.getProfileInfo(userId, "displayname");
    if (displayname !== undefined) await people.change(userId, { name: displayname });
  }

  private synced = (state: SyncState, _before: SyncState | null, about?: SyncStateData): void => {
    // What was stored is shown before the network has answered, and says nothing about it.
    if (about?.fromCache) this.connectionCell.set("stored");
    else if (state === SyncState.Prepared || state === SyncState.Syncing) this.connectionCell.set("online");
    if (state === SyncState.Error || state === SyncState.Reconnecting) this.connectionCell.set("offline");
  };

  /** Wait until there are rooms to show: those that were stored, or the first that the server tells. */
  private async prepared(): Promise<void> {
    const isPrepared = () => ["stored", "online"].includes(this.connection.get()) || this.ending.get() !== undefined;
    if (isPrepared()) return;
    await new Promise<void>((resolve) => {
      const changed = () => {
        if (!isPrepared()) return;
        for (const stop of stops) stop();
        resolve();
      };
      const stops = [this.connection.subscribe(changed), this.ending.subscribe(changed)];
    });
  }
}
