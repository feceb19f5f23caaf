/** One conversation as somebody works in it: what is said, what they write, and what is said about what failed. */
import type { Actions } from "../matrix/actions";
import type { Item } from "../matrix/item";
import type { Media } from "../matrix/media";
import { type Refusal, refusalOf } from "../matrix/refusal";
import type { Staff } from "../matrix/staff";
import type { Member, Timeline } from "../matrix/timeline";
import type { AckList, Trace, Traces } from "../matrix/traces";
import { type Outgoing, Uploads } from "../matrix/uploads";
import { isPicture, redrawn } from "../platform/pictures";
import { Cell } from "../platform/value";
import { type Draft, DraftModel } from "./draft";
import { firstUnreadOf } from "./lines";

/** What was being done when it was refused; the interface has a sentence for each pair. */
export interface Trouble {
  act: "send" | "edit" | "recall" | "react" | "forward" | "ask" | "acknowledge" | "remind" | "attach" | "record";
  refusal: Refusal;
}

/** What a conversation is built from. */
export interface Tools {
  actions: Actions;
  media: Media;
  traces: Traces;
  staff: Staff;
  now: () => number;
}

const ACK_MS = 24 * 60 * 60_000;
const TYPING_AGAIN_MS = 5_000;
const MENTIONS_SHOWN = 8;

export class Conversation {
  readonly draft = new DraftModel();
  readonly uploads: Uploads;
  readonly trouble = new Cell<Trouble | undefined>(undefined);
  /** Behind this what is new begins, as it was when the person came; nothing where nothing was new. */
  readonly unreadAfter = new Cell<string | undefined>(undefined);
  private readUpTo: string | undefined;
  private typedAt = 0;

  constructor(
    readonly timeline: Timeline,
    private readonly tools: Tools,
  ) {
    this.uploads = new Uploads(tools.media, tools.actions, this.roomId);
  }

  get roomId(): string {
    return this.timeline.room.roomId;
  }

  get ownId(): string {
    return this.timeline.room.myUserId;
  }

  get isClinical(): boolean {
    return this.timeline.isClinical;
  }

  get media(): Media {
    return this.tools.media;
  }

  async open(): Promise<void> {
    const readUpTo = await this.timeline.open();
    const { items } = this.timeline.state.get();
    const isLoaded = items.some((item) => item.eventId === readUpTo);
    const isNew = !isLoaded || firstUnreadOf(items, readUpTo) !== undefined;
    this.readUpTo = readUpTo;
    this.unreadAfter.set(isNew ? readUpTo : undefined);
  }

  close(): void {
    this.timeline.close();
  }

  nameOf(userId: string): string {
    return this.timeline.nameOf(userId);
  }

  /** Send what is written, in the way it was begun. */
  async send(): Promise<void> {
    const draft = this.draft.take();
    if (draft === undefined) return;
    this.stopTyping();
    const { text, mode } = draft;
    const writing = { text, mentions: draft.mentioned.map(({ userId }) => userId) };
    if (mode.kind === "edit") {
      if (text === mode.item.text) return;
      return this.trying("edit", () => this.tools.actions.edit(this.roomId, mode.item.eventId, writing));
    }
    await this.say(draft, writing);
  }

  retry(item: Item): Promise<void> {
    return this.trying("send", () => this.tools.actions.retry(this.roomId, item.eventId));
  }

  recall(item: Item): Promise<void> {
    return this.trying("recall", () => this.tools.actions.recall(this.roomId, item.eventId));
  }

  react(item: Item, key: string): Promise<void> {
    return this.trying("react", () => this.tools.actions.react(this.roomId, item.eventId, key));
  }

  forward(item: Item, toRoomId: string): Promise<void> {
    return this.trying("forward", () => this.tools.actions.forward(this.roomId, item.eventId, toRoomId));
  }

  acknowledge(item: Item): Promise<void> {
    return this.trying("acknowledge", () => this.tools.traces.acknowledge(this.roomId, item.eventId));
  }

