/**
 * What was said and is not on the server yet. It is kept on this device until the server has it, and sent in order.
 *
 * A message keeps one transaction id for all attempts, and the server accepts an id once: an answer that was lost, a
 * reload in between or a second attempt never double a message. Nothing here knows the SDK or the interface.
 */
import { Cell, type Value } from "../platform/value";
import type { Content } from "./content";
import type { OutboxStore } from "./outboxStore";
import type { OutgoingFile } from "./outgoingFile";
import { isPassing, type Refusal, refusalOf } from "./refusal";

/** `sent` is what the server has, and the timeline may not show yet. */
export type Stage = "waiting" | "sending" | "sent" | "failed";

export interface Outgoing {
  txnId: string;
  roomId: string;
  at: number;
  stage: Stage;
  /** Whether a reload would find it. */
  isKept: boolean;
  /** Absent until a file is uploaded. */
  content: Content | undefined;
  file: OutgoingFile | undefined;
  /** Whether everybody is to be asked for 收到. */
  isImportant: boolean;
  /** What the server calls the message, once it has it, and until when 收到 is asked. */
  accepted: { eventId: string; until: number } | undefined;
  /** How much of the file is uploaded, from 0 to 1. */
  part: number;
  refusal: Refusal | undefined;
}

/** What is to be sent: words, or a file. */
export type Wish = Pick<Outgoing, "roomId"> & Partial<Pick<Outgoing, "content" | "file" | "isImportant">>;

/** The way to the server. Each may be tried again, and then does nothing twice. */
export interface Delivery {
  upload(
    roomId: string,
    file: OutgoingFile,
    progressed: (part: number) => void,
    abort: AbortController,
  ): Promise<Content>;
  /** Return what the server calls the message. */
  send(roomId: string, txnId: string, content: Content): Promise<string>;
  ask(roomId: string, eventId: string, until: number): Promise<void>;
}

/** What is not the outbox's own: time, chance, waiting, and whether this device may write yet. */
export interface Circumstances {
  mayWrite: () => boolean;
  now: () => number;
  newId: () => string;
  later: (act: () => void, ms: number) => void;
}

const ACK_MS = 24 * 60 * 60_000;
const AGAIN_MS = [1_000, 2_000, 5_000, 10_000, 30_000];
// A file beyond this does not hold up the words that were written after it.
const LARGE_BYTES = 2_000_000;

export class Outbox {
  readonly entries: Value<readonly Outgoing[]>;
  private readonly cell = new Cell<readonly Outgoing[]>([]);
  private readonly busy = new Set<string>();
  private readonly wanted = new Set<string>();
  private readonly uploads = new Map<string, AbortController>();
  private failures = 0;
  private isStopped = false;

  constructor(
    private readonly store: OutboxStore,
    private readonly delivery: Delivery,
    private readonly circumstances: Circumstances,
  ) {
    this.entries = this.cell;
  }

  /** Take up what was left when this device stopped last. */
  async load(): Promise<void> {
    const kept = await this.store.all();
    this.cell.update((entries) => [...kept, ...entries].sort((a, b) => a.at - b.at));
    this.sendAll();
  }

  /** Keep a message and send it as soon as that can be. */
  async add(wish: Wish): Promise<void> {
    const entry = { ...EMPTY, ...wish, txnId: this.circumstances.newId(), at: this.circumstances.now() };
    this.cell.update((entries) => [...entries, entry]);
    // Beside the sending: to write it down first would cost the reader the time of a disk.
    const written = this.write(entry);
    this.sendAll();
    await written;
    this.change(entry.txnId, { isKept: true });
  }

  retry(txnId: string): void {
    this.change(txnId, { stage: "waiting", refusal: undefined });
    this.sendAll();
  }

  async remove(txnId: string): Promise<void> {
    this.uploads.get(txnId)?.abort();
    this.forget(txnId);
    await this.store.delete(txnId);
  }

  /** Forget what the timeline shows by itself now. */
  shown(txnIds: readonly string[]): void {
    const isShown = ({ stage, txnId }: Outgoing) => stage === "sent" && txnIds.includes(txnId);
    if (this.cell.get().some(isShown)) this.cell.update((entries) => entries.filter((entry) => !isShown(entry)));
  }

  /** Try everything that waits, now that there may be a way again. */
  sendAll = (): void => {
    const lanes = new Set(this.cell.get().map(laneOf));
    for (const lane of lanes) this.work(lane);
  };

