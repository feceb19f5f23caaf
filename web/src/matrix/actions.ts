/** What a person does in a conversation; each returns when the server has accepted it or throws its refusal. */
import { EventStatus, EventType, type MatrixClient, MsgType, ReceiptType, RelationType } from "matrix-js-sdk";
import type { RoomMessageEventContent } from "matrix-js-sdk/lib/types";
import type { Content } from "./content";
import { EVERYBODY } from "./mentions";
import { CARD } from "./systemCard";

/** What is written: plain text, whom it mentions and what it answers. */
export interface Writing {
  text: string;
  mentions: readonly string[];
  replyTo?: string | undefined;
}

const TYPING_MS = 8_000;

export class Actions {
  constructor(private readonly client: MatrixClient) {}

  async edit(roomId: string, eventId: string, { text, mentions }: Writing): Promise<void> {
    const content = { msgtype: MsgType.Text, body: text, ...mentioning(mentions) } as const;
    const replaced: RoomMessageEventContent = {
      ...content,
      body: `* ${text}`,
      // Whoever was mentioned before has been told; an edit tells nobody a second time.
      "m.mentions": {},
      "m.new_content": content,
      "m.relates_to": { rel_type: RelationType.Replace, event_id: eventId },
    };
    await this.attempted(roomId, () => this.client.sendMessage(roomId, replaced));
  }

  /** Take a message back; refused, it stands as before. */
  async recall(roomId: string, eventId: string): Promise<void> {
    await this.attempted(roomId, () => this.client.redactEvent(roomId, eventId));
  }

  /** Add one's reaction, or take it back. */
  async react(roomId: string, eventId: string, key: string): Promise<void> {
    const own = this.ownReaction(roomId, eventId, key);
    if (own !== undefined) return this.recall(roomId, own);
    const relation = { "m.relates_to": { rel_type: RelationType.Annotation, event_id: eventId, key } } as const;
    await this.attempted(roomId, () => this.client.sendEvent(roomId, EventType.Reaction, relation));
  }

  /** Return what a message says, without what it answered and whom it mentioned. */
  forwarded(roomId: string, eventId: string): Content {
    const event = this.client.getRoom(roomId)?.findEventById(eventId);
    if (event === undefined) throw new Error("there is no such message");
    // What a system said is said on as words: only the system itself shows cards.
    const { "m.relates_to": _, [CARD]: __, ...content } = event.getContent();
    return { ...content, "m.mentions": {} };
  }

  /** Say that everything up to this message has been read. */
  async read(roomId: string, eventId: string): Promise<void> {
    const event = this.client.getRoom(roomId)?.findEventById(eventId);
    if (event !== undefined) await this.client.sendReadReceipt(event, ReceiptType.Read, true);
  }

  async typing(roomId: string, isTyping: boolean): Promise<void> {
    await this.client.sendTyping(roomId, isTyping, TYPING_MS);
  }

  /** Do something that shows at once, and take it back where it failed: what stays pending holds up what follows. */
  private async attempted(roomId: string, act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (refusal) {
      const pending = this.client.getRoom(roomId)?.getPendingEvents() ?? [];
      const failed = pending.filter(({ status }) => status === EventStatus.NOT_SENT);
      for (const event of failed) this.client.cancelPendingEvent(event);
      throw refusal;
    }
  }

  private ownReaction(roomId: string, eventId: string, key: string): string | undefined {
    const room = this.client.getRoom(roomId);
    const related = room?.relations.getChildEventsForEvent(eventId, RelationType.Annotation, EventType.Reaction);
    const events = related?.getSortedAnnotationsByKey()?.find(([each]) => each === key)?.[1] ?? new Set();
    return [...events].find((event) => event.getSender() === room?.myUserId)?.getId();
  }
}

export function textContent({ text, mentions, replyTo }: Writing): Content {
  const relation = replyTo === undefined ? {} : { "m.relates_to": { "m.in_reply_to": { event_id: replyTo } } };
  return { msgtype: MsgType.Text, body: text, ...mentioning(mentions), ...relation };
}

function mentioning(mentions: readonly string[]) {
  const userIds = mentions.filter((userId) => userId !== EVERYBODY);
  return {
    "m.mentions": {
      ...(userIds.length > 0 && { user_ids: userIds }),
      ...(mentions.includes(EVERYBODY) && { room: true }),
    },
  };
}
