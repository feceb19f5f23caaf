/** How many messages are unread, where the SDK counts by itself: in encrypted rooms, whenever it tries to decrypt one. */
import { type MatrixClient, type MatrixEvent, MatrixEventEvent, NotificationCountType } from "matrix-js-sdk";

const TOTAL = NotificationCountType.Total;

/** Have each message counted once: one that could not be read at first has been counted when it can. */
export function countOnce(client: MatrixClient): void {
  const counted = new WeakSet<MatrixEvent>();
  const roomOf = (event: MatrixEvent) => client.getRoom(event.getRoomId());
  let before = 0;
  // Around the SDK's own counting, which has been listening since the client was made.
  client.prependListener(MatrixEventEvent.Decrypted, (event) => {
    before = roomOf(event)?.getRoomUnreadNotificationCount(TOTAL) ?? 0;
  });
  client.on(MatrixEventEvent.Decrypted, (event) => {
    const room = roomOf(event);
    if (room === null || room.getRoomUnreadNotificationCount(TOTAL) <= before) return;
    if (counted.has(event)) room.setUnreadNotificationCount(TOTAL, before);
    counted.add(event);
  });
}
