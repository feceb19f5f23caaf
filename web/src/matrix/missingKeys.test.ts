import { EventEmitter } from "node:events";
import type { MatrixClient, MatrixEvent } from "matrix-js-sdk";
import { CryptoEvent, DecryptionFailureCode } from "matrix-js-sdk/lib/crypto-api";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MissingKeys } from "./missingKeys";

const ALL_TRIES_MS = 97_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class FakeEvent {
  attempts = 0;

  constructor(readonly decryptionFailureReason = DecryptionFailureCode.MEGOLM_UNKNOWN_INBOUND_SESSION_ID) {}

  getId = () => "$event";
  isDecryptionFailure = () => true;

  async attemptDecryption(): Promise<void> {
    this.attempts += 1;
  }
}

function watched(event: FakeEvent) {
  const client = Object.assign(new EventEmitter(), { getCrypto: () => ({}) });
  const changed = vi.fn();
  const missing = new MissingKeys(client as unknown as MatrixClient, changed);
  const real = event as unknown as MatrixEvent;
  missing.note(real);
  return { client, changed, missing, isWaiting: () => missing.isWaiting(real) };
}

test("a message waits until the last try, and then says why", async () => {
  const event = new FakeEvent();
  const { isWaiting, changed } = watched(event);
  await vi.advanceTimersByTimeAsync(ALL_TRIES_MS - 1);
  expect([event.attempts, isWaiting()]).toEqual([4, true]);
  await vi.advanceTimersByTimeAsync(1);
  expect([event.attempts, isWaiting()]).toEqual([5, false]);
  expect(changed).toHaveBeenCalledTimes(5);
});

test("what was given up is tried again once the device is unlocked", async () => {
  const event = new FakeEvent(DecryptionFailureCode.HISTORICAL_MESSAGE_BACKUP_UNCONFIGURED);
  const { client, isWaiting } = watched(event);
  await vi.advanceTimersByTimeAsync(ALL_TRIES_MS);
  client.emit(CryptoEvent.KeyBackupDecryptionKeyCached, "1");
  expect(isWaiting()).toBe(true);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(event.attempts).toBe(6);
});

test("from before the person came, nothing is waited for", async () => {
  const event = new FakeEvent(DecryptionFailureCode.HISTORICAL_MESSAGE_USER_NOT_JOINED);
  expect(watched(event).isWaiting()).toBe(false);
  await vi.advanceTimersByTimeAsync(ALL_TRIES_MS);
  expect(event.attempts).toBe(0);
});

test("a closed conversation leaves nothing behind", async () => {
  const event = new FakeEvent();
  const { client, missing } = watched(event);
  missing.stop();
  await vi.advanceTimersByTimeAsync(ALL_TRIES_MS);
  expect(event.attempts).toBe(0);
  expect(client.listenerCount(CryptoEvent.KeyBackupDecryptionKeyCached)).toBe(0);
});
