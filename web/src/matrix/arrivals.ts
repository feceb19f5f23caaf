/** What has just come and is to be told: by the person's own push rules, and critical feeds whatever these say. */
import {
  ClientEvent,
  type IRoomTimelineData,
  type MatrixClient,
  type MatrixEvent,
  type Room,
  RoomEvent,
  SyncState,
} from "matrix-js-sdk";

export interface Arrival {
  roomId: string;
  roomName: string;
  senderName: string;
  isDirect: boolean;
}

const PURPOSE = "org.myelin.room";

/** Call `tell` for each; what was there before the first answer of the server is not new. */
export function followArrivals(client: MatrixClient, tell: (arrival: Arrival) => void): void {
  let isLive = false;
  client.on(ClientEvent.Sync, (state) => {
    if (state === SyncState.Syncing) isLive = true;
  });
  client.on(RoomEvent.Timeline, (event, room, toStart, _removed, about: IRoomTimelineData) => {
    if (!isLive || toStart || room === undefined || !about.liveEvent) return;
    if (event.getSender() === client.getSafeUserId()) return;
    arrived(client, event, room).then((arrival) => arrival && tell(arrival), console.warn);
  });
}

async function arrived(client: MatrixClient, event: MatrixEvent, room: Room): Promise<Arrival | undefined> {
  // Whom it mentions is inside.
  await client.decryptEventIfNeeded(event);
  if (!rings(client, event, room)) return undefined;
  const senderId = event.getSender() ?? "";
  return {
    roomId: room.roomId,
    roomName: room.name,
    senderName: room.getMember(senderId)?.name ?? senderId,
    isDirect: purposeOf(room).kind === "direct",
  };
}

function rings(client: MatrixClient, event: MatrixEvent, room: Room): boolean {
  const isMessage = event.getType() === "m.room.message" || event.getType() === "m.room.encrypted";
  if (purposeOf(room).feed === "critical" && isMessage) return true;
  return client.getPushActionsForEvent(event, true)?.notify === true;
}

function purposeOf(room: Room): { kind?: string; feed?: string } {
  return room.currentState.getStateEvents(PURPOSE as never, "")?.getContent() ?? {};
}
