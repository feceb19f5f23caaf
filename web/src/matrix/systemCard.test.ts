import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CRITICAL } from "./cards.fixture";
import { CARD, LIMITS, type NoCard, readCard } from "./systemCard";

function why(value: unknown): NoCard | "shown" {
  const reading = readCard(value);
  return reading.card === undefined ? reading.why : "shown";
}

test("a card is read as it was meant", () => {
  expect(readCard(CRITICAL).card).toMatchObject({
    kind: "critical_value",
    rev: 3,
    stateLabel: "待接收",
    patient: { name: "测试患者甲", identifiers: [{ label: "住院号", value: "T000017" }] },
    facts: [{ label: "血钾", value: "6.8", unit: "mmol/L", flag: "HH" }],
    actions: [{ id: "receive", input: null }, { id: "confirm" }, { id: "transfer" }],
    phone: "6301",
  });
});

test("what may be left out may be left out, and keys that nobody knows are nothing", () => {
  const { v, kind, title, state, state_label } = CRITICAL;
  const card = readCard({ v, kind, case: "a", rev: 0, title, state, state_label, colour: "red" }).card;
  expect(card).toMatchObject({ patient: undefined, facts: [], actions: [], links: [], deadline: undefined, phone: "" });
  expect(why({ ...CRITICAL, patient: null, deadline: null, answer: null, facts: null })).toBe("shown");
});

test("a version that is newer and a kind that is unknown are told apart from what is malformed", () => {
  expect(why({ ...CRITICAL, v: 2, kind: {}, facts: "later" })).toBe("newer");
  expect(why({ ...CRITICAL, kind: "weather", facts: "?" })).toBe("unknownKind");
});

const long = "长".repeat(LIMITS.title + 1);
const many = <T>(count: number, each: (index: number) => T) => Array.from({ length: count }, (_, index) => each(index));

test.each<[string, unknown]>([
  ["nothing", null],
  ["text", "critical_value"],
  ["a list", [CRITICAL]],
  ["no version", { ...CRITICAL, v: undefined }],
  ["a version that is text", { ...CRITICAL, v: "1" }],
  ["half a version", { ...CRITICAL, v: 1.5 }],
  ["a kind that every object has", { ...CRITICAL, kind: "__proto__" }],
  ["no case", { ...CRITICAL, case: "" }],
  ["a case with a blank", { ...CRITICAL, case: "a b" }],
  ["a negative revision", { ...CRITICAL, rev: -1 }],
  ["a revision beyond counting", { ...CRITICAL, rev: 2 ** 60 }],
  ["no title", { ...CRITICAL, title: "  " }],
  ["a title of nothing but overrides", { ...CRITICAL, title: "\u202e\u2066" }],
  ["a title that is too long", { ...CRITICAL, title: long }],
  ["a state that is an object", { ...CRITICAL, state: { id: "open" } }],
  ["a patient without a number", { ...CRITICAL, patient: { name: "测试患者甲", identifiers: [] } }],
  ["a patient without a name", { ...CRITICAL, patient: { ...CRITICAL.patient, name: "" } }],
  ["a patient that is text", { ...CRITICAL, patient: "测试患者甲" }],
  ["facts that are an object", { ...CRITICAL, facts: { 0: CRITICAL.facts[0] } }],
  ["a fact without a value", { ...CRITICAL, facts: [{ label: "血钾", value: "" }] }],
  ["a value that is a number", { ...CRITICAL, facts: [{ label: "血钾", value: 6.8 }] }],
  ["a flag that nobody knows", { ...CRITICAL, facts: [{ ...CRITICAL.facts[0], flag: "!!" }] }],
  ["more facts than a card holds", { ...CRITICAL, facts: many(LIMITS.facts + 1, () => CRITICAL.facts[0]) }],
  ["a deadline that is a date", { ...CRITICAL, deadline: "2026-11-24T08:00:00Z" }],
  ["a deadline after the end of time", { ...CRITICAL, deadline: 9e15 }],
  ["more actions than fit", { ...CRITICAL, actions: many(5, (at) => ({ id: `a${at}`, label: "收到" })) }],
  ["two actions of one name", { ...CRITICAL, actions: [CRITICAL.actions[0], CRITICAL.actions[0]] }],
  ["an action of a wrong name", { ...CRITICAL, actions: [{ id: "Receive it", label: "收到" }] }],
  [
    "an input of a wrong kind",
    { ...CRITICAL, actions: [{ id: "a", label: "收到", input: { kind: "file", label: "x" } }] },
  ],
  ["a choice of nothing", { ...CRITICAL, actions: [{ id: "a", label: "x", input: { kind: "choice", label: "x" } }] }],
  ["an answer to nothing", { ...CRITICAL, answer: { accepted: true } }],
  ["an answer that is neither", { ...CRITICAL, answer: { uuid: "u", accepted: "yes" } }],
  ["a link that is a number", { ...CRITICAL, links: [{ label: "x", url: 5 }] }],
  ["a link without end", { ...CRITICAL, links: [{ label: "x", url: `https://a.test/${"a".repeat(LIMITS.url)}` }] }],
  ["a telephone that is a script", { ...CRITICAL, phone: "javascript:alert(1)" }],
])("%s is no card", (_name, value) => {
  expect(why(value)).toBe("malformed");
});

