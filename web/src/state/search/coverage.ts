/**
 * How far back a conversation is searched: spans of time in which every message is known, the newest first. A device
 * that was off leaves a gap between two of them, until history has been read down to the older.
 */

export interface Span {
  /** Times of the oldest and the newest message, in ms since the epoch. */
  from: number;
  to: number;
  /** Where history goes on before the oldest; nothing where it begins there. */
  token: string | null;
}

const KEPT = 5;

/** Take in what the client follows live: it continues the newest span, or there is a gap before it. */
export function withLive(spans: readonly Span[], live: Span): readonly Span[] {
  const [newest, ...older] = spans;
  if (newest === undefined || live.from > newest.to) return merged([live, ...spans]).slice(0, KEPT);
  const { from, token } = live.from < newest.from ? live : newest;
  return merged([{ from, token, to: Math.max(live.to, newest.to) }, ...older]);
}

/** Take in a page of history before the newest span. */
export function withPage(spans: readonly Span[], from: number | undefined, token: string | null): readonly Span[] {
  const [newest, ...older] = spans;
  if (newest === undefined) return spans;
  return merged([{ ...newest, from: Math.min(from ?? newest.from, newest.from), token }, ...older]);
}

/** Until when everything is searched; nothing where that is everything. */
export function searchedTo(spans: readonly Span[]): number | undefined {
  const [newest] = spans;
  return newest === undefined || newest.token === null ? undefined : newest.from;
}

/** A span that has reached the next goes on where that one ends. */
function merged([newest, next, ...older]: readonly Span[]): readonly Span[] {
  if (newest === undefined) return [];
  if (next === undefined || (newest.from > next.to && newest.token !== null)) {
    return [newest, ...(next === undefined ? [] : [next]), ...older];
  }
  if (newest.from > next.to) return [newest];
  const { from, token } = newest.from < next.from ? newest : next;
  return merged([{ from, token, to: newest.to }, ...older]);
}
