import { expect, test } from "vitest";
import { ownNameOf, shortNameOf, shortTitleOf } from "./shortNames";

test.each([
  ["心内科-主任医师-张三", "张三"],
  ["急诊科-护士-欧阳小红", "小红"],
  ["检验科", "验科"],
  ["Ada Lovelace", "AL"],
  ["@doctor:hospital.test", "DO"],
  ["", "?"],
])("of %s people see %s", (name, shown) => {
  expect(shortNameOf(name)).toBe(shown);
});

test("a hospital's name ends with what colleagues say", () => {
  expect(ownNameOf("心内科-护士-钱七")).toBe("钱七");
});

test("what is no such name stays whole", () => {
  for (const name of ["心内科", "Ward-3", "", "心内科-护士-"]) expect(ownNameOf(name)).toBe(name);
});

test("a room is called as its name begins", () => {
  expect(shortTitleOf("夜班交班")).toBe("夜班");
  expect(shortTitleOf("Tumour board")).toBe("TB");
});
