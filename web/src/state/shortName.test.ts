import { expect, test } from "vitest";
import { shortName } from "./shortName";

test("a hospital's name ends with what colleagues say", () => {
  expect(shortName("心内科-护士-钱七")).toBe("钱七");
});

test("what is no such name stays whole", () => {
  for (const name of ["心内科", "Ward-3", "", "心内科-护士-"]) expect(shortName(name)).toBe(name);
});
