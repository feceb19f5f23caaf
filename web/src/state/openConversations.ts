/** The conversations that were opened since the person signed in; what was being written in one waits there. */
import type { Session } from "../matrix/session";
import { Timeline } from "../matrix/timeline";
import { Conversation, type Tools } from "./conversation";
import type { Drafts } from "./drafts";

export class OpenConversations {
  private readonly opened = new Map<string, Conversation>();

  constructor(
    private readonly session: Session,
    private readonly tools: Tools,
    private readonly drafts: Drafts,
  ) {}

  /** Nothing for a room that the person is not in. */
  of(roomId: string): Conversation | undefined {
    const known = this.opened.get(roomId);
    if (known !== undefined) return known;
    const room = this.session.client.getRoom(roomId);
    if (room === null) return undefined;
    const conversation = new Conversation(new Timeline(this.session.client, room, this.tools.outbox), this.tools);
    this.opened.set(roomId, conversation);
    this.drafts.keep(roomId, conversation.draft).catch((fault) => console.warn("a draft could not be read", fault));
    return conversation;
  }
}
