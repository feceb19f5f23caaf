/**
 * What this device is pressing on cards. Not kept for later like a message: whoever has pressed 收到 without a network must
 * see at once that nobody has heard it. What the server has is read from the room (`pressedIn`).
 */
import { Cell, type Value } from "../platform/value";
import { CARD_ACTION, type Press, type Pressed } from "./cardEvents";
import type { Content } from "./content";

/** Sends an event; with a transaction id that it has had before the server takes it for the same. */
export type Send = (roomId: string, txnId: string, content: Content, type: string) => Promise<string>;

export class Presses {
  /** By the card's event. */
  readonly current: Value<ReadonlyMap<string, Pressed>>;
  private readonly cell = new Cell<ReadonlyMap<string, Pressed>>(new Map());

  constructor(
    private readonly send: Send,
    private readonly newId: () => string,
  ) {
    this.current = this.cell;
  }

  /** Press a button for the first time; while that is on its way nothing else is pressed on this card. */
  async press(roomId: string, eventId: string, press: Omit<Press, "uuid">): Promise<void> {
    const uuid = this.newId();
    await this.sent(roomId, eventId, { ...press, uuid }, uuid);
  }

  /** Send the same once more. What the server has not got keeps its transaction; what it has must be a new event. */
  async again(roomId: string, eventId: string, pressed: Pressed): Promise<void> {
    await this.sent(roomId, eventId, pressed, pressed.delivery === "failed" ? pressed.uuid : this.newId());
  }

  private async sent(roomId: string, eventId: string, press: Press, txnId: string): Promise<void> {
    if (this.cell.get().get(eventId)?.delivery === "sending") return;
    this.note(eventId, { ...press, at: 0, delivery: "sending" });
    const isSent = await this.send(roomId, txnId, contentOf(eventId, press), CARD_ACTION).then(
      () => true,
      () => false,
    );
    this.note(eventId, { ...press, at: 0, delivery: isSent ? "sent" : "failed" });
  }

  private note(eventId: string, pressed: Pressed): void {
    this.cell.update((presses) => new Map(presses).set(eventId, pressed));
  }
}

/** Return the latest press, of what this device has done and what the room tells, which alone knows when. */
export function latestPress(here: Pressed | undefined, heard: Pressed | undefined): Pressed | undefined {
  if (here === undefined) return heard;
  return heard?.uuid === here.uuid && here.delivery === "sent" ? heard : here;
}

function contentOf(eventId: string, { case: of, rev, action, input, uuid }: Press): Content {
  const relation = { rel_type: "m.reference", event_id: eventId };
  return { v: 1, case: of, rev, action, input, uuid, "m.relates_to": relation };
}