  stop(): void {
    this.isStopped = true;
  }

  /** Send what waits in a lane, one after the other, until nothing waits or there is no way. */
  private async work(lane: string): Promise<void> {
    // Whoever comes meanwhile may know of a way that the attempt under way did not have yet.
    if (this.busy.has(lane)) return void this.wanted.add(lane);
    this.busy.add(lane);
    do {
      this.wanted.delete(lane);
      let next = this.nextIn(lane);
      while (next !== undefined && (await this.attempt(next))) next = this.nextIn(lane);
    } while (this.wanted.has(lane));
    this.busy.delete(lane);
  }

  private nextIn(lane: string): Outgoing | undefined {
    if (this.isStopped || !this.circumstances.mayWrite()) return undefined;
    return this.cell.get().find((entry) => entry.stage === "waiting" && laneOf(entry) === lane);
  }

  /** Whether the next may be tried: a message that was refused holds up nobody, a missing network everybody. */
  private async attempt(entry: Outgoing): Promise<boolean> {
    const { txnId } = entry;
    this.change(txnId, { stage: "sending" });
    try {
      await this.deliver(entry);
      this.failures = 0;
      return true;
    } catch (fault) {
      if (!isPassing(fault) && this.circumstances.mayWrite()) {
        await this.keep(txnId, { stage: "failed", refusal: refusalOf(fault) });
        return true;
      }
      this.change(txnId, { stage: "waiting" });
      const pause = AGAIN_MS[Math.min(this.failures, AGAIN_MS.length - 1)] ?? 0;
      this.failures += 1;
      this.circumstances.later(this.sendAll, pause);
      return false;
    }
  }

  private async deliver({ txnId, roomId, isImportant, ...entry }: Outgoing): Promise<void> {
    const content = entry.content ?? (await this.uploaded(txnId, roomId, entry.file));
    if (content === undefined) return;
    const accepted = entry.accepted ?? {
      eventId: await this.delivery.send(roomId, txnId, content),
      until: this.circumstances.now() + ACK_MS,
    };
    if (isImportant) {
      // Before asking: a crash in between asks again, with the same words, for the same message.
      await this.keep(txnId, { accepted });
      await this.delivery.ask(roomId, accepted.eventId, accepted.until);
    }
    this.change(txnId, { stage: "sent", accepted });
    await this.store.delete(txnId);
  }

  /** Upload a file and keep what is said of it; nothing where it was taken back meanwhile. */
  private async uploaded(txnId: string, roomId: string, file: OutgoingFile | undefined): Promise<Content | undefined> {
    if (file === undefined) return undefined;
    const abort = new AbortController();
    this.uploads.set(txnId, abort);
    try {
      const content = await this.delivery.upload(roomId, file, (part) => this.change(txnId, { part }), abort);
      if (abort.signal.aborted) return undefined;
      await this.keep(txnId, { content, part: 1 });
      return content;
    } catch (fault) {
      if (abort.signal.aborted) return undefined;
      throw fault;
    } finally {
      this.uploads.delete(txnId);
    }
  }

  private change(txnId: string, change: Partial<Outgoing>): void {
    this.cell.update((entries) => entries.map((entry) => (entry.txnId === txnId ? { ...entry, ...change } : entry)));
  }

  private async keep(txnId: string, change: Partial<Outgoing>): Promise<void> {
    this.change(txnId, change);
    const entry = this.cell.get().find((each) => each.txnId === txnId);
    if (entry !== undefined) await this.write(entry);
  }

  /** A device that is full sends all the same; only a reload would lose what is not sent then. */
  private async write(entry: Outgoing): Promise<void> {
    await this.store.put(entry).catch((fault) => console.warn("a message could not be kept", fault));
  }

  private forget(txnId: string): void {
    this.cell.update((entries) => entries.filter((entry) => entry.txnId !== txnId));
  }
}

const EMPTY = {
  stage: "waiting",
  isKept: false,
  content: undefined,
  file: undefined,
  isImportant: false,
  accepted: undefined,
  part: 0,
  refusal: undefined,
} as const;

function laneOf({ roomId, file }: Outgoing): string {
  return `${roomId} ${file !== undefined && file.blob.size > LARGE_BYTES ? "large" : "small"}`;
}
