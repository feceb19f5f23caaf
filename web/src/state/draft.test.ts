import { expect, test } from "vitest";
import type { Item } from "../matrix/item";
import { DraftModel, mentionQueryAt } from "./draft";

const item = { id: "a", eventId: "$a", text: "8 点查房" } as Item;
const nurse = { userId: "@1005:hospital.test", name: "钱七" };

test("an edit puts what was being written aside, and it comes back", () => {
  const draft = new DraftModel();
  draft.write("半句话");
  draft.edit(item);
  expect(draft.state.get()).toMatchObject({ text: "8 点查房", mode: { kind: "edit" } });
  draft.leave();
  expect(draft.state.get()).toMatchObject({ text: "半句话", mode: { kind: "new" } });
  draft.edit(item);
  draft.write("9 点查房");
  expect(draft.take()).toMatchObject({ text: "9 点查房", mode: { kind: "edit", item } });
  expect(draft.state.get().text).toBe("半句话");
});

test("an answer keeps what was written", () => {
  const draft = new DraftModel();
  draft.write("好的");
  draft.reply(item);
  expect(draft.take()).toMatchObject({ text: "好的", mode: { kind: "reply", item } });
  expect(draft.state.get()).toMatchObject({ text: "", mode: { kind: "new" } });
});

test("whoever is no longer named is not mentioned", () => {
  const draft = new DraftModel();
  draft.write("请 @qian 看");
  draft.mention(nurse, { term: "qian", start: 2, end: 7 });
  expect(draft.state.get().text).toBe("请 @钱七 看");
  draft.write("请看");
  expect(draft.take()?.mentioned).toEqual([]);
});

test("nothing but spaces is not sent", () => {
  const draft = new DraftModel();
  draft.write(" \n ");
  expect(draft.take()).toBeUndefined();
});

test("a name is searched behind an @ that begins a word", () => {
  expect(mentionQueryAt("请 @qian", 7)).toEqual({ term: "qian", start: 2, end: 7 });
  expect(mentionQueryAt("请@", 2)).toEqual({ term: "", start: 1, end: 2 });
  expect(mentionQueryAt("mail@host", 9)).toBeUndefined();
  expect(mentionQueryAt("@钱七 好", 5)).toBeUndefined();
});

test("an edit that is refused comes back, and after it what was being written", () => {
  const draft = new DraftModel();
  draft.write("半句话");
  draft.edit(item);
  draft.write("9 点查房");
  const taken = draft.take();
  if (taken !== undefined) draft.giveBack(taken);
  expect(draft.state.get()).toMatchObject({ text: "9 点查房", mode: { kind: "edit", item } });
  draft.leave();
  expect(draft.state.get().text).toBe("半句话");
});
