/** What a person does in a conversation; each returns when the server has accepted it or throws its refusal. */
import { EventType, type MatrixClient, MsgType, ReceiptType, RelationType } from "matrix-js-sdk";
import type { RoomMessageEventContent } from "matrix-js-sdk/lib/types";

export class Actions {
  constructor(private readonly client: MatrixClient) {}

  async say(roomId: string, text: string, replyTo?: string): Promise<void> {
    const relation = replyTo === undefined ? {} : { "m.relates_to": { "m.in_reply_to": { event_id: replyTo } } };
    await this.client.sendMessage(roomId, { msgtype: MsgType.Text, body: text, "m.mentions": {}, ...relation });
  }

  async edit(roomId: string, eventId: string, text: string): Promise<void> {
    const content = { msgtype: MsgType.Text, body: text, "m.mentions": {} } as const;
    const replaced: RoomMessageEventContent = {
      ...content,
      body: `* ${text}`,
      "m.new_content": content,
      "m.relates_to": { rel_type: RelationType.Replace, event_id: eventId },
    };
    await this.client.sendMessage(roomId, replaced);
  }

  async recall(roomId: string, eventId: string): Promise<void> {
    await this.client.redactEvent(roomId, eventId);
  }

  async react(roomId: string, eventId: string, key: string): Promise<void> {
    await this.client.sendEvent(roomId, EventType.Reaction, {
      "m.relates_to": { rel_type: RelationType.Annotation, event_id: eventId, key },
    });
  }

  /** Say that everything up to this message has been read. */
  async read(roomId: string, eventId: string): Promise<void> {
    const event = this.client.getRoom(roomId)?.findEventById(eventId);
    if (event !== undefined) await this.client.sendReadReceipt(event, ReceiptType.Read, true);
  }

  async retry(roomId: string, eventId: string): Promise<void> {
    const room = this.client.getRoom(roomId);
    const event = room?.getPendingEvents().find((pending) => pending.getId() === eventId);
    if (room !== null && event !== undefined) await this.client.resendEvent(event, room);
  }
}
