import { MatrixEvent, type Room } from "matrix-js-sdk";
import { expect, test } from "vitest";
import { acknowledgementsIn } from "./acknowledgement";
import { CRITICAL } from "./cards.fixture";
import { type Item, itemOf, type Surroundings, unreadableItem } from "./item";
import { previewOf } from "./preview";

const ME = "@1001:hospital.test";
const COLLEAGUE = "@1005:hospital.test";
const NAMES: Record<string, string> = { [ME]: "李四", [COLLEAGUE]: "钱七" };

function aRoom(events: readonly MatrixEvent[] = []): Room {
  return {
    myUserId: ME,
    getMember: (userId: string) => (userId in NAMES ? { name: NAMES[userId] } : null),
    findEventById: (eventId: string) => events.find((event) => event.getId() === eventId),
    currentState: { maySendRedactionForEvent: () => false },
    hasEncryptionStateEvent: () => false,
    relations: { getChildEventsForEvent: () => undefined },
  } as unknown as Room;
}

const around: Surroundings = {
  isWaiting: () => false,
  readersOf: () => [ME, COLLEAGUE],
  acknowledgementOf: () => undefined,
  pressedOf: () => undefined,
};

function anEvent(content: unknown, more: Record<string, unknown> = {}): MatrixEvent {
  const base = { type: "m.room.message", event_id: "$one", sender: COLLEAGUE, origin_server_ts: 1_764_000_000_000 };
  return new MatrixEvent({ ...base, room_id: "!ward", content, ...more } as never);
}

function shown(content: unknown, more?: Record<string, unknown>): Item | undefined {
  return itemOf(anEvent(content, more), aRoom(), around);
}

const FILE = {
  v: "v2",
  url: "mxc://hospital.test/abc",
  key: { kty: "oct", k: "a", alg: "A256CTR", key_ops: [], ext: true },
  iv: "b",
  hashes: { sha256: "c" },
};

test("a message is a line of its sender", () => {
  const item = shown({ msgtype: "m.text", body: "查房 8 点" });
  expect(item).toMatchObject({ kind: "text", text: "查房 8 点", senderName: "钱七", readers: [ME], isOwn: false });
});

test.each([
  ["no body", { msgtype: "m.text" }],
  ["a number for a body", { msgtype: "m.text", body: 5 }],
  ["a list for a body", { msgtype: "m.text", body: ["a"] }],
  ["a type that is an object", { msgtype: {}, body: null }],
  ["mentions of a wrong type", { msgtype: "m.text", "m.mentions": "everybody" }],
  ["mentions of nothing", { msgtype: "m.text", "m.mentions": { user_ids: [null, 5, {}] } }],
  ["a relation that is text", { msgtype: "m.text", "m.relates_to": "x" }],
  ["a relation to a number", { msgtype: "m.text", "m.relates_to": { "m.in_reply_to": { event_id: 5 } } }],
  ["a picture without a file", { msgtype: "m.image" }],
  ["a picture elsewhere", { msgtype: "m.image", url: "https://evil.test/pixel.png" }],
  ["a picture by script", { msgtype: "m.image", url: "javascript:alert(1)" }],
  ["a file that is no file", { msgtype: "m.file", file: { v: "v2", url: 5 } }],
  ["a file of another version", { msgtype: "m.file", file: { ...FILE, v: "v1" } }],
  ["a path as an address", { msgtype: "m.file", file: { ...FILE, url: "mxc://hospital.test/../../secret" } }],
])("%s is an empty line", (_name, content) => {
  const item = shown(content);
  expect(item).toMatchObject({ kind: "text", text: "", mentionNames: [], replyTo: undefined });
  expect(item?.attachment).toBeUndefined();
});

test.each([
  ["content that is text", "hello"],
  ["content that is a list", [1, 2]],
  ["a type that every object has", { msgtype: "constructor" }],
  ["a type that cannot be made text", { msgtype: { toString: 5, valueOf: 5 } }],
  ["an edit of nothing", { msgtype: "m.text", "m.new_content": "x", "m.relates_to": { rel_type: 5, event_id: {} } }],
  ["a name that cannot be made text", { msgtype: "m.file", body: { toString: null }, filename: [] }],
])("%s makes no view fall", (_name, content) => {
  const item = shown(content);
  expect(item).toMatchObject({ kind: "text", text: "", isForged: false });
  expect(previewOf(anEvent(content), aRoom()).text).toBe("");
});

test("an edit whose new content is no object leaves an empty line", () => {
  const event = anEvent({ msgtype: "m.text", body: "x" });
  event.makeReplaced(anEvent({ body: "*", "m.new_content": "text" }, { event_id: "$edit" }));
  expect(itemOf(event, aRoom(), around)).toMatchObject({ kind: "text", text: "", isEdited: true });
});

