/**
 * The card of one of the hospital's systems (docs/cards.md), read strictly: a card is shown as it was meant or not at
 * all, for half a critical value misleads. Whatever is no card is the text of its `body`, which says everything.
 */
import { asRecord, type Content, cleaned } from "./content";

export const CARD = "org.myelin.card";

/** What cards are about. A kind that is not here is shown as text. */
export const CARD_KINDS = [
  "critical_value",
  "lab_report",
  "imaging_study",
  "or_change",
  "admission",
  "consult",
  "handoff",
  "vitals",
  "mdt",
  "oral_order",
  "notice",
] as const;
export const FLAGS = ["HH", "H", "LL", "L", "AA", "A", "N"] as const;

export type CardKind = (typeof CARD_KINDS)[number];
export type Flag = (typeof FLAGS)[number];

export interface Identifier {
  label: string;
  value: string;
}

/** The patient, by the name and at least one number besides: two identifiers. */
export interface CardPatient {
  name: string;
  identifiers: readonly Identifier[];
  /** Ward and bed: where, which identifies nobody. */
  place: string;
}

export interface Fact {
  label: string;
  value: string;
  unit: string;
  flag: Flag | undefined;
  reference: string;
}

export type ActionInput =
  | { kind: "text"; label: string }
  | { kind: "choice"; label: string; options: readonly { value: string; label: string }[] };

export interface CardAction {
  id: string;
  label: string;
  input: ActionInput | null;
}

/** What the system said to one action, by that action's `uuid`. */
export interface Answer {
  uuid: string;
  isAccepted: boolean;
  text: string;
}

export interface CardLink {
  label: string;
  url: string;
}

export interface Card {
  kind: CardKind;
  case: string;
  rev: number;
  title: string;
  state: string;
  stateLabel: string;
  patient: CardPatient | undefined;
  facts: readonly Fact[];
  /** Until when somebody must act, by the server's clock; nothing where no clock runs. */
  deadline: number | undefined;
  actions: readonly CardAction[];
  answer: Answer | undefined;
  links: readonly CardLink[];
  /** Whom to telephone when the system does not answer. */
  phone: string;
}

/** Why a message with the key of a card is shown as text. */
export type NoCard = "newer" | "unknownKind" | "malformed";
export type CardReading = { card: Card } | { card: undefined; why: NoCard };

export const LIMITS = {
  characters: 16_384,
  depth: 6,
  values: 1_000,
  facts: 60,
  actions: 4,
  options: 20,
  identifiers: 3,
  links: 4,
  title: 120,
  label: 40,
  value: 200,
  url: 1_000,
} as const;

const VERSION = 1;
const LATEST_MS = 8_640_000_000_000_000;
const NAME = /^[a-z][a-z0-9_]{0,31}$/;
const KEY = /^[\w.:-]{1,64}$/;
const PHONE = /^[+\d][\d ()*#,-]{1,31}$/;

/** Read what stands under the key of a card. */
export function readCard(value: unknown): CardReading {
  const found = asRecord(value);
  if (found === undefined || !isSmall(value)) return { card: undefined, why: "malformed" };
  if (typeof found.v === "number" && Number.isInteger(found.v) && found.v > VERSION)
    return { card: undefined, why: "newer" };
  try {
    if (found.v !== VERSION) throw new Malformed("v");
    const kind = name(found, "kind");
    if (!isKind(kind)) return { card: undefined, why: "unknownKind" };
    return { card: cardFrom(kind, found) };
  } catch (fault) {
    if (fault instanceof Malformed) return { card: undefined, why: "malformed" };
    throw fault;
  }
}

/** Whether all of it, however nested, is within the limits; before anything in it is looked at. */
function isSmall(value: unknown): boolean {
  const waiting: [unknown, number][] = [[value, 1]];
  let values = 0;
  let characters = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [each, depth] = next;
    values += 1;
    if (typeof each === "string") characters += each.length;
    if (values > LIMITS.values || characters > LIMITS.characters) return false;
    if (typeof each !== "object" || each === null) continue;
    const entries = Object.entries(each);
    if (depth > LIMITS.depth || entries.length > LIMITS.values) return false;
    for (const [key, inner] of entries) {
      characters += key.length;
      waiting.push([inner, depth + 1]);
    }
  }
  return true;
}

class Malformed extends Error {}

