/**
 * The list of conversations as it was when this device saw it last, to paint before the SDK has been loaded.
 *
 * It holds no message: names and counts only, which the SDK's store beside it holds in the clear too.
 */
import type { Value } from "../platform/value";
import type { LockSettings } from "./deviceLock";
import { presentPerson } from "./knownPeople";
import type { RoomSummary } from "./rooms";

const PLACE = "myelin.rooms";
const AGAIN_MS = 2_000;

interface Stored {
  userId: string;
  rooms: readonly RoomSummary[];
}

/** Return what was stored for whoever is signed in here; nothing for anybody else. */
export function storedRooms(storage: Storage): readonly RoomSummary[] {
  const text = storage.getItem(PLACE);
  if (text === null) return [];
  const { userId, rooms } = JSON.parse(text) as Stored;
  return userId === presentPerson(storage) ? rooms : [];
}

export function forgetRooms(storage: Storage): void {
  storage.removeItem(PLACE);
}

/** Store the list whenever it changes, at most once in two seconds; stops where nobody is signed in any more. */
export function keepStored(
  storage: Storage,
  userId: string,
  list: Value<readonly RoomSummary[]>,
  lock: Value<LockSettings>,
): void {
  // What asks for a PIN paints nothing before it was given.
  const forget = () => lock.get().hasPin && forgetRooms(storage);
  lock.subscribe(forget);
  forget();
  let isDue = false;
  const store = () => {
    isDue = false;
    if (presentPerson(storage) !== userId || lock.get().hasPin) return;
    const rooms = list.get().map((room) => ({ ...room, preview: undefined }));
    storage.setItem(PLACE, JSON.stringify({ userId, rooms } satisfies Stored));
  };
  list.subscribe(() => {
    if (isDue) return;
    isDue = true;
    setTimeout(store, AGAIN_MS);
  });
}
