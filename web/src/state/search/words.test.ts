import { expect, test } from "vitest";
import { folded, queryTokensOf, snippetOf, termsOf, tokensOf } from "./words";

test("two neighbouring characters, the last alone, and whole words of others", () => {
  expect(tokensOf("3床血钾高，K 6.2mmol")).toEqual(["3", "床血", "血钾", "钾高", "高", "k", "6", "2mmol"]);
  expect(queryTokensOf("血钾高")).toEqual(["血钾", "钾高"]);
  expect(queryTokensOf("床")).toEqual(["床"]);
});

test("wide and capital letters are the same, at the same place", () => {
  expect(folded("ＣＴ 胸部İ")).toHaveLength("ＣＴ 胸部İ".length);
  expect(termsOf("ＣＴ  Chest")).toEqual(["ct", "chest"]);
});

test.each([
  ["a hundred kilobytes", "血".repeat(100_000)],
  ["characters of patterns", ".*+?^$ {}()|[]\\血钾(("],
  ["marks of direction", "\u202e血\u2066钾\u200f"],
  ["nothing but marks", "\u202e\u2066"],
  ["half a character", "\ud83d"],
])("%s are only words", (_, query) => {
  expect(termsOf(query).join("").length).toBeLessThanOrEqual(100);
  expect(queryTokensOf(query).length).toBeLessThanOrEqual(100);
  expect(snippetOf(`前文${query.slice(0, 50)}后文`, termsOf(query)).length).toBeGreaterThan(0);
});

test("what was found is marked, with what is around it", () => {
  const text = `${"前".repeat(100)}血钾 6.2，复查血钾${"后".repeat(200)}`;
  const parts = snippetOf(text, termsOf("血钾"));
  expect(parts.filter(({ isFound }) => isFound).map((part) => part.text)).toEqual(["血钾", "血钾"]);
  expect(parts[0]?.text).toBe("…");
  expect(parts.at(-1)?.text).toBe("…");
});
