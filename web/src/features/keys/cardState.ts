/** The recovery card on the screen: asked for with the password, shown, replaced. */
import { Cell } from "../../platform/value";
import { type PasswordTrouble, troubleOf } from "./passwordState";

/** `lost`: only the card itself knows what it says, so that it can only be replaced. */
export type CardState =
  | { kind: "asking" | "working"; trouble: PasswordTrouble | "lost" | undefined }
  | { kind: "shown"; text: string };

export interface CardSource {
  card(password: string): Promise<string | "wrong" | "lost">;
  newCard(password: string): Promise<string | undefined>;
}

export class CardModel {
  readonly state: Cell<CardState>;

  /** `text` is there while the card has just been made. */
  constructor(
    private readonly source: CardSource,
    text: string | undefined,
  ) {
    this.state = new Cell<CardState>(
      text === undefined ? { kind: "asking", trouble: undefined } : { kind: "shown", text },
    );
  }

  show(password: string): Promise<void> {
    return this.trying(() => this.source.card(password));
  }

  replace(password: string): Promise<void> {
    return this.trying(async () => (await this.source.newCard(password)) ?? "wrong");
  }

  private async trying(attempt: () => Promise<string>): Promise<void> {
    if (this.state.get().kind === "working") return;
    this.state.set({ kind: "working", trouble: undefined });
    try {
      const text = await attempt();
      const isRefused = text === "wrong" || text === "lost";
      this.state.set(isRefused ? { kind: "asking", trouble: text } : { kind: "shown", text });
    } catch (refusal) {
      this.state.set({ kind: "asking", trouble: troubleOf(refusal) });
    }
  }
}
