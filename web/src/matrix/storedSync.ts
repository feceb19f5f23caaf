/** Storing what was synced soon after it came: the SDK's own five minutes are what a reload without a network would miss. */
import { type MatrixClient, RoomEvent } from "matrix-js-sdk";

const QUIET_MS = 3_000;
const LATEST_MS = 30_000;

/** Store what has come once nothing has for a moment; under constant traffic every half minute. */
export function keepSynced(client: MatrixClient, now: () => number): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let storedAt = now();
  const store = () => {
    storedAt = now();
    // A client that was stopped has stored already, and its database is closed.
    if (client.clientRunning) client.store.save(true).catch(() => undefined);
  };
  const changed = () => {
    clearTimeout(timer);
    const waits = storedAt + LATEST_MS - now();
    timer = setTimeout(store, Math.max(0, Math.min(QUIET_MS, waits)));
  };
  client.on(RoomEvent.Timeline, changed);
  client.on(RoomEvent.Receipt, changed);
}
