import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { SealedRecords } from "../../platform/sealedRecords";
import { aesKey, randomBytes } from "../../platform/sealing";
import { SearchIndex } from "./searchIndex";
import type { Found } from "./shard";

const NOV = Date.UTC(2026, 10, 24);
const OCT = Date.UTC(2026, 9, 3);
const [WARD, LAB] = ["!ward", "!lab"];
let names = 0;

async function records() {
  names += 1;
  return new SealedRecords(indexedDB, `search ${names}`, await aesKey(randomBytes(32)));
}

async function anIndex(store?: SealedRecords) {
  const index = new SearchIndex(store ?? (await records()), async () => undefined);
  await index.load();
  return index;
}

function says(eventId: string, text: string, more: Partial<Found> = {}): Found {
  return { eventId, text, senderId: "@1005", at: NOV, kind: "text", isEdited: false, ...more };
}

async function found(index: SearchIndex, query: string, roomIds = [WARD, LAB]) {
  const hits = await index.find(query, new Set(roomIds), 10, () => true);
  return hits?.map(({ eventId }) => eventId);
}

test("two characters are found exactly, across months and conversations, the newest first", async () => {
  const index = await anIndex();
  await index.put(WARD, says("$a", "3 床血钾高", { at: OCT }));
  await index.put(LAB, says("$b", "血钾复查"));
  await index.put(WARD, says("$c", "血糖和钾"));
  await index.put(WARD, says("$d", "钾高血"));
  expect(await found(index, "血钾")).toEqual(["$b", "$a"]);
  expect(await found(index, "血钾高")).toEqual(["$a"]);
  expect(await found(index, "高")).toEqual(["$d", "$a"]);
  expect(await found(index, "血钾", [LAB])).toEqual(["$b"]);
  expect(await found(index, "血钾 复查")).toEqual(["$b"]);
  expect(await found(index, ".*")).toEqual([]);
  expect(await found(index, "")).toEqual([]);
});

test("pairs that do not follow each other are not found", async () => {
  const index = await anIndex();
  await index.put(WARD, says("$a", "血钾，钾高"));
  expect(await found(index, "血钾高")).toEqual([]);
});

test("an edit replaces, whichever comes first, and only by whoever wrote the message", async () => {
  const index = await anIndex();
  await index.put(WARD, says("$a", "旧的血钾"));
  await index.amend(WARD, "$a", { senderId: "@1006", text: "别人的", at: NOV });
  expect(await found(index, "旧的")).toEqual(["$a"]);
  await index.amend(WARD, "$a", { senderId: "@1005", text: "新的血糖", at: NOV });
  await index.put(WARD, says("$a", "旧的血钾"));
  expect([await found(index, "旧的"), await found(index, "新的")]).toEqual([[], ["$a"]]);
  await index.amend(WARD, "$later", { senderId: "@1005", text: "改后", at: NOV + 2 });
  await index.amend(WARD, "$later", { senderId: "@1005", text: "改前", at: NOV + 1 });
  await index.put(WARD, says("$later", "原文"));
  expect([await found(index, "原文"), await found(index, "改后"), await found(index, "改前")]).toEqual([
    [],
    ["$later"],
    [],
  ]);
});

test("what was taken back is not found", async () => {
  const index = await anIndex();
  await index.put(WARD, says("$a", "血钾", { at: OCT }));
  await index.remove(WARD, "$a");
  expect(await found(index, "血钾")).toEqual([]);
});

test("what was learnt is there after a reload, and sealed", async () => {
  const store = await records();
  const before = await anIndex(store);
  await before.put(WARD, says("$a", "血钾"));
  before.followed(WARD, { from: NOV, to: NOV, token: "older" });
  await before.save();
  const after = await anIndex(store);
  expect(await found(after, "血钾")).toEqual(["$a"]);
  expect(after.searchedTo([WARD])).toBe(NOV);
  expect(after.tokenOf(WARD)).toBe("older");
});

test("a search that nobody wants any more ends", async () => {
  const index = await anIndex();
  await index.put(WARD, says("$a", "血钾"));
  expect(await index.find("血钾", new Set([WARD]), 10, () => false)).toBeUndefined();
});
