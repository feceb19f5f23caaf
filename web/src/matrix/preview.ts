/** One line about an event; the words come from the interface's language, so only what varies is here. */
import { type MatrixEvent, RelationType, type Room } from "matrix-js-sdk";
import { asRecord, type Content, cleaned, textIn } from "./content";

export type PreviewKind = "text" | "image" | "file" | "audio" | "video" | "recalled" | "waiting" | "other";

export interface Preview {
  kind: PreviewKind;
  senderName: string;
  isOwn: boolean;
  text: string;
}

const KINDS: ReadonlyMap<string, PreviewKind> = new Map([
  ["m.text", "text"],
  ["m.notice", "text"],
  ["m.emote", "text"],
  ["m.image", "image"],
  ["m.file", "file"],
  ["m.audio", "audio"],
  ["m.video", "video"],
]);
// More than a line shows; a long message would be stored with the list.
const SHOWN_CHARACTERS = 200;

const LOOKED_AT = 50;

/** The last message of a room; what only belongs to one (reactions, edits, 收到) and what happened to the room is passed over. */
export function latestPreview(room: Room): Preview | undefined {
  const latest = room.getLiveTimeline().getEvents().slice(-LOOKED_AT);
  const message = latest.findLast((event) => isShown(event) && !event.isRelation(RelationType.Replace));
  return message && previewOf(message, room);
}

function isShown(event: MatrixEvent): boolean {
  return kindOf(event, asRecord(event.getContent()) ?? {}) !== "other";
}

export function previewOf(event: MatrixEvent, room: Room): Preview {
  const sender = event.getSender() ?? "";
  const content = asRecord(event.getContent()) ?? {};
  return {
    kind: kindOf(event, content),
    senderName: cleaned(room.getMember(sender)?.name) || sender,
    isOwn: sender === room.myUserId,
    text: textIn(content, "body").slice(0, SHOWN_CHARACTERS),
  };
}

function kindOf(event: MatrixEvent, content: Content): PreviewKind {
  if (event.isRedacted()) return "recalled";
  if (event.isBeingDecrypted() || event.isDecryptionFailure()) return "waiting";
  if (event.getType() !== "m.room.message") return "other";
  return KINDS.get(textIn(content, "msgtype")) ?? "other";
}
