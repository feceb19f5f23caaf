/** The list of conversations, as the SDK knows it, in our own small values. */
import {
  ClientEvent,
  type MatrixClient,
  MatrixEventEvent,
  NotificationCountType,
  PushRuleKind,
  type Room,
  RoomEvent,
  RoomStateEvent,
} from "matrix-js-sdk";
import { Cell, type Value } from "../platform/value";
import { cleaned } from "./content";
import { latestPreview, type Preview } from "./preview";

export type RoomKind = "direct" | "group" | "department" | "patient" | "consult" | "broadcast" | "role";

export interface RoomSummary {
  roomId: string;
  name: string;
  kind: RoomKind;
  unread: number;
  highlights: number;
  latestAt: number;
  preview: Preview | undefined;
  isPinned: boolean;
  isMuted: boolean;
}

const PINNED = "m.favourite";
const MUTED = { actions: [] };

const CHANGES = [
  RoomEvent.Timeline,
  RoomEvent.Receipt,
  RoomEvent.Name,
  RoomEvent.MyMembership,
  RoomEvent.Tags,
] as const;

/** The conversations that the person is in, pinned first, the latest first. Drawn together, once for each sync. */
export class RoomList {
  readonly rooms: Value<readonly RoomSummary[]>;
  private readonly cell = new Cell<readonly RoomSummary[]>([]);
  private isDue = false;

  constructor(private readonly client: MatrixClient) {
    this.rooms = this.cell;
    for (const change of CHANGES) client.on(change, this.changed);
    client.on(ClientEvent.Room, this.changed);
    client.on(ClientEvent.AccountData, this.changed);
    // A preview waits for its keys.
    client.on(MatrixEventEvent.Decrypted, this.changed);
    client.on(RoomStateEvent.Events, this.changed);
    this.changed();
  }

  private changed = (): void => {
    if (this.isDue) return;
    this.isDue = true;
    queueMicrotask(() => {
      this.isDue = false;
      const rooms = this.client.getRooms().filter(isJoined);
      this.cell.set(rooms.map((room) => summaryOf(room, this.client)).sort(inOrder));
    });
  };

  async pin(roomId: string, isPinned: boolean): Promise<void> {
    await (isPinned ? this.client.setRoomTag(roomId, PINNED, {}) : this.client.deleteRoomTag(roomId, PINNED));
  }

  /** A muted room counts what is new in it, and neither rings nor shows a notification. */
  async mute(roomId: string, isMuted: boolean): Promise<void> {
    if (isMuted) await this.client.addPushRule("global", PushRuleKind.RoomSpecific, roomId, MUTED);
    else await this.client.deletePushRule("global", PushRuleKind.RoomSpecific, roomId);
  }
}

function isJoined(room: Room): boolean {
  return room.getMyMembership() === "join";
}

function inOrder(a: RoomSummary, b: RoomSummary): number {
  return Number(b.isPinned) - Number(a.isPinned) || b.latestAt - a.latestAt;
}

function summaryOf(room: Room, client: MatrixClient): RoomSummary {
  return {
    roomId: room.roomId,
    name: cleaned(room.name) || room.roomId,
    kind: kindOf(room),
    unread: room.getUnreadNotificationCount(NotificationCountType.Total),
    highlights: room.getUnreadNotificationCount(NotificationCountType.Highlight),
    latestAt: room.getLastActiveTimestamp(),
    preview: latestPreview(room),
    isPinned: PINNED in room.tags,
    isMuted: isMuted(client, room.roomId),
  };
}

function isMuted(client: MatrixClient, roomId: string): boolean {
  const rule = client.getRoomPushRule("global", roomId);
  return rule?.enabled === true && !rule.actions.some((action) => action === "notify");
}

export function kindOf(room: Room): RoomKind {
  const content = room.currentState.getStateEvents("org.myelin.room" as never, "")?.getContent();
  return (content?.kind as RoomKind | undefined) ?? "group";
}
