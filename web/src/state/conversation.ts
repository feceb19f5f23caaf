/** One conversation as somebody works in it: what is said, what they write, and what is said about what failed. */
import { type Actions, textContent } from "../matrix/actions";
import type { Pressed } from "../matrix/cardEvents";
import type { Item } from "../matrix/item";
import type { KeysState } from "../matrix/keys";
import type { Media } from "../matrix/media";
import type { Outbox, Wish } from "../matrix/outbox";
import type { OutgoingFile } from "../matrix/outgoingFile";
import type { Presses } from "../matrix/presses";
import { type Refusal, refusalOf } from "../matrix/refusal";
import type { Staff } from "../matrix/staff";
import { isStation } from "../matrix/station";
import type { Card, CardAction } from "../matrix/systemCard";
import type { Member, Timeline } from "../matrix/timeline";
import type { AckList, Trace, Traces } from "../matrix/traces";
import type { IdentityChange } from "../matrix/trust";
import { isPicture, redrawn } from "../platform/pictures";
import type { ServerClock } from "../platform/serverClock";
import { Cell, type Value } from "../platform/value";
import { type Draft, DraftModel } from "./draft";
import { firstUnreadOf } from "./lines";

/** What was being done when it was refused; the interface has a sentence for each pair. */
export interface Trouble {
  act: "send" | "edit" | "recall" | "react" | "forward" | "ask" | "acknowledge" | "remind" | "attach" | "record";
  refusal: Refusal;
}

/** A button that was pressed on a card, or one whose press is to be sent once more. */
export type CardPress = { card: Card; action: CardAction; input: string | null } | { again: Pressed };

/** What a conversation is built from. */
export interface Tools {
  actions: Actions;
  outbox: Outbox;
  media: Media;
  traces: Traces;
  staff: Staff;
  now: () => number;
  presses: Presses;
  clock: ServerClock;
  keys: Value<KeysState>;
  identityChanges: Value<readonly IdentityChange[]>;
  /** Where links of cards may lead. */
  linkHosts: Value<readonly string[]>;
}

const TYPING_AGAIN_MS = 5_000;
const MENTIONS_SHOWN = 8;

export class Conversation {
  readonly draft = new DraftModel();
  readonly trouble = new Cell<Trouble | undefined>(undefined);
  /** Behind this what is new begins, as it was when the person came; nothing where nothing was new. */
  readonly unreadAfter = new Cell<string | undefined>(undefined);
  /** How many messages were new when the person came. */
  readonly unreadCount = new Cell(0);
  /** Whether the messages are there, and where the person had read to is known. */
  readonly isOpen = new Cell(false);
  /** A message to be shown, wherever it is, as soon as the conversation is open. */
  readonly jumpTo = new Cell<string | undefined>(undefined);
  private openings = 0;
  private readUpTo: string | undefined;
  private typedAt = 0;
  private stopHearing = () => {};

  constructor(
    readonly timeline: Timeline,
    private readonly tools: Tools,
  ) {}

  get roomId(): string {
    return this.timeline.room.roomId;
  }

  get ownId(): string {
    return this.timeline.room.myUserId;
  }

  /** A station shows and rings; whoever wants to act signs in as herself. */
  get mayAct(): boolean {
    return !isStation(this.ownId);
  }

  get isClinical(): boolean {
    return this.timeline.isClinical;
  }

  get identityChanges(): Value<readonly IdentityChange[]> {
    return this.tools.identityChanges;
  }

  /** Whether the person may call everybody at once. */
  get mayMentionAll(): boolean {
    return this.timeline.mayMentionAll;
  }

  get hasWatermark(): boolean {
    return this.timeline.hasWatermark;
  }

  get media(): Media {
    return this.tools.media;
  }

  /** The server's time where it is known. */
  now(): number {
    return this.tools.now();
  }

  get presses(): Presses {
    return this.tools.presses;
  }

  get clock(): ServerClock {
    return this.tools.clock;
  }

  get keys(): Value<KeysState> {
    return this.tools.keys;
  }

  get linkHosts(): Value<readonly string[]> {
    return this.tools.linkHosts;
  }

  async open(): Promise<void> {
    this.stopHearing = this.tools.outbox.entries.subscribe(this.toldOfAsking);
    this.openings += 1;
    const opening = this.openings;
    const read = await this.timeline.open();
    this.unreadCount.set(this.timeline.state.get().unread);
    const readUpTo = (await this.shownUnread(read)) ?? read;
    if (opening !== this.openings) return;
    const { items } = this.timeline.state.get();
    const isLoaded = items.some((item) => item.eventId === readUpTo);
    const isNew = !isLoaded || firstUnreadOf(items, readUpTo) !== undefined;
    this.readUpTo = readUpTo;
    this.unreadAfter.set(isNew ? readUpTo : undefined);
    this.isOpen.set(true);
  }

