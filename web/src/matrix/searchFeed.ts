/**
 * What the search learns: messages as they are decrypted, edits and recalls, and older history on request.
 *
 * Whatever arrives waits in a queue and is taken in while nobody waits for the screen.
 */
import {
  Direction,
  EventType,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  RelationType,
  type Room,
  RoomEvent,
} from "matrix-js-sdk";
import { asRecord, type Content, textIn, timeOf } from "./content";

/** What a message is found by. */
export interface Learned {
  eventId: string;
  senderId: string;
  at: number;
  text: string;
  kind: "text" | "file";
  isEdited: boolean;
}

/** What learns. */
export interface Learner {
  put(roomId: string, message: Learned): Promise<void>;
  amend(roomId: string, eventId: string, edit: { senderId: string; text: string; at: number }): Promise<void>;
  remove(roomId: string, eventId: string): Promise<void>;
  followed(roomId: string, live: { from: number; to: number; token: string | null }): void;
  paged(roomId: string, from: number | undefined, token: string | null): void;
  tokenOf(roomId: string): string | undefined;
  save(): Promise<void>;
}

const PAGE = 100;
const SAVE_AFTER_MS = 3_000;
const FILES = ["m.image", "m.file", "m.audio", "m.video"];

export class SearchFeed {
  private readonly queue = new Set<MatrixEvent>();
  private readonly followedRooms = new Set<string>();
  private isWorking = false;
  private saving: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly client: MatrixClient,
    private readonly learner: Learner,
    private readonly whenIdle: () => Promise<() => boolean>,
  ) {}

  start(): void {
    this.client.on(RoomEvent.Timeline, this.arrived);
    this.client.on(RoomEvent.TimelineReset, this.reset);
    this.client.on(MatrixEventEvent.Decrypted, this.take);
    for (const room of this.joined()) this.follow(room);
  }

  stop(): void {
    this.client.off(RoomEvent.Timeline, this.arrived);
    this.client.off(RoomEvent.TimelineReset, this.reset);
    this.client.off(MatrixEventEvent.Decrypted, this.take);
    clearTimeout(this.saving);
    this.queue.clear();
  }

  joined(): readonly Room[] {
    return this.client.getRooms().filter((room) => room.getMyMembership() === "join");
  }

  /** Read a page of history before what is known of a conversation; whether there was one. */
  async goOn(roomId: string): Promise<boolean> {
    const token = this.learner.tokenOf(roomId);
    if (token === undefined) return false;
    const page = await this.client.createMessagesRequest(roomId, token, PAGE, Direction.Backward);
    const mapped = this.client.getEventMapper({ decrypt: false });
    const events = page.chunk.map((event) => mapped({ ...event, room_id: roomId }));
    for (const event of events) await this.learn(event);
    const oldest = events.at(-1)?.getTs();
    // The same place again would be no progress, for ever.
    const next = page.end === token || events.length === 0 ? null : (page.end ?? null);
    this.learner.paged(roomId, oldest && timeOf(oldest), next);
    this.saveSoon();
    return true;
  }

  private arrived = (event: MatrixEvent, room: Room | undefined, toStart: boolean | undefined): void => {
    this.take(event);
    if (room !== undefined && !toStart && !this.followedRooms.has(room.roomId)) this.follow(room);
  };

  /** After a pause the client begins anew behind a gap. */
  private reset = (room: Room | undefined): void => {
    if (room !== undefined) this.followedRooms.delete(room.roomId);
  };

  private follow(room: Room): void {
    this.followedRooms.add(room.roomId);
    for (const event of room.getLiveTimeline().getEvents()) this.take(event);
  }

  private take = (event: MatrixEvent): void => {
    if (event.isState() || event.status !== null) return;
    this.queue.add(event);
    this.work();
  };

  private async work(): Promise<void> {
    if (this.isWorking) return;
    this.isWorking = true;
    const touched = new Set<string>();
    while (this.queue.size > 0) {
      const isOver = await this.whenIdle();
      for (const event of this.queue) {
        this.queue.delete(event);
        touched.add(event.getRoomId() ?? "");
        await this.learn(event);
        if (isOver()) break;
      }
    }
    this.isWorking = false;
    for (const room of this.joined()) if (touched.has(room.roomId)) this.learner.followed(room.roomId, liveOf(room));
    this.saveSoon();
  }

  /** One bad event is not found; the others are. */
  private async learn(event: MatrixEvent): Promise<void> {
    try {
      await this.client.decryptEventIfNeeded(event);
      await this.told(event);
    } catch (fault) {
      console.warn("a message could not be taken into the search", fault);
    }
  }

  private async told(event: MatrixEvent): Promise<void> {
    const roomId = event.getRoomId();
    const eventId = event.getId();
    const senderId = event.getSender();
    if (roomId === undefined || eventId === undefined || senderId === undefined) return;
    if (event.isRedaction()) return this.learner.remove(roomId, redactedBy(event));
    if (event.isRedacted()) return this.learner.remove(roomId, eventId);
    if (event.getType() !== EventType.RoomMessage || event.isDecryptionFailure()) return;
    const relation = event.isRelation(RelationType.Replace) ? event.getRelation() : null;
    if (relation?.event_id !== undefined) return this.edited(roomId, relation.event_id, event);
    const content = event.getOriginalContent();
    const [text, at] = [textOf(content), timeOf(event.getTs())];
    const kind = FILES.includes(textIn(content, "msgtype")) ? "file" : "text";
    if (text !== "") await this.learner.put(roomId, { eventId, senderId, at, kind, text, isEdited: false });
    const edit = event.replacingEvent();
    if (edit === null) return;
    // What the server has laid beside a message comes encrypted.
    await this.client.decryptEventIfNeeded(edit);
    await this.edited(roomId, eventId, edit);
  }

  private async edited(roomId: string, eventId: string, edit: MatrixEvent): Promise<void> {
    const text = textOf(asRecord(edit.getOriginalContent()["m.new_content"]) ?? {});
    const senderId = edit.getSender();
    if (text === "" || senderId === undefined) return;
    await this.learner.amend(roomId, eventId, { senderId, at: timeOf(edit.getTs()), text });
  }

  private saveSoon(): void {
    clearTimeout(this.saving);
    this.saving = setTimeout(() => {
      this.learner.save().catch((fault) => console.warn("the search could not be kept", fault));
    }, SAVE_AFTER_MS);
  }
}

/** The name of a file, and what is said beside it; the text of anything else. */
function textOf(content: Content): string {
  const [name, body] = [textIn(content, "filename"), textIn(content, "body")];
  return name !== "" && body !== "" && name !== body ? `${name} ${body}` : body || name;
}

function redactedBy(event: MatrixEvent): string {
  return event.event.redacts ?? textIn(event.getContent(), "redacts");
}

/** What the client holds of a room without a gap, up to now. */
function liveOf(room: Room): { from: number; to: number; token: string | null } {
  const timeline = room.getLiveTimeline();
  const events = timeline.getEvents();
  const [oldest, latest] = [events[0], events.at(-1)];
  const token = timeline.getPaginationToken("b" as Direction.Backward);
  return { from: timeOf(oldest?.getTs()), to: timeOf(latest?.getTs()), token };
}
