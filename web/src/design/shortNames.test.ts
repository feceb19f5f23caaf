import { expect, test } from "vitest";
import { shortNameOf, shortTitleOf } from "./shortNames";

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

test("a room is called as its name begins", () => {
  expect(shortTitleOf("夜班交班")).toBe("夜班");
  expect(shortTitleOf("Tumour board")).toBe("TB");
});
