/** What is still to be sent as the timeline draws everything: as an event, which only this device knows. */
import { EventType, MatrixEvent, type Room } from "matrix-js-sdk";
import type { Attachment } from "./attachment";
import type { Content } from "./content";
import type { Item } from "./item";
import type { Outgoing } from "./outbox";
import { contentOf, type OutgoingFile } from "./outgoingFile";

export function echoOf(entry: Outgoing, room: Room): MatrixEvent {
  const event = new MatrixEvent({
    type: EventType.RoomMessage,
    event_id: entry.accepted?.eventId ?? `~${entry.txnId}`,
    room_id: entry.roomId,
    sender: room.myUserId,
    origin_server_ts: entry.at,
    content: { ...(entry.content ?? contentOfFile(entry)) },
  });
  event.setTxnId(entry.txnId);
  return event;
}

/** Return an echo's line with what is known of its sending. */
export function sendingOf(item: Item, { stage, isKept, part, refusal, file, content }: Outgoing): Item {
  const isUploading = file !== undefined && content === undefined;
  const attachment = isUploading ? item.attachment && fromDevice(item.attachment, file) : item.attachment;
  // Whoever reads that a message waits may close the page.
  const delivery = stage === "waiting" && !isKept ? "sending" : stage;
  return { ...item, attachment, delivery, sending: { part: isUploading ? part : undefined, refusal } };
}

function contentOfFile({ txnId, file }: Outgoing): Content {
  if (file === undefined) return {};
  const place = { url: `mxc://this.device/${txnId}` };
  return contentOf(file, place, file.thumbnail && { url: `${place.url}-thumbnail` });
}

/** A file that is not uploaded lies on this device. */
function fromDevice(attachment: Attachment, { blob, thumbnail }: OutgoingFile): Attachment {
  const { source, thumbnail: small } = attachment;
  return {
    ...attachment,
    source: { ...source, local: blob },
    thumbnail: small && thumbnail && { ...small, local: thumbnail.blob },
  };
}
