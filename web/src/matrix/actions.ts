/** What a person does in a conversation; each returns when the server has accepted it or throws its refusal. */
import { EventType, type MatrixClient, MsgType, ReceiptType, RelationType } from "matrix-js-sdk";
import type { RoomMessageEventContent } from "matrix-js-sdk/lib/types";

/** What is written: plain text, whom it mentions and what it answers. */
export interface Writing {
  text: string;
  mentions: readonly string[];
  replyTo?: string | undefined;
}

const TYPING_MS = 8_000;

export class Actions {
  constructor(private readonly client: MatrixClient) {}

  /** Return the id of the message. */
  async say(roomId: string, { text, mentions, replyTo }: Writing): Promise<string> {
    const relation = replyTo === undefined ? {} : { "m.relates_to": { "m.in_reply_to": { event_id: replyTo } } };
    return this.send(roomId, { msgtype: MsgType.Text, body: text, ...mentioning(mentions), ...relation });
  }

  async send(roomId: string, content: RoomMessageEventContent): Promise<string> {
    return (await this.client.sendMessage(roomId, content)).event_id;
  }

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
    await this.client.sendMessage(roomId, replaced);
  }

  /** Take a message back; refused, it stands as before. */
  async recall(roomId: string, eventId: string): Promise<void> {
    try {
      await this.client.redactEvent(roomId, eventId);
    } catch (refusal) {
      const pending = this.client.getRoom(roomId)?.getPendingEvents() ?? [];
      const echo = pending.find((event) => event.isRedaction() && event.getAssociatedId() === eventId);
      if (echo !== undefined) this.client.cancelPendingEvent(echo);
      throw refusal;
    }
  }

  /** Add one's reaction, or take it back. */
  async react(roomId: string, eventId: string, key: string): Promise<void> {
    const own = this.ownReaction(roomId, eventId, key);
    if (own !== undefined) return this.recall(roomId, own);
    await this.client.sendEvent(roomId, EventType.Reaction, {
      "m.relates_to": { rel_type: RelationType.Annotation, event_id: eventId, key },
    });
  }

  /** Send what a message says, without what it answered and whom it mentioned, to another conversation. */
  async forward(roomId: string, eventId: string, toRoomId: string): Promise<void> {
    const event = this.client.getRoom(roomId)?.findEventById(eventId);
    if (event === undefined) throw new Error("there is no such message");
    const { "m.relates_to": _, ...content } = event.getContent();
    await this.send(toRoomId, { ...content, "m.mentions": {} } as unknown as RoomMessageEventContent);
  }

  /** Say that everything up to this message has been read. */
  async read(roomId: string, eventId: string): Promise<void> {
    const event = this.client.getRoom(roomId)?.findEventById(eventId);
    if (event !== undefined) await this.client.sendReadReceipt(event, ReceiptType.Read, true);
  }

  async typing(roomId: string, isTyping: boolean): Promise<void> {
    await this.client.sendTyping(roomId, isTyping, TYPING_MS);
  }

  async retry(roomId: string, eventId: string): Promise<void> {
    const room = this.client.getRoom(roomId);
    const event = room?.getPendingEvents().find((pending) => pending.getId() === eventId);
    if (room !== null && event !== undefined) await this.client.resendEvent(event, room);
  }

  private ownReaction(roomId: string, eventId: string, key: string): string | undefined {
    const room = this.client.getRoom(roomId);
    const related = room?.relations.getChildEventsForEvent(eventId, RelationType.Annotation, EventType.Reaction);
    const events = related?.getSortedAnnotationsByKey()?.find(([each]) => each === key)?.[1] ?? new Set();
    return [...events].find((event) => event.getSender() === room?.myUserId)?.getId();
  }
}

function mentioning(userIds: readonly string[]) {
  return { "m.mentions": userIds.length === 0 ? {} : { user_ids: [...userIds] } };
}
