import { expect, test } from "vitest";
import { tileOf } from "./tile";

function drawn(rows: readonly string[]): string {
  const [, address = ""] = /^url\("data:image\/svg\+xml,([^"]*)"\)$/.exec(tileOf(rows)) ?? [];
  return decodeURIComponent(address);
}

test("each row stands in the image", () => {
  const svg = drawn(["心内科-主任医师-张三", "1001 · 11/24 08:02"]);
  expect(svg.match(/<text /g)).toHaveLength(2);
  expect(svg).toContain(">心内科-主任医师-张三</text>");
});

test.each([
  "</text><script>alert(1)</script>",
  '"); background: url("https://evil.test',
  "a & b",
  "半\ud83d字",
  "🙂",
  "",
])("%j is nothing but words", (row) => {
  const svg = drawn([row]);
  expect(svg).not.toContain("<script");
  expect(svg.match(/<[a-z]+/g)).toEqual(["<svg", "<g", "<text"]);
});