test("an event that nothing could be made of is a plain line of its sender", () => {
  const item = unreadableItem(anEvent({ body: "x" }, { origin_server_ts: "soon" }), aRoom());
  expect(item).toMatchObject({ kind: "unreadable", senderName: "钱七", at: 0, text: "", cause: "other" });
});

test("a card belongs to the item, and what was pressed on it; a recalled card is none", () => {
  const content = { msgtype: "m.text", body: "血钾 6.8", "org.myelin.card": CRITICAL };
  const fromLab = { sender: "@_lab:hospital.test" };
  expect(shown(content, fromLab)).toMatchObject({ kind: "text", text: "血钾 6.8", card: { rev: 3 }, isForged: false });
  expect(shown(content)).toMatchObject({ card: undefined, isForged: true, text: "血钾 6.8" });
  const because = { sender: ME, origin_server_ts: 5, type: "m.room.redaction", content: {} };
  expect(shown({}, { ...fromLab, unsigned: { redacted_because: because } })).toMatchObject({ card: undefined });
});

test("formatted bodies are never looked at", () => {
  const item = shown({
    msgtype: "m.text",
    body: "<b>x</b>",
    format: "org.matrix.custom.html",
    formatted_body: "<script>",
  });
  expect(item?.text).toBe("<b>x</b>");
  expect(JSON.stringify(item)).not.toContain("<script>");
});

test("what turns the direction of text is taken out of names and bodies", () => {
  const name = "检查单\u202Efdp.exe";
  const item = shown({ msgtype: "m.file", body: name, file: FILE, info: { size: -1, w: Number.NaN } });
  expect(item?.attachment).toMatchObject({ name: "检查单fdp.exe", size: undefined, width: undefined });
  expect(item?.text).toBe("检查单fdp.exe");
});

test.each([Number.NaN, -5, 9e20, "yesterday", null])("a clock of %s is no time", (at) => {
  expect(shown({ msgtype: "m.text", body: "x" }, { origin_server_ts: at })?.at).toBe(0);
});

test("unknown events are no lines, unknown messages are their text", () => {
  expect(shown({ body: "x" }, { type: "com.example.unknown" })).toBeUndefined();
  expect(shown({ msgtype: "com.example.unknown", body: "x" })).toMatchObject({ kind: "text", text: "x" });
});

test("an answer quotes what it answers, without the text that older clients put before it", () => {
  const original = anEvent({ msgtype: "m.text", body: "几点抽血" }, { event_id: "$original", sender: ME });
  const relation = { "m.in_reply_to": { event_id: "$original" } };
  const answer = anEvent({ msgtype: "m.text", body: "> <@a> 几点抽血\n\n20 点", "m.relates_to": relation });
  const item = itemOf(answer, aRoom([original]), around);
  expect(item).toMatchObject({ text: "20 点", quote: { senderName: "李四", kind: "text", text: "几点抽血" } });
});

test("a recalled message says who took it back and when, and nothing of what it was", () => {
  const because = { sender: ME, origin_server_ts: 1_764_000_500_000, type: "m.room.redaction", content: {} };
  const item = shown({}, { unsigned: { redacted_because: because } });
  expect(item).toMatchObject({
    kind: "recalled",
    text: "",
    recall: { byName: "李四", isOwn: true, at: 1_764_000_500_000 },
  });
  const forged = shown({}, { unsigned: { redacted_because: { sender: 5, origin_server_ts: "x" } } });
  expect(forged?.recall).toEqual({ byName: "钱七", isOwn: false, at: 0 });
});

test("being mentioned is seen, by name or with everybody", () => {
  expect(shown({ msgtype: "m.text", body: "@李四", "m.mentions": { user_ids: [ME] } })).toMatchObject({
    mentionsMe: true,
    mentionNames: ["李四"],
  });
  expect(shown({ msgtype: "m.text", body: "x", "m.mentions": { room: true } })?.mentionsMe).toBe(true);
});

function acknowledgement(type: string, sender: string, content: object): MatrixEvent {
  const relation = { rel_type: "m.reference", event_id: "$one" };
  return anEvent({ ...content, "m.relates_to": relation }, { type, sender, event_id: `$${type}${sender}` });
}

test("only the sender asks for 收到, and only who is asked has answered", () => {
  const asked = { user_ids: [ME, 5], until: 1_764_000_900_000 };
  const events = [
    acknowledgement("org.myelin.ack.request", ME, { user_ids: [COLLEAGUE], until: 1 }),
    acknowledgement("org.myelin.ack.request", COLLEAGUE, asked),
    acknowledgement("org.myelin.ack.ack", "@1007:hospital.test", {}),
    acknowledgement("org.myelin.ack.ack", ME, {}),
    acknowledgement("org.myelin.ack.ack", ME, {}),
  ];
  const found = acknowledgementsIn(events, () => COLLEAGUE);
  expect(found.get("$one")).toEqual({ asked: [ME], acked: [ME], until: 1_764_000_900_000 });
});
