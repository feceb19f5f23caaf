import { MatrixEvent, type Room } from "matrix-js-sdk";
import { expect, test } from "vitest";
import { CARD_ACTION, cardSeenIn, isService, pressedIn } from "./cardEvents";
import { CRITICAL } from "./cards.fixture";
import { CARD } from "./systemCard";

const LAB = "@_lab:hospital.test";
const ME = "@1001:hospital.test";
const COLLEAGUE = "@1005:hospital.test";

function aRoom(isEncrypted: boolean): Room {
  return { hasEncryptionStateEvent: () => isEncrypted } as unknown as Room;
}

const plain = aRoom(false);

function aMessage(sender: string, card: unknown, more: object = {}): MatrixEvent {
  const content = { msgtype: "m.text", body: "血钾 6.8", [CARD]: card, ...more };
  return new MatrixEvent({ type: "m.room.message", event_id: "$card", room_id: "!r", sender, content } as never);
}

/** The message as an edit has left it; the SDK lets only the sender's own edits get so far. */
function edited(card: unknown, original: unknown = CRITICAL): MatrixEvent {
  const event = aMessage(LAB, original);
  const content = { body: "*", "m.new_content": { msgtype: "m.text", body: "血钾 6.8，已接收", [CARD]: card } };
  event.makeReplaced(
    new MatrixEvent({ type: "m.room.message", event_id: "$edit", room_id: "!r", sender: LAB, content } as never),
  );
  return event;
}

test("services are those whose names the hospital gives, but not the server's hand and the wards' computers", () => {
  expect(isService(LAB)).toBe(true);
  const others = [ME, "@_myelin:hospital.test", "@_station.=e6:hospital.test", "@1001_:hospital.test", ""];
  expect(others.filter(isService)).toEqual([]);
});

test("a service's card is one, a colleague's is forged", () => {
  expect(cardSeenIn(aMessage(LAB, CRITICAL), plain)).toMatchObject({ card: { case: "cv-0017" }, isForged: false });
  expect(cardSeenIn(aMessage(COLLEAGUE, CRITICAL), plain)).toEqual({ card: undefined, isForged: true });
  expect(cardSeenIn(aMessage(COLLEAGUE, null), plain).isForged).toBe(true);
});

test("in a room that encrypts, what came in clear speaks for nobody", () => {
  expect(cardSeenIn(aMessage(LAB, CRITICAL), aRoom(true))).toEqual({ card: undefined, isForged: true });
});

test("what a service sends that is no card is its text", () => {
  expect(cardSeenIn(aMessage(LAB, { ...CRITICAL, v: 9 }), plain)).toEqual({ card: undefined, isForged: false });
  expect(cardSeenIn(aMessage(LAB, "<script>"), plain)).toEqual({ card: undefined, isForged: false });
});

test("an edit brings the card up to date", () => {
  const { card } = cardSeenIn(edited({ ...CRITICAL, rev: 4, state: "received", state_label: "已接收" }), plain);
  expect(card).toMatchObject({ rev: 4, stateLabel: "已接收" });
});

test.each([
  ["another case", { ...CRITICAL, rev: 4, case: "cv-0018" }, CRITICAL],
  ["another kind", { ...CRITICAL, rev: 4, kind: "notice" }, CRITICAL],
  ["an older revision", { ...CRITICAL, rev: 2 }, CRITICAL],
  ["a message that was no card", CRITICAL, null],
  ["what is malformed", { ...CRITICAL, rev: "4" }, CRITICAL],
])("an edit with %s is text", (_name, card, original) => {
  expect(cardSeenIn(edited(card, original), plain)).toEqual({ card: undefined, isForged: false });
});

function anAction(sender: string, content: object, more: object = {}): MatrixEvent {
  const relation = { "m.relates_to": { rel_type: "m.reference", event_id: "$card" } };
  return new MatrixEvent({
    type: CARD_ACTION,
    event_id: "$action",
    sender,
    origin_server_ts: 1_764_000_000_000,
    content: { v: 1, case: "cv-0017", action: "receive", input: null, rev: 3, uuid: "u1", ...relation, ...content },
    ...more,
  } as never);
}

test("what the person has pressed is known by its card, the latest counts, and nobody else's", () => {
  const events = [anAction(ME, {}), anAction(ME, { uuid: "u2", input: "6.8" }), anAction(COLLEAGUE, { uuid: "u3" })];
  const pressed = pressedIn(events, ME).get("$card");
  expect(pressed).toEqual({
    uuid: "u2",
    case: "cv-0017",
    action: "receive",
    input: "6.8",
    rev: 3,
    at: 1_764_000_000_000,
    delivery: "sent",
  });
});

test.each([
  ["no uuid", { uuid: 5 }],
  ["no revision", { rev: "3" }],
  ["another relation", { "m.relates_to": { rel_type: "m.thread", event_id: "$card" } }],
  ["a relation of a wrong type", { "m.relates_to": "x" }],
  ["a relation to an object", { "m.relates_to": { rel_type: "m.reference", event_id: {} } }],
])("an action with %s is none", (_name, content) => {
  expect(pressedIn([anAction(ME, content)], ME).size).toBe(0);
});
