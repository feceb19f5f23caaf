/**
 * One conversation's messages as a view draws them: edits applied, reactions counted, recalled and unreadable ones told
 * apart. The SDK keeps the events; an item that says the same as before stays the same object, so its line is not drawn.
 */
import {
  type EventTimeline,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  type Room,
  RoomEvent,
  RoomMemberEvent,
  TimelineWindow,
} from "matrix-js-sdk";
import { Cell, type Value } from "../platform/value";
import { acknowledgementsIn } from "./acknowledgement";
import { pressedIn } from "./cardEvents";
import { cleaned } from "./content";
import { echoOf, sendingOf } from "./echo";
import { type Item, itemOf, type Surroundings, transactionOf, unreadableItem } from "./item";
import { MissingKeys } from "./missingKeys";
import type { Outbox, Outgoing } from "./outbox";

export interface Member {
  userId: string;
  name: string;
}

export interface TimelineState {
  items: readonly Item[];
  hasOlder: boolean;
  /** Whether there is more behind what is shown: somebody reads far up, and what comes does not move them. */
  hasNewer: boolean;
  isLoading: boolean;
  /** Everybody else in the conversation, but the server's own hand. */
  others: readonly Member[];
  typing: readonly string[];
  /** How many messages the person has not read, as the server counts them. */
  unread: number;
}

const FIRST_LOAD = 40;
const PAGE = 40;
// So many events are shown at once; beyond that one end is let go while the other grows.
const SHOWN = 600;
const EMPTY: TimelineState = {
  items: [],
  hasOlder: true,
  hasNewer: false,
  isLoading: true,
  others: [],
  typing: [],
  unread: 0,
};
const CHANGES = [
  RoomEvent.Timeline,
  RoomEvent.LocalEchoUpdated,
  RoomEvent.Receipt,
  RoomEvent.Redaction,
  RoomEvent.RedactionCancelled,
  RoomEvent.UnreadNotifications,
] as const;
const MEMBER_CHANGES = [RoomMemberEvent.Typing, RoomMemberEvent.Name, RoomMemberEvent.Membership] as const;

export class Timeline {
  readonly state: Value<TimelineState>;
  private readonly cell = new Cell<TimelineState>(EMPTY);
  private readonly window: TimelineWindow;
  private readonly missingKeys: MissingKeys;
  private isDue = false;
  /** Whether what is shown ends with the latest, and what comes is shown at once. */
  private isFollowing = true;
  private stopFollowing = () => {};

  constructor(
    private readonly client: MatrixClient,
    readonly room: Room,
    private readonly outbox: Outbox,
  ) {
    this.state = this.cell;
    this.missingKeys = new MissingKeys(client, () => this.changed());
    this.window = new TimelineWindow(client, room.getUnfilteredTimelineSet(), { windowLimit: Number.MAX_SAFE_INTEGER });
  }

  /** Load the latest messages and follow what happens, until `close`; return up to which the person had read. */
  async open(): Promise<string | undefined> {
    const readUpTo = this.room.getEventReadUpTo(this.room.myUserId) ?? undefined;
    for (const change of CHANGES) this.room.on(change, this.changed);
    for (const change of MEMBER_CHANGES) this.client.on(change, this.memberChanged);
    this.client.on(MatrixEventEvent.Decrypted, this.eventChanged);
    this.client.on(MatrixEventEvent.Replaced, this.eventChanged);
    this.stopFollowing = this.outbox.entries.subscribe(this.changed);
    this.room.on(RoomEvent.TimelineReset, this.reset);
    await this.toLatest();
    // Names and counts need everybody; the messages do not wait for them.
    this.room.loadMembersIfNeeded().then(this.changed, () => undefined);
    return this.itemUpTo(readUpTo);
  }

  close(): void {
    this.missingKeys.stop();
    this.stopFollowing();
    for (const change of CHANGES) this.room.off(change, this.changed);
    for (const change of MEMBER_CHANGES) this.client.off(change, this.memberChanged);
    this.client.off(MatrixEventEvent.Decrypted, this.eventChanged);
    this.client.off(MatrixEventEvent.Replaced, this.eventChanged);
    this.room.off(RoomEvent.TimelineReset, this.reset);
  }

  /** Show the latest messages, and follow. */
  async toLatest(): Promise<void> {
    await this.window.load(undefined, FIRST_LOAD);
    this.isFollowing = true;
    this.draw(false);
  }

