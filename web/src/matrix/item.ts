/** One line of a timeline. Whatever an event holds, an item is safe to draw: wrong types become nothing. */
import { type MatrixEvent, RelationType, type Room } from "matrix-js-sdk";
import { DecryptionFailureCode } from "matrix-js-sdk/lib/crypto-api";
import type { Acknowledgement } from "./acknowledgement";
import { type Attachment, attachmentOf } from "./attachment";
import { cardSeenIn, type Pressed } from "./cardEvents";
import { asRecord, type Content, cleaned, recordIn, textIn, textsIn, timeOf } from "./content";
import type { Refusal } from "./refusal";
import type { Card } from "./systemCard";

export type ItemKind = "text" | "image" | "file" | "audio" | "video" | "recalled" | "waiting" | "unreadable" | "change";
export type Delivery = "waiting" | "sending" | "sent" | "failed";
export type Cause = "notReceived" | "notJoined" | "withheld" | "historical" | "locked" | "unsigned" | "other";

export interface Reaction {
  key: string;
  count: number;
  isOwn: boolean;
}

export interface Quote {
  senderName: string;
  kind: ItemKind;
  text: string;
}

/** Who took a message back, and when. */
export interface Recall {
  byName: string;
  isOwn: boolean;
  at: number;
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
  /** Of what is not sent yet: how much of a file is uploaded, and why it was refused. */
  sending: { part: number | undefined; refusal: Refusal | undefined } | undefined;
  replyTo: string | undefined;
  quote: Quote | undefined;
  attachment: Attachment | undefined;
  recall: Recall | undefined;
  cause: Cause | undefined;
  mentionNames: readonly string[];
  mentionsMe: boolean;
  canRecall: boolean;
  reactions: readonly Reaction[];
  readers: readonly string[];
  acknowledgement: Acknowledgement | undefined;
  card: Card | undefined;
  /** Whether a colleague has made this look like a card of the hospital's systems. */
  isForged: boolean;
  /** What the person has pressed on the card. */
  pressed: Pressed | undefined;
}

/** What an item needs to know beyond its own event. */
export interface Surroundings {
  isWaiting: (event: MatrixEvent) => boolean;
  readersOf: (eventId: string) => readonly string[];
  acknowledgementOf: (eventId: string) => Acknowledgement | undefined;
  pressedOf: (eventId: string) => Pressed | undefined;
}

const MESSAGE_KINDS: ReadonlyMap<string, ItemKind> = new Map([
  ["m.text", "text"],
  ["m.notice", "text"],
  ["m.emote", "text"],
  ["m.image", "image"],
  ["m.file", "file"],
  ["m.audio", "audio"],
  ["m.video", "video"],
]);

/** Every code of the SDK, so that a new one is not forgotten. */
const CAUSES: Record<DecryptionFailureCode, Cause> = {
  [DecryptionFailureCode.MEGOLM_UNKNOWN_INBOUND_SESSION_ID]: "notReceived",
  [DecryptionFailureCode.MEGOLM_KEY_WITHHELD]: "withheld",
  [DecryptionFailureCode.MEGOLM_KEY_WITHHELD_FOR_UNVERIFIED_DEVICE]: "withheld",
  // The key that came counts from a later message on.
  [DecryptionFailureCode.OLM_UNKNOWN_MESSAGE_INDEX]: "notJoined",
  [DecryptionFailureCode.HISTORICAL_MESSAGE_USER_NOT_JOINED]: "notJoined",
  [DecryptionFailureCode.HISTORICAL_MESSAGE_NO_KEY_BACKUP]: "historical",
  [DecryptionFailureCode.HISTORICAL_MESSAGE_BACKUP_UNCONFIGURED]: "locked",
  [DecryptionFailureCode.HISTORICAL_MESSAGE_WORKING_BACKUP]: "historical",
  [DecryptionFailureCode.UNSIGNED_SENDER_DEVICE]: "unsigned",
  [DecryptionFailureCode.UNKNOWN_SENDER_DEVICE]: "unsigned",
  [DecryptionFailureCode.SENDER_IDENTITY_PREVIOUSLY_VERIFIED]: "unsigned",
  [DecryptionFailureCode.UNKNOWN_ERROR]: "other",
};

// A reaction is a sign, and more kinds than this are no answer but a disturbance.
const REACTIONS_SHOWN = 12;
const REACTION_CHARACTERS = 32;

/** Return what a view shows for an event, nothing for what belongs to another line or to no line. */
export function itemOf(event: MatrixEvent, room: Room, around: Surroundings): Item | undefined {
  const kind = kindOf(event, around.isWaiting);
  if (kind === undefined) return undefined;
  const eventId = event.getId() ?? "";
  const senderId = event.getSender() ?? "";
  return {
    id: transactionOf(event) ?? eventId,
    eventId,
    kind,
    senderId,
    senderName: kind === "change" ? nameIn(room, event.getStateKey() ?? "") : nameIn(room, senderId),
    isOwn: senderId === room.myUserId,
    at: timeOf(event.getTs()),
    text: textOf(event, kind),
    isEdited: event.replacingEvent() !== null,
    delivery: "sent",
    sending: undefined,
    replyTo: replyToOf(event),
    quote: quoteOf(event, room),
    attachment: attachmentOf(contentOf(event)),
    recall: kind === "recalled" ? recallOf(event, room) : undefined,
    cause: kind === "unreadable" ? causeOf(event) : undefined,
    ...mentionsOf(event, room),
    canRecall: kind !== "change" && room.currentState.maySendRedactionForEvent(event, room.myUserId),
    reactions: reactionsOf(event, room),
    readers: around.readersOf(eventId).filter((userId) => userId !== senderId),
    acknowledgement: around.acknowledgementOf(eventId),
    ...(kind === "text" ? cardSeenIn(event, room) : NO_CARD),
    pressed: around.pressedOf(eventId),
  };
}

