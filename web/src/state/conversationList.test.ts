import { expect, test } from "vitest";
import type { RoomSummary } from "../matrix/rooms";
import { emptiness, neighbourOf, shownRooms } from "./conversationList";

function room(name: string, wishes: Partial<RoomSummary> = {}): RoomSummary {
  const usual = { kind: "group", unread: 0, highlights: 0, latestAt: 0, preview: undefined } as const;
  return { roomId: name, name, isPinned: false, isMuted: false, ...usual, ...wishes };
}

const ROOMS = [
  room("心内科", { kind: "department", unread: 2 }),
  room("MDT 讨论"),
  room("李四", { kind: "direct" }),
  room("会诊", { kind: "consult" }),
];

test("each filter shows its kinds", () => {
  const names = (filter: Parameters<typeof shownRooms>[1]) => shownRooms(ROOMS, filter, "").map((each) => each.name);
  expect(names("all")).toHaveLength(4);
  expect(names("unread")).toEqual(["心内科"]);
  expect(names("group")).toEqual(["MDT 讨论", "会诊"]);
  expect(names("direct")).toEqual(["李四"]);
});

test("a name is found by a part of it, in any case", () => {
  expect(shownRooms(ROOMS, "all", " mdt ").map((each) => each.name)).toEqual(["MDT 讨论"]);
});

test("an empty list says why it is empty", () => {
  expect(emptiness([], "all", "")).toBe("noRooms");
  expect(emptiness(ROOMS, "unread", "")).toBe("allRead");
  expect(emptiness(ROOMS, "all", "nobody")).toBe("noneFits");
  expect(emptiness(ROOMS, "broadcast", "")).toBe("noneOfKind");
});

test("keys go to the conversation above and below, and stop at the ends", () => {
  expect(neighbourOf(ROOMS, undefined, 1)?.name).toBe("心内科");
  expect(neighbourOf(ROOMS, "MDT 讨论", 1)?.name).toBe("李四");
  expect(neighbourOf(ROOMS, "MDT 讨论", -1)?.name).toBe("心内科");
  expect(neighbourOf(ROOMS, "心内科", -1)).toBeUndefined();
  expect(neighbourOf(ROOMS, "会诊", 1)).toBeUndefined();
});
