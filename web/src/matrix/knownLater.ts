/**
 * Messages that came before their senders' devices were known here: read as soon as those are. The SDK itself tries
 * again only for keys that were missing.
 */
import type { MatrixClient, MatrixEvent } from "matrix-js-sdk";
import type { CryptoBackend } from "matrix-js-sdk/lib/common-crypto/CryptoBackend";
import { CryptoEvent, DecryptionFailureCode } from "matrix-js-sdk/lib/crypto-api";

const NOT_KNOWN_YET: ReadonlySet<DecryptionFailureCode | null> = new Set([
  DecryptionFailureCode.UNKNOWN_SENDER_DEVICE,
  DecryptionFailureCode.UNSIGNED_SENDER_DEVICE,
]);
// Of each conversation; what is older is tried again when it is looked at.
const LOOKED_AT = 50;

export function readOnceKnown(client: MatrixClient): void {
  client.on(CryptoEvent.DevicesUpdated, (userIds) => {
    const crypto = client.getCrypto() as CryptoBackend | undefined;
    if (crypto === undefined) return;
    for (const event of refused(client, new Set(userIds))) {
      event.attemptDecryption(crypto, { isRetry: true }).catch((fault) => console.warn("still unreadable", fault));
    }
  });
}

function refused(client: MatrixClient, senders: ReadonlySet<string>): MatrixEvent[] {
  const latest = client.getRooms().flatMap((room) => room.getLiveTimeline().getEvents().slice(-LOOKED_AT));
  return latest.filter(
    (event) => senders.has(event.getSender() ?? "") && NOT_KNOWN_YET.has(event.decryptionFailureReason),
  );
}
