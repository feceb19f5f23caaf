/** What a timeline is made of, from top to bottom: days, what is new, messages, and people who came and went. */
import type { Item } from "../matrix/item";
import { startOfDay } from "../platform/time";

export type Line =
  | { kind: "day"; key: string; at: number }
  | { kind: "unread"; key: string }
  | { kind: "changes"; key: string; membership: string; names: readonly string[] }
  | { kind: "message"; key: string; item: Item; isFollowing: boolean; isFollowed: boolean };

const TOGETHER_MS = 5 * 60_000;

/** Return the lines for messages; `readUpTo` is the last that the person had read when they came. */
export function linesOf(items: readonly Item[], readUpTo: string | undefined): readonly Line[] {
  const lines: Line[] = [];
  const firstUnread = firstUnreadOf(items, readUpTo);
  let before: Item | undefined;
  for (const item of items) {
    if (before === undefined || startOfDay(before.at) !== startOfDay(item.at)) {
      lines.push({ kind: "day", key: `day ${item.id}`, at: item.at });
    }
    if (item === firstUnread) lines.push({ kind: "unread", key: "unread" });
    if (item.kind === "change") pushChange(lines, item);
    else pushMessage(lines, item);
    before = item;
  }
  return lines;
}

/** The first message of somebody else behind what was read; nothing where all was read, or where that is not loaded. */
export function firstUnreadOf(items: readonly Item[], readUpTo: string | undefined): Item | undefined {
  const read = items.findIndex((item) => item.eventId === readUpTo);
  if (read < 0) return undefined;
  return items.slice(read + 1).find((item) => !item.isOwn && item.kind !== "change" && item.kind !== "recalled");
}

function pushMessage(lines: Line[], item: Item): void {
  const last = lines.at(-1);
  const follows = isFollowing(last, item);
  if (follows && last?.kind === "message") lines[lines.length - 1] = { ...last, isFollowed: true };
  lines.push({ kind: "message", key: item.id, item, isFollowing: follows, isFollowed: false });
}

function pushChange(lines: Line[], { id, text: membership, senderName: name }: Item): void {
  if (membership === "join") forgetInvitation(lines, name);
  const last = lines.at(-1);
  if (last?.kind !== "changes" || last.membership !== membership) {
    lines.push({ kind: "changes", key: id, membership, names: [name] });
  } else if (!last.names.includes(name)) {
    lines[lines.length - 1] = { ...last, names: [...last.names, name] };
  }
}

/** Whoever came right after they were asked is told of once. */
function forgetInvitation(lines: Line[], name: string): void {
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const line = lines[at];
    if (line?.kind !== "changes") return;
    if (line.membership !== "invite") continue;
    const names = line.names.filter((each) => each !== name);
    lines.splice(at, 1, ...(names.length > 0 ? [{ ...line, names }] : []));
  }
}

/** Whether a message continues what the same person said just before. */
function isFollowing(last: Line | undefined, item: Item): boolean {
  return (
    last?.kind === "message" &&
    last.item.senderId === item.senderId &&
    last.item.kind !== "recalled" &&
    item.quote === undefined &&
    item.at - last.item.at < TOGETHER_MS
  );
}
