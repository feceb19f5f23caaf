/** Messages that ask for 收到, as the clear events beside them tell it. */
import type { MatrixEvent } from "matrix-js-sdk";
import { recordIn, textIn, textsIn, timeOf } from "./content";

const REQUEST = "org.myelin.ack.request";
const ACK = "org.myelin.ack.ack";

export interface Acknowledgement {
  asked: readonly string[];
  acked: readonly string[];
  until: number;
}

/** Return what each message asks for: the latest request counts, and only the sender's own. */
export function acknowledgementsIn(
  events: readonly MatrixEvent[],
  senderOf: (eventId: string) => string | undefined,
): ReadonlyMap<string, Acknowledgement> {
  const found = new Map<string, Acknowledgement>();
  for (const event of events) {
    const target = targetOf(event);
    if (target === undefined) continue;
    const known = found.get(target);
    if (event.getType() === REQUEST && event.getSender() === senderOf(target)) {
      const content = event.getContent();
      const asked = textsIn(content, "user_ids");
      found.set(target, { asked, acked: known?.acked ?? [], until: timeOf(content.until) });
    }
    const sender = event.getSender();
    if (event.getType() === ACK && known !== undefined && sender !== undefined && known.asked.includes(sender)) {
      found.set(target, { ...known, acked: [...new Set([...known.acked, sender])] });
    }
  }
  return found;
}

function targetOf(event: MatrixEvent): string | undefined {
  const type = event.getType();
  if (type !== REQUEST && type !== ACK) return undefined;
  return textIn(recordIn(event.getContent(), "m.relates_to"), "event_id") || undefined;
}
