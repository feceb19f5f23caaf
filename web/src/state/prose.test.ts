import { expect, test } from "vitest";
import { foldedOf, partsOf } from "./prose";

function linksIn(text: string) {
  return partsOf(text, []).filter((part) => part.kind === "link");
}

test("an address is a link, and what stands behind it is not", () => {
  expect(partsOf("见 https://hospital.test/a?b=1。谢谢", [])).toEqual([
    { kind: "text", text: "见 " },
    { kind: "link", text: "https://hospital.test/a?b=1", href: "https://hospital.test/a?b=1", host: undefined },
    { kind: "text", text: "。谢谢" },
  ]);
});

test.each([
  ["a name before the host", "https://hospital.test@evil.test/x", "evil.test"],
  ["letters that look alike", "https://hospıtal.test/", new URL("https://hospıtal.test/").host],
])("%s shows where it leads", (_name, text, host) => {
  const [link] = linksIn(text);
  expect(link?.host).toBe(host);
});

test.each([
  "javascript:alert(1)",
  "data:text/html,<script>",
  "file:///etc/passwd",
  "https://",
  "http://[",
  "mxc://a/b",
])("%s is no link", (text) => expect(linksIn(text)).toEqual([]));

test("markup is text", () => {
  const text = '<img src=x onerror="alert(1)"><script>alert(1)</script>';
  expect(partsOf(text, [])).toEqual([{ kind: "text", text }]);
});

test("people are told apart, the longer name first", () => {
  expect(partsOf("@钱七 @钱七七 请看", ["钱七", "钱七七", ""]).map((part) => part.kind + part.text)).toEqual([
    "mention@钱七",
    "text ",
    "mention@钱七七",
    "text 请看",
  ]);
});

test("what is too long is folded", () => {
  expect(foldedOf("短")).toBeUndefined();
  expect(foldedOf("长".repeat(60_000))).toHaveLength(1_500);
  expect(foldedOf("\n".repeat(5_000))?.split("\n")).toHaveLength(24);
});

test("a hostile text takes no long time", () => {
  const text = `${"https://a.test/".repeat(2_000)} ${"@".repeat(20_000)}`;
  const before = performance.now();
  partsOf(text, ["钱七"]);
  expect(partsOf("@a".repeat(30_000), ["a", "(.*)+$"])).toHaveLength(30_000);
  expect(performance.now() - before).toBeLessThan(500);
});
