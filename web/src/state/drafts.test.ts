import { expect, test } from "vitest";
import type { Item } from "../matrix/item";
import { deviceKey, type Sealed } from "../platform/sealing";
import { DraftModel } from "./draft";
import { Drafts } from "./drafts";

class Table {
  readonly kept = new Map<string, Sealed>();
  get = async (key: string) => this.kept.get(key);
  put = async (key: string, sealed: Sealed) => void this.kept.set(key, sealed);
  delete = async (key: string) => void this.kept.delete(key);
}

const item = { id: "$a", eventId: "$a", text: "before" } as Item;

async function reopened(table: Table, key: CryptoKey): Promise<DraftModel> {
  const draft = new DraftModel();
  await new Drafts(table, key).keep("!room", draft);
  return draft;
}

test("what was being written is there after a reload, with what it answers", async () => {
  const [table, key, draft] = [new Table(), await deviceKey(), new DraftModel()];
  const drafts = new Drafts(table, key);
  await drafts.keep("!room", draft);
  draft.reply(item);
  draft.write("3 床");
  await drafts.settle();
  const again = await reopened(table, key);
  expect(again.state.get()).toMatchObject({ text: "3 床", mode: { kind: "reply", item: { eventId: "$a" } } });
});

test("an edit comes back, and after it what had been written before", async () => {
  const [table, key, draft] = [new Table(), await deviceKey(), new DraftModel()];
  const drafts = new Drafts(table, key);
  await drafts.keep("!room", draft);
  draft.write("aside");
  draft.edit(item);
  await drafts.settle();
  const again = await reopened(table, key);
  expect(again.state.get().text).toBe("before");
  again.leave();
  expect(again.state.get().text).toBe("aside");
});

test("what was sent is kept no longer", async () => {
  const [table, key, draft] = [new Table(), await deviceKey(), new DraftModel()];
  const drafts = new Drafts(table, key);
  await drafts.keep("!room", draft);
  draft.write("3 床");
  await drafts.settle();
  draft.take();
  await drafts.settle();
  expect(table.kept.size).toBe(0);
});

test("nobody else's key opens it, and what is being written already stays", async () => {
  const [table, key, draft] = [new Table(), await deviceKey(), new DraftModel()];
  const drafts = new Drafts(table, key);
  await drafts.keep("!room", draft);
  draft.write("3 床");
  await drafts.settle();
  expect((await reopened(table, await deviceKey())).state.get().text).toBe("");
  const quick = new DraftModel();
  const restoring = new Drafts(table, key).keep("!room", quick);
  quick.write("5 床");
  await restoring;
  expect(quick.state.get().text).toBe("5 床");
});
