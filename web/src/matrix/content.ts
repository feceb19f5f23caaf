/**
 * Reading what anybody may have sent: a wrong type becomes nothing, and no character may change how others are read.
 */

export type Content = Readonly<Record<string, unknown>>;

// Overrides and isolates of text direction (they disguise names of files), and controls that no text needs.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through.
const DECEPTIVE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;
const LATEST_MS = 8_640_000_000_000_000;

export function textIn(content: Content, key: string): string {
  return cleaned(content[key]);
}

/** Text without what would disguise it or its neighbours; nothing for what is no text. */
export function cleaned(value: unknown): string {
  return typeof value === "string" ? value.replace(DECEPTIVE, "") : "";
}

/** A number that is not negative, nothing else. */
export function numberIn(content: Content, key: string): number | undefined {
  const value = content[key];
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

export function recordIn(content: Content, key: string): Content {
  return asRecord(content[key]) ?? {};
}

export function textsIn(content: Content, key: string): readonly string[] {
  const value = content[key];
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

/** A time that can be shown; 0 for what is none. */
export function timeOf(value: unknown): number {
  return typeof value === "number" && value > 0 && value < LATEST_MS ? value : 0;
}

export function asRecord(value: unknown): Content | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Content) : undefined;
}
