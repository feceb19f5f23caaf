/**
 * Everything this device has read, to be searched: shards by conversation and month, sealed on disk, a few in memory.
 *
 * A shard is written before what it covers is: a crash in between searches too little, and says so.
 */
import { type Span, searchedTo, withLive, withPage } from "./coverage";
import { type Found, Shard } from "./shard";

/** Where shards are kept, sealed; what they are called tells only rooms and months. */
export interface ShardStore {
  keys(): Promise<string[]>;
  read<Kept>(name: string): Promise<Kept | undefined>;
  write(name: string, kept: unknown): Promise<void>;
  delete(name: string): Promise<void>;
}

export interface Hit extends Found {
  roomId: string;
}

export interface Edit {
  senderId: string;
  text: string;
  at: number;
}

/** Of one conversation: how far it is searched, and edits of what has not been read yet. */
interface Extent {
  spans: readonly Span[];
  edits: Record<string, Edit>;
}

interface Open {
  shard: Shard;
  isDirty: boolean;
}

const EXTENTS = "extents";
const KEPT_OPEN = 24;
const KEPT_EDITS = 500;

export class SearchIndex {
  private readonly open = new Map<string, Promise<Open>>();
  private readonly names = new Set<string>();
  private extents: Record<string, Extent> = {};
  private isExtended = false;

  constructor(
    private readonly store: ShardStore,
    /** Give way to the screen between two shards. */
    private readonly pause: () => Promise<unknown>,
  ) {}

  async load(): Promise<void> {
    for (const name of await this.store.keys()) if (name !== EXTENTS) this.names.add(name);
    this.extents = (await this.store.read<Record<string, Extent>>(EXTENTS)) ?? {};
  }

  async put(roomId: string, message: Found): Promise<void> {
    const edit = this.extentOf(roomId).edits[message.eventId];
    if (edit !== undefined) this.change(roomId, ({ edits: { [message.eventId]: _, ...edits } }) => ({ edits }));
    const isEdit = edit?.senderId === message.senderId;
    const open = await this.shard(nameOf(roomId, message.at));
    if (open.shard.put(isEdit ? { ...message, text: edit.text, isEdited: true } : message)) open.isDirty = true;
  }

  /** Give a message the text of an edit by whoever wrote it; the message may come later. */
  async amend(roomId: string, eventId: string, edit: Edit): Promise<void> {
    const open = await this.holding(roomId, eventId);
    const known = open?.shard.get(eventId);
    if (open === undefined || known === undefined) {
      // History is read backwards, so that an edit comes before what it edits, and the latest edit first.
      this.change(roomId, ({ edits }) => ({ edits: withEdit(edits, eventId, edit) }));
    } else if (known.senderId === edit.senderId && open.shard.put({ ...known, text: edit.text, isEdited: true })) {
      open.isDirty = true;
    }
  }

  async remove(roomId: string, eventId: string): Promise<void> {
    const open = await this.holding(roomId, eventId);
    if (open?.shard.remove(eventId)) open.isDirty = true;
  }

  /** Return what contains all words, the newest first, at most `limit`; undefined when nobody wants it any more. */
  async find(
    query: string,
    roomIds: ReadonlySet<string>,
    limit: number,
    isWanted: () => boolean,
  ): Promise<readonly Hit[] | undefined> {
    const hits: Hit[] = [];
    let month = "";
    for (const name of this.namesIn(roomIds)) {
      if (hits.length >= limit && monthOf(name) !== month) break;
      month = monthOf(name);
      const { shard } = await this.shard(name);
      hits.push(...shard.find(query).map((found) => ({ ...found, roomId: roomOf(name) })));
      await this.pause();
      if (!isWanted()) return undefined;
    }
    await this.closeSome();
    return hits.sort((a, b) => b.at - a.at).slice(0, limit);
  }

