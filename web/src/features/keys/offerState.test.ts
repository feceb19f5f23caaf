import { expect, test } from "vitest";
import { Cell } from "../../platform/value";
import { OfferModel } from "./offerState";

class FakeStorage {
  private readonly kept = new Map<string, string>();
  getItem = (place: string) => this.kept.get(place) ?? null;
  setItem = (place: string, text: string) => void this.kept.set(place, text);
  removeItem = (place: string) => void this.kept.delete(place);
}

function modelOf(freshCard = new Cell<string | undefined>(undefined), kept = new FakeStorage()) {
  const storage = kept as unknown as Storage;
  return { model: new OfferModel(freshCard, storage, "place"), freshCard, kept };
}

test("a card that is made later is offered, and known until somebody has answered", () => {
  const { model, freshCard } = modelOf();
  model.follow();
  expect(model.offer.get()).toBeUndefined();
  freshCard.set("EsTb AAAA");
  expect(model.offer.get()).toEqual({ text: "EsTb AAAA" });
  model.answer();
  expect(model.offer.get()).toBeUndefined();
  expect(freshCard.get()).toBeUndefined();
});

test("after a reload it is offered still, and answered once", () => {
  const { kept } = modelOf(new Cell<string | undefined>("EsTb AAAA"));
  const { model } = modelOf(undefined, kept);
  expect(model.offer.get()).toEqual({ text: undefined });
  model.answer();
  expect(modelOf(undefined, kept).model.offer.get()).toBeUndefined();
});

test("nobody hears of it who has stopped following", () => {
  const { model, freshCard } = modelOf();
  model.follow()();
  freshCard.set("EsTb AAAA");
  expect(model.offer.get()).toBeUndefined();
});
