import { expect, test } from "vitest";
import { chinese, english } from "./words";

function keysOf(words: object, path = ""): string[] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === "object" ? keysOf(value, `${path}${key}.`) : [`${path}${key}`],
  );
}

function placeholders(words: object): Record<string, string[]> {
  const found = keysOf(words).map((path) => {
    const text = path.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], words);
    return [path, [...String(text).matchAll(/{{(\w+)}}/g)].map((match) => match[1] ?? "").sort()] as const;
  });
  return Object.fromEntries(found);
}

test("both languages say the same things, with the same placeholders", () => {
  expect(keysOf(english).sort()).toEqual(keysOf(chinese).sort());
  expect(placeholders(english)).toEqual(placeholders(chinese));
});

test("no word is empty", () => {
  for (const words of [chinese, english]) {
    expect(keysOf(words).length).toBeGreaterThan(0);
    expect(JSON.stringify(words)).not.toContain('""');
  }
});