  /** Until when these conversations are searched without a gap; nothing where that is their beginning. */
  searchedTo(roomIds: Iterable<string>): number | undefined {
    const times = [...roomIds].map((roomId) => searchedTo(this.extentOf(roomId).spans));
    return times.reduce((latest, time) => (time === undefined || (latest ?? 0) > time ? latest : time), undefined);
  }

  /** Where the history of a conversation goes on. */
  tokenOf(roomId: string): string | undefined {
    return this.extentOf(roomId).spans[0]?.token ?? undefined;
  }

  followed(roomId: string, live: Span): void {
    this.change(roomId, ({ spans }) => ({ spans: withLive(spans, live) }));
  }

  paged(roomId: string, from: number | undefined, token: string | null): void {
    this.change(roomId, ({ spans }) => ({ spans: withPage(spans, from, token) }));
  }

  async save(): Promise<void> {
    const extents = this.isExtended ? JSON.stringify(this.extents) : undefined;
    this.isExtended = false;
    for (const [name, opening] of [...this.open]) {
      const open = await opening;
      if (!open.isDirty) continue;
      open.isDirty = false;
      await this.store.write(name, open.shard.toJSON());
      await this.pause();
    }
    if (extents !== undefined) await this.store.write(EXTENTS, JSON.parse(extents));
    await this.closeSome();
  }

  private extentOf(roomId: string): Extent {
    return this.extents[roomId] ?? { spans: [], edits: {} };
  }

  private change(roomId: string, change: (extent: Extent) => Partial<Extent>): void {
    const extent = this.extentOf(roomId);
    this.extents[roomId] = { ...extent, ...change(extent) };
    this.isExtended = true;
  }

  private shard(name: string): Promise<Open> {
    const opening = this.open.get(name) ?? this.opened(name);
    // The last used is the last in order.
    this.open.delete(name);
    this.open.set(name, opening);
    this.names.add(name);
    return opening;
  }

  /** A shard that cannot be read begins anew; what it held is found again when history is read. */
  private async opened(name: string): Promise<Open> {
    const kept = this.names.has(name) ? await this.store.read<string>(name).catch(() => undefined) : undefined;
    const shard = kept === undefined ? undefined : await Shard.from(kept).catch(() => undefined);
    return { shard: shard ?? Shard.empty(), isDirty: false };
  }

  private async holding(roomId: string, eventId: string): Promise<Open | undefined> {
    for (const name of this.namesIn(new Set([roomId]))) {
      const open = await this.shard(name);
      if (open.shard.get(eventId) !== undefined) return open;
    }
    return undefined;
  }

  private namesIn(roomIds: ReadonlySet<string>): readonly string[] {
    const names = [...this.names].filter((name) => roomIds.has(roomOf(name)));
    return names.sort((a, b) => monthOf(b).localeCompare(monthOf(a)));
  }

  /** Let go of what was used longest ago; whoever waits for a shard has made it the last in order. */
  private async closeSome(): Promise<void> {
    while (this.open.size > KEPT_OPEN) {
      const [oldest] = this.open;
      if (oldest === undefined) return;
      const [name, opening] = oldest;
      if ((await opening).isDirty || this.open.keys().next().value !== name) return;
      this.open.delete(name);
    }
  }
}

function withEdit(edits: Record<string, Edit>, eventId: string, edit: Edit): Record<string, Edit> {
  const known = edits[eventId];
  if (known !== undefined && known.at > edit.at) return edits;
  // Edits of nothing are kept for a while only.
  const kept = Object.entries(edits).slice(-KEPT_EDITS);
  return { ...Object.fromEntries(kept), [eventId]: edit };
}

function nameOf(roomId: string, at: number): string {
  return `${roomId} ${new Date(at).toISOString().slice(0, 7)}`;
}

function roomOf(name: string): string {
  return name.slice(0, name.lastIndexOf(" "));
}

function monthOf(name: string): string {
  return name.slice(name.lastIndexOf(" ") + 1);
}