  trace(item: Item): Promise<Trace> {
    return this.tools.traces.trace(this.roomId, item.eventId);
  }

  acks(item: Item): Promise<AckList> {
    return this.tools.traces.acks(this.roomId, item.eventId);
  }

  /** Remind whoever has not answered; the sentence about a refusal belongs to the list that asks. */
  async remind(item: Item): Promise<Refusal | undefined> {
    return this.tools.traces.remind(this.roomId, item.eventId).then(() => undefined, refusalOf);
  }

  /** Say that everything up to here was on the screen; whoever looks at older messages takes nothing back. */
  read(item: Item): void {
    const { eventId } = item;
    const { items, hasNewer } = this.timeline.state.get();
    const placeOf = (id: string | undefined) => items.findIndex((each) => each.eventId === id);
    const upTo = placeOf(this.readUpTo);
    // Far up, what was read may lie behind all that is shown.
    if (!eventId.startsWith("$") || placeOf(eventId) <= upTo || (upTo < 0 && hasNewer)) return;
    const before = this.readUpTo;
    this.readUpTo = eventId;
    this.tools.actions.read(this.roomId, eventId).catch(() => {
      this.readUpTo = before;
    });
  }

  typed(text: string): void {
    this.draft.write(text);
    const now = this.tools.now();
    if (text === "") this.stopTyping();
    if (text === "" || now - this.typedAt < TYPING_AGAIN_MS) return;
    this.typedAt = now;
    // Nobody misses that somebody typed.
    this.tools.actions.typing(this.roomId, true).catch(() => undefined);
  }

  /** Return the members whose name, pinyin or number begins with what was typed. */
  async candidates(term: string): Promise<readonly Member[]> {
    const { others } = this.timeline.state.get();
    const here = others.filter(({ name }) => name.toLowerCase().includes(term.toLowerCase()));
    if (term === "" || here.length >= MENTIONS_SHOWN) return here.slice(0, MENTIONS_SHOWN);
    const found = await this.tools.staff.found(term).catch(() => []);
    const byPinyin = found.map(({ user_id }) => others.find(({ userId }) => userId === user_id));
    return [...new Set([...here, ...byPinyin.filter((member) => member !== undefined)])].slice(0, MENTIONS_SHOWN);
  }

  /** Send files, pictures without what the camera wrote into them. */
  async attach(files: readonly File[]): Promise<void> {
    for (const file of files) {
      await this.trying("attach", async () => this.uploads.send(await outgoingOf(file)));
    }
  }

  async sendVoice(blob: Blob, durationMs: number, name: string): Promise<void> {
    await this.uploads.send({ kind: "voice", name, blob, durationMs });
  }

  /** Do something, and say so where it was refused. */
  async trying(act: Trouble["act"], attempt: () => Promise<unknown>): Promise<void> {
    this.trouble.set(undefined);
    try {
      await attempt();
    } catch (fault) {
      this.trouble.set({ act, refusal: refusalOf(fault) });
    }
  }

  private async say({ mode, isImportant }: Draft, writing: { text: string; mentions: string[] }): Promise<void> {
    const replyTo = mode.kind === "reply" ? mode.item.eventId : undefined;
    const sent = await this.tools.actions.say(this.roomId, { ...writing, replyTo }).catch(() => undefined);
    // A message that could not be sent stands in the conversation, and says so itself.
    if (sent === undefined || !isImportant) return;
    await this.trying("ask", () => this.tools.traces.request(this.roomId, sent, this.tools.now() + ACK_MS));
  }

  private stopTyping(): void {
    if (this.typedAt === 0) return;
    this.typedAt = 0;
    this.tools.actions.typing(this.roomId, false).catch(() => undefined);
  }
}

async function outgoingOf(file: File): Promise<Outgoing> {
  if (file.type === "image/gif") return { kind: "image", name: file.name, blob: file };
  if (!isPicture(file)) return { kind: "file", name: file.name, blob: file };
  const { picture, thumbnail } = await redrawn(file);
  return { kind: "image", name: file.name, ...picture, thumbnail };
}
