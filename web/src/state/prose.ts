/** A message's text in parts: words, addresses that can be opened, and people who are mentioned. Never markup. */

export type Part =
  | { kind: "text"; text: string }
  | { kind: "mention"; text: string }
  | { kind: "link"; text: string; href: string; host: string | undefined };

const ADDRESS = /https?:\/\/[^\s<>"'`，。；：！？、（）【】《》「」“”]+/giu;
const TRAILING = /[.,;:!?)\]}]+$/;
const FOLDED_CHARACTERS = 1_500;
const FOLDED_ROWS = 24;

export function partsOf(text: string, mentionNames: readonly string[]): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(TRAILING, "");
    const link = linkOf(address);
    if (link === undefined) continue;
    parts.push(...mentionsIn(text.slice(end, match.index), mentionNames), link);
    end = match.index + address.length;
  }
  return [...parts, ...mentionsIn(text.slice(end), mentionNames)];
}

/** `host` is named where the address does not show plainly where it leads. */
function linkOf(text: string): Part | undefined {
  const url = parsed(text);
  if (url === undefined || url.hostname === "") return undefined;
  const isPlain = text.toLowerCase().startsWith(url.origin);
  return { kind: "link", text, href: url.href, host: isPlain ? undefined : url.host };
}

function mentionsIn(text: string, names: readonly string[]): readonly Part[] {
  if (text === "") return [];
  const mentions = names.filter((name) => name !== "").map((name) => `@${name}`);
  if (mentions.length === 0) return [{ kind: "text", text }];
  // The longer name first: 钱七七 is not 钱七.
  const pattern = mentions
    .sort((a, b) => b.length - a.length)
    .map(literal)
    .join("|");
  return text
    .split(new RegExp(`(${pattern})`, "u"))
    .map((part, index): Part => ({ kind: index % 2 === 1 ? "mention" : "text", text: part }))
    .filter((part) => part.text !== "");
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** Return the beginning of a text that is too long for a conversation, nothing where it fits. */
export function foldedOf(text: string): string | undefined {
  const rows = text.split("\n");
  if (text.length <= FOLDED_CHARACTERS && rows.length <= FOLDED_ROWS) return undefined;
  return rows.slice(0, FOLDED_ROWS).join("\n").slice(0, FOLDED_CHARACTERS);
}

// Chromium 109 has no `URL.parse` and no `URL.canParse`.
function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
