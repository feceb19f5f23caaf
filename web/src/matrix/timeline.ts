/**
 * One conversation's messages as a view draws them: edits applied, reactions counted, recalled and unreadable ones told
 * apart. The SDK keeps the events; items are made anew from them, and only for those that changed.
 */
import {
  type EventTimeline,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  type Room,
  RoomEvent,
  TimelineWindow,
} from "matrix-js-sdk";
import { Cell, type Value } from "../platform/value";
import { type Item, itemOf } from "./item";
import { MissingKeys } from "./missingKeys";

export interface TimelineState {
  items: readonly Item[];
  hasOlder: boolean;
  isLoading: boolean;
}

const FIRST_LOAD = 40;
const PAGE = 40;
const WINDOW_LIMIT = 2000;
const CHANGES = [RoomEvent.Timeline, RoomEvent.LocalEchoUpdated, RoomEvent.Receipt, RoomEvent.Redaction] as const;

export class Timeline {
  readonly state: Value<TimelineState>;
  private readonly cell = new Cell<TimelineState>({ items: [], hasOlder: true, isLoading: true });
  private readonly window: TimelineWindow;
  private readonly missingKeys: MissingKeys;
  private isDue = false;

  constructor(
    private readonly client: MatrixClient,
    readonly room: Room,
  ) {
    this.state = this.cell;
    this.missingKeys = new MissingKeys(client, () => this.changed());
    this.window = new TimelineWindow(client, room.getUnfilteredTimelineSet(), { windowLimit: WINDOW_LIMIT });
  }

  /** Load the latest messages and follow what happens, until `close`. */
  async open(): Promise<void> {
    for (const change of CHANGES) this.room.on(change, this.changed);
    this.client.on(MatrixEventEvent.Decrypted, this.decrypted);
    await this.window.load(undefined, FIRST_LOAD);
    this.draw(false);
  }

  close(): void {
    for (const change of CHANGES) this.room.off(change, this.changed);
    this.client.off(MatrixEventEvent.Decrypted, this.decrypted);
  }

  /** Load a page of older messages, if there are any and none is being loaded. */
  async loadOlder(): Promise<void> {
    const { isLoading, hasOlder } = this.cell.get();
    if (isLoading || !hasOlder) return;
    this.cell.update((state) => ({ ...state, isLoading: true }));
    await this.window.paginate(BACKWARDS, PAGE).catch(() => false);
    this.draw(false);
  }

  private decrypted = (event: MatrixEvent): void => {
    if (event.getRoomId() === this.room.roomId) this.changed();
  };

  private changed = (): void => {
    if (this.isDue) return;
    this.isDue = true;
    queueMicrotask(async () => {
      this.isDue = false;
      while (this.window.canPaginate(FORWARDS) && (await this.window.extend(FORWARDS, PAGE)));
      this.draw(this.cell.get().isLoading);
    });
  };

  private draw(isLoading: boolean): void {
    const sent = this.room.getPendingEvents();
    const events = [...this.window.getEvents(), ...sent];
    for (const event of events) if (event.isDecryptionFailure()) this.missingKeys.note(event);
    const isWaiting = (event: MatrixEvent) => this.missingKeys.isWaiting(event);
    const items = events.map((event) => itemOf(event, this.room, isWaiting)).filter((item) => item !== undefined);
    this.cell.set({ items, hasOlder: this.window.canPaginate(BACKWARDS), isLoading });
  }
}

const BACKWARDS = "b" as typeof EventTimeline.BACKWARDS;
const FORWARDS = "f" as typeof EventTimeline.FORWARDS;