function cardFrom(kind: CardKind, found: Content): Card {
  return {
    kind,
    case: key(found, "case"),
    rev: whole(found, "rev"),
    title: text(found, "title", LIMITS.title),
    state: name(found, "state"),
    stateLabel: text(found, "state_label", LIMITS.label),
    patient: isAbsent(found.patient) ? undefined : patientFrom(record(found, "patient")),
    facts: list(found, "facts", LIMITS.facts, factFrom),
    deadline: isAbsent(found.deadline) ? undefined : whole(found, "deadline"),
    actions: distinct(list(found, "actions", LIMITS.actions, actionFrom)),
    answer: isAbsent(found.answer) ? undefined : answerFrom(record(found, "answer")),
    links: list(found, "links", LIMITS.links, linkFrom),
    phone: phone(found, "phone"),
  };
}

function patientFrom(found: Content): CardPatient {
  const identifiers = list(found, "identifiers", LIMITS.identifiers, (each) => ({
    label: text(each, "label", LIMITS.label),
    value: text(each, "value", LIMITS.label),
  }));
  if (identifiers.length === 0) throw new Malformed("identifiers");
  return { name: text(found, "name", LIMITS.label), identifiers, place: textOrNothing(found, "place", LIMITS.label) };
}

function factFrom(found: Content): Fact {
  const flag = isAbsent(found.flag) ? undefined : FLAGS.find((each) => each === found.flag);
  if (!isAbsent(found.flag) && flag === undefined) throw new Malformed("flag");
  return {
    label: text(found, "label", LIMITS.label),
    value: text(found, "value", LIMITS.value),
    unit: textOrNothing(found, "unit", LIMITS.label),
    flag,
    reference: textOrNothing(found, "reference", LIMITS.label),
  };
}

function actionFrom(found: Content): CardAction {
  const input = isAbsent(found.input) ? null : inputFrom(record(found, "input"));
  return { id: name(found, "id"), label: text(found, "label", LIMITS.label), input };
}

function inputFrom(found: Content): ActionInput {
  const label = text(found, "label", LIMITS.label);
  if (found.kind === "text") return { kind: "text", label };
  if (found.kind !== "choice") throw new Malformed("input");
  const options = list(found, "options", LIMITS.options, (each) => ({
    value: key(each, "value"),
    label: text(each, "label", LIMITS.label),
  }));
  if (options.length === 0 || new Set(options.map(({ value }) => value)).size < options.length)
    throw new Malformed("options");
  return { kind: "choice", label, options };
}

function answerFrom(found: Content): Answer {
  if (typeof found.accepted !== "boolean") throw new Malformed("accepted");
  return {
    uuid: key(found, "uuid"),
    isAccepted: found.accepted,
    text: textOrNothing(found, "text", LIMITS.value),
  };
}

function linkFrom(found: Content): CardLink {
  const url = found.url;
  if (typeof url !== "string" || url.length > LIMITS.url) throw new Malformed("url");
  return { label: text(found, "label", LIMITS.label), url };
}

function distinct(actions: readonly CardAction[]): readonly CardAction[] {
  if (new Set(actions.map(({ id }) => id)).size < actions.length) throw new Malformed("actions");
  return actions;
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function isKind(kind: string): kind is CardKind {
  return (CARD_KINDS as readonly string[]).includes(kind);
}

function record(found: Content, at: string): Content {
  const value = asRecord(found[at]);
  if (value === undefined) throw new Malformed(at);
  return value;
}

function list<T>(found: Content, at: string, limit: number, read: (each: Content) => T): readonly T[] {
  const value = found[at] ?? [];
  if (!Array.isArray(value) || value.length > limit) throw new Malformed(at);
  return value.map((each) => {
    const inner = asRecord(each);
    if (inner === undefined) throw new Malformed(at);
    return read(inner);
  });
}

/** One line of text that says something. */
function text(found: Content, at: string, limit: number): string {
  const value = found[at];
  const line = cleaned(value).replace(/\s+/gu, " ").trim();
  if (typeof value !== "string" || line === "" || value.length > limit) throw new Malformed(at);
  return line;
}

function textOrNothing(found: Content, at: string, limit: number): string {
  return isAbsent(found[at]) || found[at] === "" ? "" : text(found, at, limit);
}

function matching(found: Content, at: string, pattern: RegExp): string {
  const value = found[at];
  if (typeof value !== "string" || !pattern.test(value)) throw new Malformed(at);
  return value;
}

function name(found: Content, at: string): string {
  return matching(found, at, NAME);
}

function key(found: Content, at: string): string {
  return matching(found, at, KEY);
}

function phone(found: Content, at: string): string {
  return isAbsent(found[at]) ? "" : matching(found, at, PHONE);
}

function whole(found: Content, at: string): number {
  const value = found[at];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0 || value > LATEST_MS)
    throw new Malformed(at);
  return value;
}
