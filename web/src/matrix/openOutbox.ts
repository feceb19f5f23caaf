/** The outbox of a session: sealed by the device's key, and tried whenever there may be a way to the server again. */
import { SealedRecords } from "../platform/sealedRecords";
import { RoomDelivery } from "./delivery";
import type { Media } from "./media";
import { Outbox } from "./outbox";
import { SealedOutboxStore } from "./outboxStore";
import type { Session } from "./session";
import type { Traces } from "./traces";

export function openOutbox(session: Session, media: Media, traces: Traces): Outbox {
  const { client, keys, connection, storeKey } = session;
  const records = new SealedRecords(indexedDB, `myelin-${client.getSafeUserId()}-outbox`, storeKey);
  const outbox = new Outbox(new SealedOutboxStore(records), new RoomDelivery(client, media, traces), {
    // What an unsigned device encrypts, nobody reads; and a stopped client encrypts nothing.
    mayWrite: () => client.clientRunning && keys.state.get() === "ready",
    now: Date.now,
    newId: () => `m${crypto.randomUUID()}`,
    later: (act, ms) => void setTimeout(act, ms),
  });
  keys.state.subscribe(outbox.sendAll);
  connection.subscribe(outbox.sendAll);
  addEventListener("online", outbox.sendAll);
  outbox.load().catch((fault) => console.warn("what was to be sent could not be read", fault));
  return outbox;
}
