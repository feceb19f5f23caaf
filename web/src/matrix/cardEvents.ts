/** Cards in a room: which message is one, and what the person has pressed on it. */
import type { MatrixEvent, Room } from "matrix-js-sdk";
import { asRecord, numberIn, textIn, timeOf } from "./content";
import { CARD, type Card, readCard } from "./systemCard";

export const CARD_ACTION = "org.myelin.card.action";

/** What a message is, as far as cards go: `isForged` says that a colleague has made something look like a card. */
export interface CardSeen {
  card: Card | undefined;
  isForged: boolean;
}

/** What somebody has pressed on a card (docs/cards.md). */
export interface Press {
  case: string;
  rev: number;
  action: string;
  input: string | null;
  uuid: string;
}

/** The latest that the person has pressed on a card, and what became of it. */
export interface Pressed extends Press {
  /** By the server's clock; 0 until the server has told. */
  at: number;
  delivery: "sending" | "sent" | "failed";
}

const NO_CARD: CardSeen = { card: undefined, isForged: false };

// The server's own hand, and the computers of wards, which send nothing.
const NO_SERVICES = ["@_myelin:", "@_station."];

/** Names that begin with `_` are given by the hospital to its services, and by nobody to people. */
export function isService(userId: string): boolean {
  return userId.startsWith("@_") && !NO_SERVICES.some((other) => userId.startsWith(other));
}

export function cardSeenIn(event: MatrixEvent, room: Room): CardSeen {
  const content = asRecord(event.getContent()) ?? {};
  if (!(CARD in content)) return NO_CARD;
  if (!isService(event.getSender() ?? "")) return { card: undefined, isForged: true };
  const edit = event.replacingEvent();
  // The server alone can put something in clear into a room that encrypts; it is not to speak for the laboratory.
  if (!isAsSafeAsItsRoom(event, room) || (edit !== null && !isAsSafeAsItsRoom(edit, room)))
    return { card: undefined, isForged: true };
  const { card } = readCard(content[CARD]);
  if (card === undefined || edit === null) return { card, isForged: false };
  const before = readCard(asRecord(event.getOriginalContent())?.[CARD]).card;
  return { card: before !== undefined && continues(before, card) ? card : undefined, isForged: false };
}

/** An edit brings a card up to date; it never makes it that of another case. */
function continues(before: Card, after: Card): boolean {
  return after.kind === before.kind && after.case === before.case && after.rev >= before.rev;
}

function isAsSafeAsItsRoom(event: MatrixEvent, room: Room): boolean {
  return event.isEncrypted() || !room.hasEncryptionStateEvent();
}

/** Return what the person has pressed, by the card's event; the latest counts. */
export function pressedIn(events: readonly MatrixEvent[], ownId: string): ReadonlyMap<string, Pressed> {
  const found = new Map<string, Pressed>();
  for (const event of events) {
    if (event.getType() !== CARD_ACTION || event.getSender() !== ownId) continue;
    const relation = asRecord(event.getRelation());
    const pressed = pressedFrom(event);
    if (relation?.rel_type !== "m.reference" || typeof relation.event_id !== "string") continue;
    if (pressed !== undefined) found.set(relation.event_id, pressed);
  }
  return found;
}

function pressedFrom(event: MatrixEvent): Pressed | undefined {
  const content = asRecord(event.getContent()) ?? {};
  const [uuid, action, rev] = [textIn(content, "uuid"), textIn(content, "action"), numberIn(content, "rev")];
  if (uuid === "" || action === "" || rev === undefined) return undefined;
  const input = typeof content.input === "string" ? content.input : null;
  return { uuid, action, rev, input, case: textIn(content, "case"), at: timeOf(event.getTs()), delivery: "sent" };
}
