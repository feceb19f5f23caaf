/** What somebody is writing: a new message, an answer to one, or another text for one of their own. */
import type { Item } from "../matrix/item";
import type { Member } from "../matrix/timeline";
import { Cell, type Value } from "../platform/value";

export type DraftMode = { kind: "new" } | { kind: "reply"; item: Item } | { kind: "edit"; item: Item };

export interface Draft {
  text: string;
  mode: DraftMode;
  mentioned: readonly Member[];
  /** Whether everybody is asked for 收到. */
  isImportant: boolean;
}

/** All that is being written, as it is kept: an edit, and what waits until it is over. */
export interface Written {
  draft: Draft;
  aside: Draft;
}

const EMPTY: Draft = { text: "", mode: { kind: "new" }, mentioned: [], isImportant: false };

export class DraftModel {
  readonly state: Value<Draft>;
  private readonly cell = new Cell(EMPTY);
  // What was being written when an edit began comes back after it.
  private aside = EMPTY;

  constructor() {
    this.state = this.cell;
  }

  write(text: string): void {
    this.cell.update((draft) => ({ ...draft, text }));
  }

  reply(item: Item): void {
    this.stopEditing();
    this.cell.update((draft) => ({ ...draft, mode: { kind: "reply", item } }));
  }

  edit(item: Item): void {
    this.stopEditing();
    this.aside = this.cell.get();
    this.cell.set({ ...EMPTY, text: item.text, mode: { kind: "edit", item } });
  }

  /** Leave the edit or the answer; the text of an answer stays. */
  leave(): void {
    this.stopEditing();
    this.cell.update((draft) => ({ ...draft, mode: { kind: "new" } }));
  }

  toggleImportant(): void {
    this.cell.update((draft) => ({ ...draft, isImportant: !draft.isImportant }));
  }

  /** Put a person in the place of what was typed to find them. */
  mention(member: Member, query: MentionQuery): void {
    this.cell.update((draft) => ({
      ...draft,
      text: `${draft.text.slice(0, query.start)}@${member.name} ${draft.text.slice(query.end).trimStart()}`,
      mentioned: [...draft.mentioned.filter(({ userId }) => userId !== member.userId), member],
    }));
  }

  /** Return what is to be sent and begin anew; nothing where there is nothing to send. */
  take(): Draft | undefined {
    const draft = this.cell.get();
    const text = draft.text.trim();
    if (text === "") return undefined;
    this.cell.set(draft.mode.kind === "edit" ? this.aside : EMPTY);
    this.aside = EMPTY;
    return { ...draft, text, mentioned: draft.mentioned.filter(({ name }) => text.includes(`@${name}`)) };
  }

  /** Go on with what was taken and is refused; what is being written meanwhile comes back after it. */
  giveBack(draft: Draft): void {
    const now = this.cell.get();
    if (now !== EMPTY) this.aside = now;
    this.cell.set(draft);
  }

  /** Return what would be lost; nothing where nothing is being written. */
  written(): Written | undefined {
    const draft = this.cell.get();
    const { aside } = this;
    return draft.text === "" && draft.mode.kind === "new" && aside.text === "" ? undefined : { draft, aside };
  }

  /** Go on with what was kept, unless something is being written already. */
  restore({ draft, aside }: Written): void {
    if (this.cell.get() !== EMPTY) return;
    this.aside = aside;
    this.cell.set(draft);
  }

  private stopEditing(): void {
    if (this.cell.get().mode.kind === "edit") this.cell.set(this.aside);
    this.aside = EMPTY;
  }
}

export interface MentionQuery {
  term: string;
  start: number;
  end: number;
}

const QUERY = /(^|[^\w@])@([^\s@]{0,20})$/u;

/** Return the name that is being typed behind an @ before the caret. */
export function mentionQueryAt(text: string, caret: number): MentionQuery | undefined {
  const match = QUERY.exec(text.slice(0, caret));
  const term = match?.[2];
  return term === undefined ? undefined : { term, start: caret - term.length - 1, end: caret };
}
