import { EventEmitter } from "node:events";
import type { MatrixClient } from "matrix-js-sdk";
import { CryptoEvent, UserVerificationStatus } from "matrix-js-sdk/lib/crypto-api";
import { expect, test } from "vitest";
import { forgetIdentityChanges, Trust } from "./trust";

const ME = "@me:hospital.test";
const OTHER = "@other:hospital.test";

class FakeStorage {
  readonly kept = new Map<string, string>();
  getItem = (place: string) => this.kept.get(place) ?? null;
  setItem = (place: string, text: string) => void this.kept.set(place, text);
  removeItem = (place: string) => void this.kept.delete(place);
}

function followed(storage = new FakeStorage()) {
  const taken: string[] = [];
  const crypto = {
    setDeviceIsolationMode: () => undefined,
    pinCurrentUserIdentity: async (userId: string) => void taken.push(`pin ${userId}`),
    withdrawVerificationRequirement: async (userId: string) => void taken.push(`withdraw ${userId}`),
  };
  const client = Object.assign(new EventEmitter(), {
    getCrypto: () => crypto,
    getUserId: () => ME,
    getSafeUserId: () => ME,
  });
  const trust = new Trust(client as unknown as MatrixClient, storage as unknown as Storage, () => 5);
  trust.follow();
  const change = (userId: string, needsApproval: boolean, wasVerified = false) =>
    client.emit(
      CryptoEvent.UserTrustStatusChanged,
      userId,
      new UserVerificationStatus(false, wasVerified, true, needsApproval),
    );
  return { trust, storage, taken, change };
}

test("a changed identity is told once, taken, and still told after a reload", async () => {
  const { trust, storage, taken, change } = followed();
  change(OTHER, true, true);
  await Promise.resolve();
  expect(trust.changes.get()).toEqual([{ userId: OTHER, at: 5 }]);
  expect(taken).toEqual([`withdraw ${OTHER}`, `pin ${OTHER}`]);
  expect(followed(storage).trust.changes.get()).toEqual([{ userId: OTHER, at: 5 }]);
  forgetIdentityChanges(storage as unknown as Storage, ME);
  expect(followed(storage).trust.changes.get()).toEqual([]);
});

test("an identity that is seen first, and one's own, are no news", () => {
  const { trust, taken, change } = followed();
  change(OTHER, false);
  change(ME, true);
  expect(trust.changes.get()).toEqual([]);
  expect(taken).toEqual([]);
});
