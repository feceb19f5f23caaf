/**
 * Colleagues' identities: the first that is seen is taken, and a changed one is taken too and told in one line.
 *
 * Nobody on a ward can judge a key. What a change means is decided where it can be: by the department that reset it.
 */
import type { MatrixClient } from "matrix-js-sdk";
import { CryptoEvent, OnlySignedDevicesIsolationMode, type UserVerificationStatus } from "matrix-js-sdk/lib/crypto-api";
import { Cell, type Value } from "../platform/value";
import { asRecord } from "./content";

export interface IdentityChange {
  userId: string;
  at: number;
}

const KEPT = 200;

export class Trust {
  /** What changed as long as this device knows, the oldest first. */
  readonly changes: Value<readonly IdentityChange[]>;
  private readonly cell: Cell<readonly IdentityChange[]>;

  constructor(
    private readonly client: MatrixClient,
    private readonly storage: Storage,
    private readonly now: () => number,
  ) {
    this.cell = new Cell(storedChanges(storage, client.getSafeUserId()));
    this.changes = this.cell;
  }

  /** Take keys from, and give them to, devices that their owners have signed, and no others. */
  follow(): void {
    this.client.getCrypto()?.setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
    this.client.on(CryptoEvent.UserTrustStatusChanged, this.changed);
  }

  private changed = (userId: string, status: UserVerificationStatus): void => {
    if (userId === this.client.getUserId() || !status.needsUserApproval) return;
    this.note({ userId, at: this.now() });
    this.accept(userId, status).catch((fault) => console.warn("a changed identity could not be taken", fault));
  };

  private async accept(userId: string, status: UserVerificationStatus): Promise<void> {
    const crypto = this.client.getCrypto();
    if (status.wasCrossSigningVerified()) await crypto?.withdrawVerificationRequirement(userId);
    await crypto?.pinCurrentUserIdentity(userId);
  }

  private note(change: IdentityChange): void {
    this.cell.update((changes) => [...changes, change].slice(-KEPT));
    this.storage.setItem(placeOf(this.client.getSafeUserId()), JSON.stringify(this.cell.get()));
  }
}

export function forgetIdentityChanges(storage: Storage, userId: string): void {
  storage.removeItem(placeOf(userId));
}

function placeOf(userId: string): string {
  return `myelin.identityChanges.${userId}`;
}

function storedChanges(storage: Storage, userId: string): readonly IdentityChange[] {
  try {
    const stored: unknown = JSON.parse(storage.getItem(placeOf(userId)) ?? "[]");
    return Array.isArray(stored) ? stored.filter(isChange) : [];
  } catch {
    return [];
  }
}

function isChange(value: unknown): value is IdentityChange {
  const { userId, at } = asRecord(value) ?? {};
  return typeof userId === "string" && typeof at === "number";
}
