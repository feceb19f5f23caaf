import { describe, expect, it } from "vitest";
import { placeIn } from "./criticalCases";

function said(content: object, sender = "@_lab:h") {
  return { getSender: () => sender, getContent: <T>() => content as T };
}

describe("where a critical case is", () => {
  it("is what the service's card says", () => {
    const card = { patient: { name: "测试患者甲", place: "心内科 \u202e12 床" }, facts: [{ value: "6.8" }] };
    expect(placeIn(said({ "org.myelin.card": card }))).toBe("心内科 12 床");
  });

  it("is nothing where a person says it", () => {
    expect(placeIn(said({ "org.myelin.card": { patient: { place: "12" } } }, "@1001:h"))).toBe("");
  });

  it.each([{}, { "org.myelin.card": null }, { "org.myelin.card": { patient: 7 } }, { "org.myelin.card": "x" }])(
    "is nothing in %j",
    (content) => {
      expect(placeIn(said(content))).toBe("");
    },
  );
});