test("nothing deep, wide or long is even looked at", () => {
  const deep = JSON.parse(`${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`);
  const before = performance.now();
  expect(why({ ...CRITICAL, extra: deep })).toBe("malformed");
  expect(why({ ...CRITICAL, extra: many(20_000, (at) => at) })).toBe("malformed");
  expect(why({ ...CRITICAL, extra: Object.fromEntries(many(20_000, (at) => [`k${at}`, at])) })).toBe("malformed");
  expect(why({ ...CRITICAL, extra: "长".repeat(60_000) })).toBe("malformed");
  expect(performance.now() - before).toBeLessThan(500);
});

test("no character of a card changes how others are read, and a line stays one line", () => {
  const card = readCard({
    ...CRITICAL,
    title: "钾\u202e6.8\n\n高",
    patient: { ...CRITICAL.patient, name: "甲\u2066乙" },
  }).card;
  expect(card?.title).toBe("钾6.8 高");
  expect(card?.patient?.name).toBe("甲乙");
});

/** Numbers that look random, the same in every run. */
function randomness(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

const NASTY: readonly unknown[] = [
  undefined,
  null,
  0,
  -1,
  1e308,
  Number.NaN,
  "",
  "x",
  "\u0000",
  long,
  [],
  {},
  [[]],
  [null],
  { length: -1 },
  { toString: 5, valueOf: 5 },
  true,
];

/** A card in which something, anywhere, was replaced. */
function spoilt(value: unknown, random: () => number): unknown {
  const nasty = NASTY[Math.floor(random() * NASTY.length)];
  if (typeof value !== "object" || value === null || random() < 0.15) return nasty;
  const keys = Object.keys(value);
  const chosen = keys[Math.floor(random() * keys.length)];
  if (chosen === undefined) return nasty;
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...value };
  copy[chosen] = spoilt(copy[chosen], random);
  return copy;
}

test("whatever is replaced by whatever, a card is whole or none, and reading it never fails", () => {
  const random = randomness(28);
  for (let round = 0; round < 3_000; round += 1) {
    const value = spoilt(spoilt(CRITICAL, random), random);
    const { card } = readCard(value);
    if (card === undefined) continue;
    expect(readCard(JSON.parse(JSON.stringify(value))).card, `round ${round}`).toEqual(card);
    expect([card.title, card.stateLabel, card.case].every((text) => text.length > 0)).toBe(true);
    expect(card.patient === undefined || card.patient.identifiers.length > 0).toBe(true);
    expect(card.facts.every(({ label, value }) => label !== "" && value !== "")).toBe(true);
  }
});

const DOCUMENT = readFileSync(new URL("../../../docs/cards.md", import.meta.url), "utf8");

test("every card in the document is a card", () => {
  const examples = [...DOCUMENT.matchAll(/```json\n(.*?)```/gs)].map((match) => JSON.parse(match[1] ?? ""));
  const cards = examples.map((each) => each[CARD] ?? each["m.new_content"]?.[CARD]).filter(Boolean);
  expect(cards.length).toBeGreaterThan(2);
  for (const card of cards) expect(why(card)).toBe("shown");
});

test("the limits in the schema are the limits", () => {
  const schema = JSON.parse(readFileSync(new URL("../../../docs/card.schema.json", import.meta.url), "utf8"));
  const { title, facts, actions, links, patient } = schema.properties;
  expect([title.maxLength, facts.maxItems, actions.maxItems, links.maxItems]).toEqual([
    LIMITS.title,
    LIMITS.facts,
    LIMITS.actions,
    LIMITS.links,
  ]);
  expect(patient.properties.identifiers.maxItems).toBe(LIMITS.identifiers);
  expect(Object.keys(schema.properties).sort()).toEqual([...Object.keys(CRITICAL), "answer"].sort());
});
