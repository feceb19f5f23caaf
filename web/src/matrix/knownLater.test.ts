import { EventEmitter } from "node:events";
import type { MatrixClient } from "matrix-js-sdk";
import { CryptoEvent, DecryptionFailureCode } from "matrix-js-sdk/lib/crypto-api";
import { expect, test, vi } from "vitest";
import { readOnceKnown } from "./knownLater";

const CRYPTO = {};

function message(sender: string, decryptionFailureReason: DecryptionFailureCode | null) {
  return { getSender: () => sender, decryptionFailureReason, attemptDecryption: vi.fn(async () => {}) };
}

test("what came too early is read once its sender is known, and nothing else is tried", () => {
  const early = message("@lab:h", DecryptionFailureCode.UNKNOWN_SENDER_DEVICE);
  const others = [
    message("@lab:h", null),
    message("@lab:h", DecryptionFailureCode.MEGOLM_UNKNOWN_INBOUND_SESSION_ID),
    message("@nurse:h", DecryptionFailureCode.UNKNOWN_SENDER_DEVICE),
  ];
  const rooms = [{ getLiveTimeline: () => ({ getEvents: () => [...others, early] }) }];
  const client = Object.assign(new EventEmitter(), { getRooms: () => rooms, getCrypto: () => CRYPTO });
  readOnceKnown(client as unknown as MatrixClient);
  client.emit(CryptoEvent.DevicesUpdated, ["@lab:h"], false);
  expect(early.attemptDecryption).toHaveBeenCalledWith(CRYPTO, { isRetry: true });
  for (const other of others) expect(other.attemptDecryption).not.toHaveBeenCalled();
});
