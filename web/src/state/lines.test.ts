import { expect, test } from "vitest";
import type { Item } from "../matrix/item";
import { linesOf } from "./lines";

const NOON = new Date(2026, 10, 24, 12).getTime();
const MINUTE_MS = 60_000;

function anItem(id: string, more: Partial<Item> = {}): Item {
  return {
    id,
    eventId: `$${id}`,
    kind: "text",
    senderId: "@1005:hospital.test",
    senderName: "钱七",
    isOwn: false,
    at: NOON,
    text: id,
    isEdited: false,
    delivery: "sent",
    sending: undefined,
    replyTo: undefined,
    quote: undefined,
    attachment: undefined,
    recall: undefined,
    cause: undefined,
    mentionNames: [],
    mentionsMe: false,
    canRecall: false,
    reactions: [],
    readers: [],
    acknowledgement: undefined,
    card: undefined,
    isForged: false,
    pressed: undefined,
    ...more,
  };
}

function kindsOf(items: readonly Item[], readUpTo?: string) {
  return linesOf(items, readUpTo).map((line) => line.kind);
}

test("a day begins with its name", () => {
  const items = [anItem("a"), anItem("b"), anItem("c", { at: NOON + 1440 * MINUTE_MS })];
  expect(kindsOf(items)).toEqual(["day", "message", "message", "day", "message"]);
});

test("people who come one after the other share a line", () => {
  const join = (id: string, senderName: string) => anItem(id, { kind: "change", text: "join", senderName });
  const leave = anItem("d", { kind: "change", text: "leave", senderName: "丁" });
  const lines = linesOf([join("a", "甲"), join("b", "乙"), join("c", "甲"), leave], undefined);
  expect(lines.slice(1)).toMatchObject([
    { membership: "join", names: ["甲", "乙"] },
    { membership: "leave", names: ["丁"] },
  ]);
});

test("whoever comes right after they were asked is told of once", () => {
  const change = (id: string, text: string, senderName: string) => anItem(id, { kind: "change", text, senderName });
  const invited = [change("a", "join", "丙"), change("b", "invite", "甲"), change("c", "invite", "乙")];
  const came = [change("d", "join", "甲"), change("e", "join", "乙")];
  expect(linesOf([...invited, ...came], undefined).slice(1)).toMatchObject([
    { membership: "join", names: ["丙"] },
    { membership: "join", names: ["甲", "乙"] },
  ]);
  expect(linesOf([...invited, ...came.slice(1)], undefined).slice(2)).toMatchObject([
    { membership: "invite", names: ["甲"] },
    { membership: "join", names: ["乙"] },
  ]);
});

test("what is new begins behind what was read, with what others wrote", () => {
  const items = [anItem("a"), anItem("b", { isOwn: true }), anItem("c"), anItem("d")];
  expect(kindsOf(items, "$a")).toEqual(["day", "message", "message", "unread", "message", "message"]);
  expect(kindsOf(items, "$d")).not.toContain("unread");
  expect(kindsOf(items, "$elsewhere")).not.toContain("unread");
});

test("messages of one person stand together for a while", () => {
  const items = [anItem("a"), anItem("b"), anItem("c", { at: NOON + 6 * MINUTE_MS })];
  const following = linesOf(items, undefined).map((line) => line.kind === "message" && line.isFollowing);
  expect(following).toEqual([false, false, true, false]);
  const followed = linesOf(items, undefined).map((line) => line.kind === "message" && line.isFollowed);
  expect(followed).toEqual([false, true, false, false]);
});
