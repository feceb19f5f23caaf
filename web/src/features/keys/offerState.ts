/** The recovery card is offered until somebody has answered, also after a reload; then it is no longer known here. */
import { Cell, type Value } from "../../platform/value";

/** `text` is there as long as the page that has made the card stays open. */
export interface Offer {
  text: string | undefined;
}

export class OfferModel {
  readonly offer: Value<Offer | undefined>;
  private readonly cell: Cell<Offer | undefined>;

  constructor(
    private readonly freshCard: Cell<string | undefined>,
    private readonly storage: Storage,
    private readonly place: string,
  ) {
    this.cell = new Cell<Offer | undefined>(storage.getItem(place) === null ? undefined : { text: undefined });
    this.offer = this.cell;
    this.made();
  }

  /** Follow what is made, until the returned function is called. */
  follow(): () => void {
    this.made();
    return this.freshCard.subscribe(() => this.made());
  }

  answer(): void {
    this.storage.removeItem(this.place);
    this.cell.set(undefined);
    this.freshCard.set(undefined);
  }

  private made(): void {
    const text = this.freshCard.get();
    if (text === undefined) return;
    this.storage.setItem(this.place, "pending");
    this.cell.set({ text });
  }
}