  /** Where more is new than was loaded, load what is around its beginning; unless something else is to be shown. */
  private async shownUnread(readUpTo: string | undefined): Promise<string | undefined> {
    const isLoaded = this.timeline.state.get().items.some(({ eventId }) => eventId === readUpTo);
    if (readUpTo === undefined || isLoaded || this.unreadCount.get() === 0 || this.jumpTo.get()) return undefined;
    return (await this.timeline.reveal(readUpTo)) ? this.timeline.itemUpTo(readUpTo) : undefined;
  }

  close(): void {
    this.openings += 1;
    this.isOpen.set(false);
    this.stopHearing();
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
      const edit = () => this.tools.actions.edit(this.roomId, mode.item.eventId, writing);
      // An edit waits in no outbox: what is refused is there to be sent again.
      if (!(await this.trying("edit", edit))) this.draft.giveBack(draft);
      return;
    }
    await this.say(draft, writing);
  }

  /** Send again what was refused. */
  retry(item: Item): void {
    this.tools.outbox.retry(item.id);
  }

  /** Give up a message that is not sent. */
  async discard(item: Item): Promise<void> {
    await this.tools.outbox.remove(item.id);
  }

  /** Begin to edit the person's latest message; false where none is shown. */
  editLast(): boolean {
    const { items } = this.timeline.state.get();
    const last = items.findLast((item) => item.isOwn && item.kind === "text" && item.eventId.startsWith("$"));
    if (last !== undefined) this.draft.edit(last);
    return last !== undefined;
  }

  recall(item: Item): Promise<boolean> {
    return this.trying("recall", () => this.tools.actions.recall(this.roomId, item.eventId));
  }

  react(item: Item, key: string): Promise<boolean> {
    return this.trying("react", () => this.tools.actions.react(this.roomId, item.eventId, key));
  }

  forward(item: Item, toRoomId: string): Promise<boolean> {
    return this.trying("forward", async () => {
      const content = this.tools.actions.forwarded(this.roomId, item.eventId);
      await this.tools.outbox.add({ roomId: toRoomId, content });
    });
  }

  acknowledge(item: Item): Promise<boolean> {
    return this.trying("acknowledge", () => this.tools.traces.acknowledge(this.roomId, item.eventId));
  }

  /** Press a button of a card; what could not be sent says so on the card itself. */
  async press(item: Item, press: CardPress): Promise<void> {
    const { presses } = this.tools;
    if ("again" in press) return presses.again(this.roomId, item.eventId, press.again);
    const { card, action, input } = press;
    await presses.press(this.roomId, item.eventId, { case: card.case, rev: card.rev, action: action.id, input });
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
      await this.trying("attach", async () => this.sendFile(await outgoingOf(file)));
    }
  }

  async sendVoice(blob: Blob, durationMs: number, name: string): Promise<void> {
    await this.sendFile({ kind: "voice", name, blob, durationMs });
  }

  /** Do something, and say so where it was refused; whether it was done. */
  async trying(act: Trouble["act"], attempt: () => Promise<unknown>): Promise<boolean> {
    this.trouble.set(undefined);
    try {
      await attempt();
      return true;
    } catch (fault) {
      this.trouble.set({ act, refusal: refusalOf(fault) });
      return false;
    }
  }

  private async say({ mode, isImportant }: Draft, writing: { text: string; mentions: string[] }): Promise<void> {
    const replyTo = mode.kind === "reply" ? mode.item.eventId : undefined;
    await this.toOutbox({ content: textContent({ ...writing, replyTo }), isImportant });
  }

  private async sendFile(file: OutgoingFile): Promise<void> {
    await this.toOutbox({ file });
  }

  /** Whoever writes from the middle of history is shown what they wrote. */
  private async toOutbox(wish: Omit<Wish, "roomId">): Promise<void> {
    const isKept = this.tools.outbox.add({ roomId: this.roomId, ...wish });
    if (this.timeline.state.get().hasNewer) await this.timeline.toLatest();
    await isKept;
  }

  /** A message is there and nobody was asked for 收到: that is said, because the message itself does not show it. */
  private toldOfAsking = (): void => {
    const entries = this.tools.outbox.entries.get();
    const unasked = entries.find(
      ({ roomId, stage, accepted }) => roomId === this.roomId && stage === "failed" && accepted,
    );
    if (unasked === undefined) return;
    this.trouble.set({ act: "ask", refusal: unasked.refusal ?? "failed" });
    this.tools.outbox.remove(unasked.txnId);
  };

  private stopTyping(): void {
    if (this.typedAt === 0) return;
    this.typedAt = 0;
    this.tools.actions.typing(this.roomId, false).catch(() => undefined);
  }
}

/** What every browser in the hospital plays; other videos are files. */
function isPlayable({ type }: File): boolean {
  return type === "video/mp4" || type === "video/webm";
}

async function outgoingOf(file: File): Promise<OutgoingFile> {
  if (file.type === "image/gif") return { kind: "image", name: file.name, blob: file };
  if (isPlayable(file)) return { kind: "video", name: file.name, blob: file };
  if (!isPicture(file)) return { kind: "file", name: file.name, blob: file };
  const { picture, thumbnail } = await redrawn(file);
  return { kind: "image", name: file.name, ...picture, thumbnail };
}
