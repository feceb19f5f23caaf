import { expect, test } from "vitest";
import { Unreachable } from "../../matrix/homeserver";
import { CardModel, type CardSource } from "./cardState";

const SOURCE: CardSource = { card: async () => "EsTb AAAA", newCard: async () => "EsTb BBBB" };

test("a card that was just made is shown without a question", () => {
  expect(new CardModel(SOURCE, "EsTb AAAA").state.get()).toEqual({ kind: "shown", text: "EsTb AAAA" });
});

test.each(["wrong", "lost"] as const)("%s is said, and the password asked for again", async (trouble) => {
  const model = new CardModel({ ...SOURCE, card: async () => trouble }, undefined);
  await model.show("anything");
  expect(model.state.get()).toEqual({ kind: "asking", trouble });
});

test("the right password shows the card, or another in its place", async () => {
  const model = new CardModel(SOURCE, undefined);
  await model.show("the password");
  expect(model.state.get()).toEqual({ kind: "shown", text: "EsTb AAAA" });
  await model.replace("the password");
  expect(model.state.get()).toEqual({ kind: "shown", text: "EsTb BBBB" });
});

test("a wrong password replaces nothing", async () => {
  const model = new CardModel({ ...SOURCE, newCard: async () => undefined }, undefined);
  await model.replace("wrong");
  expect(model.state.get()).toEqual({ kind: "asking", trouble: "wrong" });
});

test("without the network the form stays, and says so", async () => {
  const model = new CardModel({ ...SOURCE, card: () => Promise.reject(new Unreachable()) }, undefined);
  await model.show("the password");
  expect(model.state.get()).toEqual({ kind: "asking", trouble: "unreachable" });
});