  /** Load a page of older messages, if there are any and none is being loaded. */
  async loadOlder(): Promise<void> {
    const { isLoading, hasOlder } = this.cell.get();
    if (!isLoading && hasOlder) await this.load(BACKWARDS);
  }

  /** Load a page of newer messages, if there are any and none is being loaded; behind the last, follow again. */
  async loadNewer(): Promise<void> {
    const { isLoading, hasNewer } = this.cell.get();
    if (!isLoading && hasNewer) await this.load(FORWARDS);
  }

  /** Show a message, with what was said around it where it is far away; false where it is not found. */
  async reveal(eventId: string): Promise<boolean> {
    if (this.holds(eventId)) return true;
    this.cell.update((state) => ({ ...state, isLoading: true }));
    await this.window.load(eventId, FIRST_LOAD).catch(() => undefined);
    this.isFollowing = !this.window.canPaginate(FORWARDS);
    this.draw(false);
    return this.holds(eventId);
  }

  private async load(direction: Direction): Promise<void> {
    this.cell.update((state) => ({ ...state, isLoading: true }));
    await this.letGo(direction === BACKWARDS ? FORWARDS : BACKWARDS);
    await this.window.paginate(direction, PAGE).catch(() => false);
    if (direction === FORWARDS) this.isFollowing = !this.window.canPaginate(FORWARDS);
    this.draw(false);
  }

  /** Make room at one end; drawn before the other grows, since a list keeps its place only where one end changes. */
  private async letGo(direction: Direction): Promise<void> {
    const surplus = this.window.getEvents().length + PAGE - SHOWN;
    if (surplus <= 0) return;
    this.window.unpaginate(surplus, direction === BACKWARDS);
    if (direction === FORWARDS) this.isFollowing = false;
    this.draw(true);
    await new Promise((drawn) => setTimeout(drawn));
  }

  /** Whether what is said here may be taken for an order about a patient. */
  get isClinical(): boolean {
    const content = this.room.currentState.getStateEvents("org.myelin.room", "")?.getContent();
    return content?.kind === "patient" || content?.kind === "department";
  }

  /** Whether whoever reads here is named over what is read. */
  get hasWatermark(): boolean {
    return this.room.currentState.getStateEvents("org.myelin.room", "")?.getContent().watermark === true;
  }

  get mayMentionAll(): boolean {
    const { room } = this;
    return room.getJoinedMemberCount() > 2 && room.currentState.mayTriggerNotifOfType("room", room.myUserId);
  }

  nameOf(userId: string): string {
    return cleaned(this.room.getMember(userId)?.name) || userId;
  }

  /** The last item up to an event, which may be none itself; the event where it is not loaded. */
  itemUpTo(eventId: string | undefined): string | undefined {
    const eventIds = this.window.getEvents().map((event) => event.getId());
    const items = new Set(this.cell.get().items.map((item) => item.eventId));
    const before = eventIds.slice(0, eventIds.indexOf(eventId) + 1);
    return before.length === 0 ? eventId : before.findLast((each) => each !== undefined && items.has(each));
  }

  private holds(eventId: string): boolean {
    return this.window.getEvents().some((event) => event.getId() === eventId);
  }

  private eventChanged = (event: MatrixEvent): void => {
    if (event.getRoomId() === this.room.roomId) this.changed();
  };

  private memberChanged = (_event: MatrixEvent, member: { roomId: string }): void => {
    if (member.roomId === this.room.roomId) this.changed();
  };

  /** After a pause the server tells the latest only, and the SDK begins anew behind a gap. */
  private reset = (): void => {
    if (this.isFollowing) this.toLatest().catch(() => undefined);
  };

  private changed = (): void => {
    if (this.isDue) return;
    this.isDue = true;
    queueMicrotask(async () => {
      this.isDue = false;
      while (this.isFollowing && this.window.extend(FORWARDS, PAGE));
      this.draw(this.cell.get().isLoading);
    });
  };

