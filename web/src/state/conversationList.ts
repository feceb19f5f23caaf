/** Which conversations are shown, and which comes next for the arrow keys. */
import type { RoomKind, RoomSummary } from "../matrix/rooms";

export const FILTERS = ["all", "unread", "direct", "group", "department", "broadcast"] as const;
export type Filter = (typeof FILTERS)[number];

/** Which kinds a filter shows; what is about a patient or a role is worked on in a group. */
const KINDS: Record<Exclude<Filter, "all" | "unread">, readonly RoomKind[]> = {
  direct: ["direct"],
  group: ["group", "patient", "consult", "role"],
  department: ["department"],
  broadcast: ["broadcast"],
};

export function shownRooms(rooms: readonly RoomSummary[], filter: Filter, term: string): readonly RoomSummary[] {
  const wanted = term.trim().toLowerCase();
  return rooms.filter((room) => fits(room, filter) && room.name.toLowerCase().includes(wanted));
}

function fits(room: RoomSummary, filter: Filter): boolean {
  if (filter === "all") return true;
  return filter === "unread" ? room.unread > 0 : KINDS[filter].includes(room.kind);
}

/** Return the room that many steps below one in the list; the first where none is chosen, nothing beyond the ends. */
export function neighbourOf(
  rooms: readonly RoomSummary[],
  roomId: string | undefined,
  steps: number,
): RoomSummary | undefined {
  const at = rooms.findIndex((room) => room.roomId === roomId);
  return at < 0 ? rooms[0] : rooms[at + steps];
}

/** Why there is nothing to show. */
export type Emptiness = "noRooms" | "noneFits" | "allRead" | "noneOfKind";

export function emptiness(rooms: readonly RoomSummary[], filter: Filter, term: string): Emptiness {
  if (rooms.length === 0) return "noRooms";
  if (term.trim() !== "") return "noneFits";
  return filter === "unread" ? "allRead" : "noneOfKind";
}