const NO_CARD = { card: undefined, isForged: false };

/** Return the line for an event that nothing could be made of: that there is something, and from whom. */
export function unreadableItem(event: MatrixEvent, room: Room): Item {
  const senderId = cleaned(event.event.sender);
  return {
    id: cleaned(event.event.event_id),
    eventId: cleaned(event.event.event_id),
    kind: "unreadable",
    senderId,
    senderName: nameIn(room, senderId),
    isOwn: senderId === room.myUserId,
    at: timeOf(event.event.origin_server_ts),
    text: "",
    isEdited: false,
    delivery: "sent",
    sending: undefined,
    replyTo: undefined,
    quote: undefined,
    attachment: undefined,
    recall: undefined,
    cause: "other",
    mentionNames: [],
    mentionsMe: false,
    canRecall: false,
    reactions: [],
    readers: [],
    acknowledgement: undefined,
    ...NO_CARD,
    pressed: undefined,
  };
}

/** What an event holds: whoever encrypts may have put anything in its place. */
function contentOf(event: MatrixEvent): Content {
  return asRecord(event.getContent()) ?? {};
}

function nameIn(room: Room, userId: string): string {
  return textIn({ name: room.getMember(userId)?.name }, "name") || userId;
}

function kindOf(event: MatrixEvent, isWaiting: (event: MatrixEvent) => boolean): ItemKind | undefined {
  if (event.isRelation(RelationType.Replace) || event.isRelation(RelationType.Annotation)) return undefined;
  if (event.isRedacted()) return isMessage(event) ? "recalled" : undefined;
  if (event.isBeingDecrypted()) return "waiting";
  if (event.isDecryptionFailure()) return isWaiting(event) ? "waiting" : "unreadable";
  if (event.getType() === "m.room.member" && event.isState()) return isChange(event) ? "change" : undefined;
  if (event.getType() !== "m.room.message") return undefined;
  const kind = MESSAGE_KINDS.get(textIn(contentOf(event), "msgtype")) ?? "text";
  // What says to be a file and names none is a line of text.
  return kind === "text" || attachmentOf(contentOf(event)) !== undefined ? kind : "text";
}

function isMessage(event: MatrixEvent): boolean {
  return ["m.room.message", "m.room.encrypted"].includes(event.getWireType());
}

/** Whether somebody came or went; the server's own hand is nobody. */
function isChange(event: MatrixEvent): boolean {
  if (event.getStateKey()?.startsWith("@_myelin:")) return false;
  return event.getContent().membership !== event.getPrevContent().membership;
}

function textOf(event: MatrixEvent, kind: ItemKind): string {
  if (kind === "change") return textIn(contentOf(event), "membership");
  const body = textIn(contentOf(event), "body");
  return replyToOf(event) === undefined ? body : body.replace(/^(?:> .*\n)+\n/, "");
}

/** The transaction by which this device sent an event. */
export function transactionOf(event: MatrixEvent): string | undefined {
  const txnId: unknown = event.getTxnId() ?? event.getUnsigned().transaction_id;
  return typeof txnId === "string" ? txnId : undefined;
}

function replyToOf(event: MatrixEvent): string | undefined {
  const eventId: unknown = event.replyEventId;
  return typeof eventId === "string" && eventId !== "" ? eventId : undefined;
}

const never = () => false;

function quoteOf(event: MatrixEvent, room: Room): Quote | undefined {
  const replyTo = replyToOf(event);
  const original = replyTo === undefined ? undefined : room.findEventById(replyTo);
  if (original === undefined) return undefined;
  const kind = kindOf(original, never) ?? "unreadable";
  return { senderName: nameIn(room, original.getSender() ?? ""), kind, text: textOf(original, kind).slice(0, 200) };
}

function recallOf(event: MatrixEvent, room: Room): Recall {
  const because = asRecord(event.getUnsigned().redacted_because) ?? {};
  const by = textIn(because, "sender") || (event.getSender() ?? "");
  return { byName: nameIn(room, by), isOwn: by === room.myUserId, at: timeOf(because.origin_server_ts) };
}

function causeOf(event: MatrixEvent): Cause {
  return CAUSES[event.decryptionFailureReason ?? DecryptionFailureCode.UNKNOWN_ERROR] ?? "other";
}

// As this client writes it, in either language.
const EVERYBODY_NAMES = ["所有人", "everybody"];

function mentionsOf(event: MatrixEvent, room: Room): Pick<Item, "mentionNames" | "mentionsMe"> {
  const mentions = recordIn(contentOf(event), "m.mentions");
  const userIds = textsIn(mentions, "user_ids").slice(0, 100);
  return {
    mentionNames: [
      ...userIds.map((userId) => nameIn(room, userId)),
      ...(mentions.room === true ? EVERYBODY_NAMES : []),
    ],
    mentionsMe: event.getSender() !== room.myUserId && (mentions.room === true || userIds.includes(room.myUserId)),
  };
}

function reactionsOf(event: MatrixEvent, room: Room): readonly Reaction[] {
  const id = event.getId();
  if (id === undefined) return [];
  const related = room.relations.getChildEventsForEvent(id, RelationType.Annotation, "m.reaction");
  const keys = related?.getSortedAnnotationsByKey() ?? [];
  return keys
    .filter(([key, events]) => events.size > 0 && key.length <= REACTION_CHARACTERS && key === cleaned(key))
    .slice(0, REACTIONS_SHOWN)
    .map(([key, events]) => ({
      key,
      count: events.size,
      isOwn: [...events].some((each) => each.getSender() === room.myUserId),
    }));
}