  private draw(isLoading: boolean): void {
    const waiting = this.outbox.entries.get().filter(({ roomId }) => roomId === this.room.roomId);
    const { events, echoes } = withoutDoubles(this.window.getEvents(), this.isFollowing ? waiting : []);
    const shown = this.isFollowing ? waiting.filter((entry) => !echoes.includes(entry)) : [];
    this.outbox.shown(shown.map(({ txnId }) => txnId));
    for (const event of events) if (event.isDecryptionFailure()) this.missingKeys.note(event);
    const others = this.othersNow();
    const around = this.surroundings(events, others);
    const before = new Map(this.cell.get().items.map((item) => [item.id, item]));
    const items = [
      ...events.map((event) => this.safely(event, around)),
      ...echoes.map((entry) => this.echo(entry, around)),
    ].filter((item) => item !== undefined);
    this.cell.update((state) => ({
      ...state,
      items: items.map((item) => unchanged(before.get(item.id), item)),
      hasOlder: this.window.canPaginate(BACKWARDS),
      hasNewer: !this.isFollowing,
      isLoading,
      others: unchanged(state.others, others),
      unread: this.room.getUnreadNotificationCount(),
      typing: unchanged(state.typing, this.typingNow()),
    }));
  }

  /** One bad event is a plain line, and never hides the others. */
  private safely(event: MatrixEvent, around: Surroundings): Item | undefined {
    try {
      return itemOf(event, this.room, around);
    } catch (fault) {
      console.warn("an event could not be shown", fault);
      return unreadableItem(event, this.room);
    }
  }

  private echo(entry: Outgoing, around: Surroundings): Item | undefined {
    const item = this.safely(echoOf(entry, this.room), around);
    return item && sendingOf(item, entry);
  }

  private surroundings(events: readonly MatrixEvent[], others: readonly Member[]): Surroundings {
    const senders = new Map(events.map((event) => [event.getId(), event.getSender()]));
    const acknowledgements = acknowledgementsIn(events, (eventId) => senders.get(eventId));
    const pressed = pressedIn(events, this.room.myUserId);
    const readers = readersOf(events, this.room, new Set(others.map((member) => member.userId)));
    return {
      isWaiting: (event) => this.missingKeys.isWaiting(event),
      readersOf: (eventId) => readers.get(eventId) ?? [],
      acknowledgementOf: (eventId) => acknowledgements.get(eventId),
      pressedOf: (eventId) => pressed.get(eventId),
    };
  }

  private othersNow(): readonly Member[] {
    return this.room
      .getJoinedMembers()
      .filter(({ userId }) => userId !== this.room.myUserId && !userId.startsWith("@_myelin:"))
      .map(({ userId, name }) => ({ userId, name: cleaned(name) || userId }));
  }

  private typingNow(): readonly string[] {
    const typing = this.room.getMembers().filter((member) => member.typing && member.userId !== this.room.myUserId);
    return typing.map((member) => cleaned(member.name) || member.userId);
  }
}

/** What this device has sent stands as its own echo until the event can be read: never twice, and never 正在获取. */
function withoutDoubles(
  loaded: readonly MatrixEvent[],
  waiting: readonly Outgoing[],
): { events: readonly MatrixEvent[]; echoes: readonly Outgoing[] } {
  if (waiting.length === 0) return { events: loaded, echoes: [] };
  const own = new Map<unknown, Outgoing>();
  for (const entry of waiting) own.set(entry.txnId, entry).set(entry.accepted?.eventId ?? entry.txnId, entry);
  const entryOf = (event: MatrixEvent) => own.get(transactionOf(event)) ?? own.get(event.getId());
  const isLegible = (event: MatrixEvent) => !event.isEncrypted() || event.getClearContent() !== null;
  const shown = new Set(loaded.filter(isLegible).map(entryOf));
  const events = loaded.filter((event) => isLegible(event) || entryOf(event) === undefined);
  return { events, echoes: waiting.filter((entry) => !shown.has(entry)) };
}

/** Return who has read each event: whoever has a receipt at it or at a later one. */
function readersOf(
  events: readonly MatrixEvent[],
  room: Room,
  others: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  let readers: readonly string[] = [];
  for (const event of [...events].reverse()) {
    const here = room.getUsersReadUpTo(event).filter((userId) => others.has(userId) && !readers.includes(userId));
    if (here.length > 0) readers = [...readers, ...here];
    found.set(event.getId() ?? "", readers);
  }
  return found;
}

function unchanged<T extends object>(before: T | undefined, now: T): T {
  return before !== undefined && JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

type Direction = typeof EventTimeline.BACKWARDS | typeof EventTimeline.FORWARDS;
const BACKWARDS = "b" as typeof EventTimeline.BACKWARDS;
const FORWARDS = "f" as typeof EventTimeline.FORWARDS;
