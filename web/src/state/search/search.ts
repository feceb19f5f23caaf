/** Searching, as somebody does it: words, what was found, how far back that reaches, and going on from there. */
import { openFeed, searchRecords } from "../../matrix/openSearch";
import type { SearchFeed } from "../../matrix/searchFeed";
import type { Session } from "../../matrix/session";
import { breather } from "../../platform/idle";
import { Cell, type Value } from "../../platform/value";
import { type Hit, SearchIndex } from "./searchIndex";
import { type Snippet, snippetOf, termsOf } from "./words";

export interface ShownHit extends Hit {
  roomName: string;
  senderName: string;
  snippet: readonly Snippet[];
}

export interface SearchState {
  words: string;
  /** `waiting` before there are words; `found` may be nothing. */
  kind: "waiting" | "searching" | "found" | "failed";
  hits: readonly ShownHit[];
  /** Everything since then is searched; nothing where that is everything. */
  searchedTo: number | undefined;
  isGoingOn: boolean;
}

const SHOWN = 100;
const PAUSE_MS = 150;
const PAGES_AT_ONCE = 8;

/** The search of one session. */
export class Search {
  private constructor(
    readonly index: SearchIndex,
    readonly feed: SearchFeed,
  ) {}

  static async open(session: Session): Promise<Search> {
    const index = new SearchIndex(searchRecords(session), breather());
    await index.load();
    return new Search(index, openFeed(session, index));
  }

  /** Learn nothing any more, and keep what was learnt. */
  async stop(): Promise<void> {
    this.feed.stop();
    await this.index.save();
  }

  /** The conversations that are searched: one, or all that the person is in. */
  roomsOf(roomId: string | undefined): ReadonlyMap<string, string> {
    const rooms = this.feed.joined().filter((room) => roomId === undefined || room.roomId === roomId);
    return new Map(rooms.map((room) => [room.roomId, room.name]));
  }
}

/** What one panel searches in one conversation, or in all. */
export class SearchModel {
  readonly state: Value<SearchState>;
  private readonly cell = new Cell<SearchState>(NOTHING);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private turn = 0;

  constructor(
    private readonly search: Search,
    readonly roomId: string | undefined,
    private readonly nameOf: (roomId: string, userId: string) => string,
  ) {
    this.state = this.cell;
  }

  write(words: string): void {
    clearTimeout(this.timer);
    this.turn += 1;
    const isEmpty = termsOf(words).length === 0;
    this.cell.update((state) => ({ ...(isEmpty ? NOTHING : state), words, kind: isEmpty ? "waiting" : "searching" }));
    if (!isEmpty) this.timer = setTimeout(() => this.look(), PAUSE_MS);
  }

  /** Read older history, a bounded part of it, and search on. */
  async goOn(): Promise<void> {
    if (this.cell.get().isGoingOn) return;
    this.cell.update((state) => ({ ...state, isGoingOn: true }));
    try {
      for (let page = 0; page < PAGES_AT_ONCE; page += 1) {
        const roomId = this.shortest();
        if (roomId === undefined || !(await this.search.feed.goOn(roomId))) break;
      }
      await this.look();
    } catch {
      this.cell.update((state) => ({ ...state, kind: "failed" }));
    } finally {
      this.cell.update((state) => ({ ...state, isGoingOn: false }));
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    this.turn += 1;
  }

  private async look(): Promise<void> {
    this.turn += 1;
    const { turn } = this;
    const { words } = this.cell.get();
    const rooms = this.search.roomsOf(this.roomId);
    const roomIds = new Set(rooms.keys());
    const hits = await this.search.index.find(words, roomIds, SHOWN, () => turn === this.turn);
    if (hits === undefined) return;
    const terms = termsOf(words);
    const shown = hits.map((hit) => ({
      ...hit,
      roomName: rooms.get(hit.roomId) ?? "",
      senderName: this.nameOf(hit.roomId, hit.senderId),
      snippet: snippetOf(hit.text, terms),
    }));
    const searchedTo = this.search.index.searchedTo(roomIds);
    this.cell.update((state) => ({ ...state, kind: "found", hits: shown, searchedTo }));
  }

  /** The conversation of which the least is searched: what it hides is the latest. */
  private shortest(): string | undefined {
    const { index } = this.search;
    const open = [...this.search.roomsOf(this.roomId).keys()].filter((roomId) => index.tokenOf(roomId) !== undefined);
    return open.sort((a, b) => (index.searchedTo([b]) ?? 0) - (index.searchedTo([a]) ?? 0))[0];
  }
}

const NOTHING: SearchState = { words: "", kind: "waiting", hits: [], searchedTo: undefined, isGoingOn: false };
