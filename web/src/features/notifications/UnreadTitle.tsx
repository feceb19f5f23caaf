import { useEffect } from "react";
import { useLocation } from "wouter";
import { useValue } from "../../design/useValue";
import type { RoomSummary } from "../../matrix/rooms";
import { countUnread, followTaps } from "../../platform/notices";
import type { Value } from "../../platform/value";

/** The title of the page, which counts what is unread; and the way from a notification to its room. */
export function UnreadTitle({ rooms }: { rooms: Value<readonly RoomSummary[]> }) {
  const [, go] = useLocation();
  const unread = useValue(rooms).reduce((sum, room) => sum + (room.isMuted ? room.highlights : room.unread), 0);
  useEffect(() => countUnread(unread), [unread]);
  useEffect(() => () => countUnread(0), []);
  useEffect(() => followTaps((roomId) => go(`/rooms/${encodeURIComponent(roomId)}`)), [go]);
  return null;
}
