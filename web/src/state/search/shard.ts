/** The messages of one conversation in one month, and what they are found by. */
import MiniSearch, { type Options } from "minisearch";
import { folded, queryTokensOf, termsOf, tokensOf } from "./words";

export interface Found {
  eventId: string;
  senderId: string;
  at: number;
  text: string;
  kind: "text" | "file";
  /** What was edited stays as it was edited, whichever comes first. */
  isEdited: boolean;
}

const OPTIONS: Options<Found> = {
  idField: "eventId",
  fields: ["text"],
  storeFields: ["eventId", "senderId", "at", "text", "kind", "isEdited"],
  tokenize: tokensOf,
  processTerm: (term) => term,
  searchOptions: {
    combineWith: "AND",
    tokenize: queryTokensOf,
    prefix: (term) => [...term].length === 1 || isLatin(term),
  },
  // What is removed is looked over when the shard is read again.
  autoVacuum: false,
};

export class Shard {
  private constructor(private readonly messages: MiniSearch<Found>) {}

  static empty(): Shard {
    return new Shard(new MiniSearch(OPTIONS));
  }

  static async from(json: string): Promise<Shard> {
    return new Shard(await MiniSearch.loadJSONAsync(json, OPTIONS));
  }

  get(eventId: string): Found | undefined {
    return this.messages.getStoredFields(eventId) as Found | undefined;
  }

  /** Whether anything was new: an older text does not come after an edit. */
  put(message: Found): boolean {
    const known = this.get(message.eventId);
    if (known?.text === message.text || (known?.isEdited && !message.isEdited)) return false;
    if (known !== undefined) this.messages.discard(message.eventId);
    this.messages.add(message);
    return true;
  }

  remove(eventId: string): boolean {
    if (!this.messages.has(eventId)) return false;
    this.messages.discard(eventId);
    return true;
  }

  find(query: string): readonly Found[] {
    const terms = termsOf(query);
    if (terms.length === 0) return [];
    const candidates = queryTokensOf(query).length > 0 ? this.messages.search(query) : [];
    return candidates
      .map((candidate) => candidate as unknown as Found)
      .filter(({ text }) => terms.every((term) => folded(text).includes(term)));
  }

  toJSON(): string {
    return JSON.stringify(this.messages);
  }
}

function isLatin(term: string): boolean {
  return !/\p{Script=Han}/u.test(term);
}
