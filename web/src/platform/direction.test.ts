import { expect, test } from "vitest";
import { isolated } from "./direction";

test("what runs from right to left is set apart, all else is as it was", () => {
  expect(["张三", "Zhang 3", "", "🙂"].map(isolated)).toEqual(["张三", "Zhang 3", "", "🙂"]);
  expect(["דוד", "محمد", "张三 א"].map(isolated)).toEqual([
    "\u2068דוד\u2069",
    "\u2068محمد\u2069",
    "\u2068张三 א\u2069",
  ]);
});
