/** One line about an event; the words come from the interface's language, so only what varies is here. */
import type { MatrixEvent, Room } from "matrix-js-sdk";

export type PreviewKind = "text" | "image" | "file" | "audio" | "video" | "recalled" | "waiting" | "other";

export interface Preview {
  kind: PreviewKind;
  senderName: string;
  isOwn: boolean;
  text: string;
}

const KINDS: Record<string, PreviewKind> = {
  "m.text": "text",
  "m.notice": "text",
  "m.emote": "text",
  "m.image": "image",
  "m.file": "file",
  "m.audio": "audio",
  "m.video": "video",
};

export function previewOf(event: MatrixEvent, room: Room): Preview {
  const sender = event.getSender() ?? "";
  const content = event.getContent();
  return {
    kind: kindOf(event),
    senderName: room.getMember(sender)?.name ?? sender,
    isOwn: sender === room.myUserId,
    text: typeof content.body === "string" ? content.body : "",
  };
}

function kindOf(event: MatrixEvent): PreviewKind {
  if (event.isRedacted()) return "recalled";
  if (event.isBeingDecrypted() || event.isDecryptionFailure()) return "waiting";
  if (event.getType() !== "m.room.message") return "other";
  return KINDS[String(event.getContent().msgtype)] ?? "other";
}
