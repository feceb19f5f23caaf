/**
 * What is looked for, and what a message is found by: two neighbouring characters of Chinese, and whole words of others.
 *
 * Pairs find the candidates, which the words themselves decide upon: 血钾高 has the pairs 血钾 and 钾高, and only the text
 * tells whether they follow each other. Nothing here builds a pattern from what was typed.
 */

// What is longer was pasted by mistake; and of a message nobody looks for what lies beyond.
const LONGEST_QUERY = 100;
const LONGEST_TEXT = 10_000;
const RUNS = /[\p{Script=Han}]+|[\p{L}\p{N}]+/gu;
const HAN = /^\p{Script=Han}/u;
const MIXED = /\p{Script=Han}+|[^\p{Script=Han}]+/gu;
const FULL_WIDTH = /[\uff01-\uff5e]/g;
const UNSEEN = /(?!\s)[\p{Cc}\p{Cf}]/gu;

/** Return a text as it is compared: of the same length, so that places in it are places in the text. */
export function folded(text: string): string {
  const half = text.replace(FULL_WIDTH, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0));
  const lower = half.toLowerCase();
  return lower.length === text.length ? lower : half;
}

/** Return what every message that is found contains. */
export function termsOf(query: string): readonly string[] {
  const clean = folded(query.slice(0, LONGEST_QUERY).replace(UNSEEN, ""));
  return [...new Set(clean.split(/\s+/u).filter((term) => term !== ""))];
}

export function tokensOf(text: string): string[] {
  return runsOf(folded(text.slice(0, LONGEST_TEXT))).flatMap((run) => {
    const characters = [...run];
    // The last stands alone too, so that a single character is found wherever it is.
    return HAN.test(run) ? characters.map((character, at) => character + (characters[at + 1] ?? "")) : [run];
  });
}

/** Return the tokens by which a query finds candidates; the last of each run is a beginning only. */
export function queryTokensOf(query: string): string[] {
  return termsOf(query).flatMap((term) =>
    runsOf(term).flatMap((run) => {
      const characters = [...run];
      if (!HAN.test(run) || characters.length === 1) return [run];
      return characters.slice(0, -1).map((character, at) => character + characters[at + 1]);
    }),
  );
}

function runsOf(text: string): string[] {
  return [...text.matchAll(RUNS)].flatMap(([run]) => run.match(MIXED) ?? []);
}

export interface Snippet {
  text: string;
  isFound: boolean;
}

const BEFORE = 18;
const SHOWN = 120;

/** Return what is around the first word found, in parts: what was found, and what is between. */
export function snippetOf(text: string, terms: readonly string[]): readonly Snippet[] {
  const plain = text.replace(/\s+/gu, " ");
  const first = firstOf(folded(plain), terms, 0)?.at ?? 0;
  const start = first > BEFORE * 2 ? first - BEFORE : 0;
  const shown = plain.slice(start, start + SHOWN);
  const parts = partsOf(shown, terms);
  const before = start > 0 ? [{ text: "…", isFound: false }] : [];
  const after = start + SHOWN < plain.length ? [{ text: "…", isFound: false }] : [];
  return [...before, ...parts, ...after];
}

function partsOf(text: string, terms: readonly string[]): Snippet[] {
  const compared = folded(text);
  const parts: Snippet[] = [];
  let end = 0;
  for (let found = firstOf(compared, terms, 0); found !== undefined; found = firstOf(compared, terms, end)) {
    if (found.at > end) parts.push({ text: text.slice(end, found.at), isFound: false });
    end = found.at + found.length;
    parts.push({ text: text.slice(found.at, end), isFound: true });
  }
  return end < text.length ? [...parts, { text: text.slice(end), isFound: false }] : parts;
}

/** The first of the words from a place on; the longest of those that begin there. */
function firstOf(text: string, terms: readonly string[], from: number): { at: number; length: number } | undefined {
  const found = terms
    .map((term) => ({ at: text.indexOf(term, from), length: term.length }))
    .filter(({ at, length }) => at >= 0 && length > 0);
  return found.sort((a, b) => a.at - b.at || b.length - a.length)[0];
}
