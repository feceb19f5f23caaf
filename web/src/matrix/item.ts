/** One line of a timeline. Whatever an event holds, an item is safe to draw: wrong types become nothing. */
import { EventStatus, type MatrixEvent, RelationType, type Room } from "matrix-js-sdk";

export type ItemKind = "text" | "image" | "file" | "audio" | "video" | "recalled" | "waiting" | "unreadable" | "change";
export type Delivery = "sending" | "sent" | "failed";

export interface Reaction {
  key: string;
  count: number;
  isOwn: boolean;
}

export interface Item {
  /** Stays the same from the first echo to the last edit. */
  id: string;
  eventId: string;
  kind: ItemKind;
  senderId: string;
  senderName: string;
  isOwn: boolean;
  at: number;
  text: string;
  isEdited: boolean;
  delivery: Delivery;
  replyTo: string | undefined;
  reactions: readonly Reaction[];
  readers: readonly string[];
}

const MESSAGE_KINDS: Record<string, ItemKind> = {
  "m.text": "text",
  "m.notice": "text",
  "m.emote": "text",
  "m.image": "image",
  "m.file": "file",
  "m.audio": "audio",
  "m.video": "video",
};

/** Return what a view shows for an event, nothing for what belongs to another line or to no line. */
export function itemOf(event: MatrixEvent, room: Room, isWaiting: (event: MatrixEvent) => boolean): Item | undefined {
  const kind = kindOf(event, isWaiting);
  if (kind === undefined) return undefined;
  const senderId = event.getSender() ?? "";
  return {
    id: event.getTxnId() ?? event.getId() ?? "",
    eventId: event.getId() ?? "",
    kind,
    senderId,
    senderName: room.getMember(senderId)?.name ?? senderId,
    isOwn: senderId === room.myUserId,
    at: event.getTs(),
    text: textOf(event),
    isEdited: event.replacingEvent() !== null,
    delivery: deliveryOf(event.status),
    replyTo: event.replyEventId,
    reactions: reactionsOf(event, room),
    readers: room.getUsersReadUpTo(event).filter((userId) => userId !== senderId),
  };
}

function kindOf(event: MatrixEvent, isWaiting: (event: MatrixEvent) => boolean): ItemKind | undefined {
  if (event.isRelation(RelationType.Replace) || event.isRelation(RelationType.Annotation)) return undefined;
  if (event.isRedacted()) return isMessage(event) ? "recalled" : undefined;
  if (event.isBeingDecrypted()) return "waiting";
  if (event.isDecryptionFailure()) return isWaiting(event) ? "waiting" : "unreadable";
  if (event.getType() === "m.room.member" && event.isState()) return isChange(event) ? "change" : undefined;
  if (event.getType() !== "m.room.message") return undefined;
  return MESSAGE_KINDS[String(event.getContent().msgtype)] ?? "text";
}

function isMessage(event: MatrixEvent): boolean {
  return ["m.room.message", "m.room.encrypted"].includes(event.getWireType());
}

function isChange(event: MatrixEvent): boolean {
  return event.getContent().membership !== event.getPrevContent().membership;
}

function textOf(event: MatrixEvent): string {
  const { body, membership } = event.getContent();
  if (typeof membership === "string") return membership;
  return typeof body === "string" ? body : "";
}

function deliveryOf(status: EventStatus | null): Delivery {
  if (status === null || status === EventStatus.SENT) return "sent";
  return status === EventStatus.NOT_SENT || status === EventStatus.CANCELLED ? "failed" : "sending";
}

function reactionsOf(event: MatrixEvent, room: Room): readonly Reaction[] {
  const id = event.getId();
  if (id === undefined) return [];
  const related = room.relations.getChildEventsForEvent(id, RelationType.Annotation, "m.reaction");
  const keys = related?.getSortedAnnotationsByKey() ?? [];
  return keys
    .filter(([, events]) => events.size > 0)
    .map(([key, events]) => ({
      key,
      count: events.size,
      isOwn: [...events].some((each) => each.getSender() === room.myUserId),
    }));
}
