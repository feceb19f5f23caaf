import { expect, test } from "vitest";
import type { Pressed } from "../../matrix/cardEvents";
import { CRITICAL } from "../../matrix/cards.fixture";
import { CARD_KINDS, type Card, readCard } from "../../matrix/systemCard";
import { actionStateOf, isMoving, KINDS, spanText, timeStateOf } from "./cardState";

const NOW = 1_764_000_000_000;

function aCard(more: object = {}): Card {
  const { card } = readCard({ ...CRITICAL, ...more });
  if (card === undefined) throw new Error("not a card");
  return card;
}

function aPress(more: Partial<Pressed> = {}): Pressed {
  return { uuid: "u1", case: "cv-0017", action: "receive", input: null, rev: 3, at: NOW, delivery: "sent", ...more };
}

const answered = (accepted: boolean) => ({ answer: { uuid: "u1", accepted, text: accepted ? "" : "复述值不符" } });

test.each<[string, Card, Pressed | undefined, string]>([
  ["nobody has pressed", aCard(), undefined, "ready"],
  ["nothing can be done", aCard({ actions: [] }), undefined, "none"],
  ["it is on its way", aCard(), aPress({ delivery: "sending", at: 0 }), "sending"],
  ["it could not be sent", aCard(), aPress({ delivery: "failed" }), "notSent"],
  ["the homeserver has it", aCard(), aPress(), "waiting"],
  ["the server has not said when", aCard(), aPress({ at: 0 }), "waiting"],
  ["15 s have gone by", aCard(), aPress({ at: NOW - 15_001 }), "unconfirmed"],
  ["an older card is shown after a newer press", aCard({ rev: 2 }), aPress(), "waiting"],
  ["the card has changed", aCard({ rev: 4 }), aPress(), "ready"],
  ["the card has ended", aCard({ rev: 4, actions: [] }), aPress(), "none"],
  ["the answer came without a change", aCard(answered(true)), aPress(), "ready"],
  ["the system said no", aCard({ rev: 4, ...answered(false) }), aPress(), "refused"],
  ["the system said no to somebody else", aCard({ rev: 4, ...answered(false) }), aPress({ uuid: "u2" }), "ready"],
])("where %s the state has its name", (_name, card, pressed, kind) => {
  expect(actionStateOf(card, pressed, true, NOW).kind).toBe(kind);
});

test("a device without keys presses nothing, and says what it has pressed before", () => {
  expect(actionStateOf(aCard(), undefined, false, NOW).kind).toBe("preparing");
  expect(actionStateOf(aCard(), aPress(), false, NOW).kind).toBe("waiting");
});

test("a deadline runs by the server's time", () => {
  const card = aCard({ deadline: NOW + 5_000 });
  expect(timeStateOf(card, undefined)).toEqual({ kind: "unmeasured", deadline: NOW + 5_000 });
  expect(timeStateOf(card, NOW)).toEqual({ kind: "running", leftMs: 5_000 });
  expect(timeStateOf(card, NOW + 6_000)).toEqual({ kind: "over", sinceMs: 1_000 });
  expect(timeStateOf(aCard({ deadline: null }), NOW)).toEqual({ kind: "none" });
});

test.each([
  [0, "0:00"],
  [59_999, "0:59"],
  [245_000, "4:05"],
  [3_599_999, "59:59"],
  [3_845_000, "1:04:05"],
  [360_000_000, "100:00:00"],
])("%s ms are %s", (ms, text) => expect(spanText(ms)).toBe(text));

test("only what waits or runs is drawn each second", () => {
  const still = aCard({ deadline: null });
  expect(isMoving(still, { kind: "ready" })).toBe(false);
  expect(isMoving(still, { kind: "waiting", pressed: aPress() })).toBe(true);
  expect(isMoving(aCard(), { kind: "none" })).toBe(true);
});

test("every kind has its row, and one alone is red", () => {
  expect(Object.keys(KINDS).sort()).toEqual([...CARD_KINDS].sort());
  expect(CARD_KINDS.filter((kind) => KINDS[kind].isCritical)).toEqual(["critical_value"]);
});
