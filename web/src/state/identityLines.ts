/** Where in a timeline it stands that somebody's identity has changed. */
import type { Member } from "../matrix/timeline";
import type { IdentityChange } from "../matrix/trust";
import type { Line } from "./lines";

/** Return the lines with one more for each change of a member's identity, behind what was said before it. */
export function withIdentities(
  lines: readonly Line[],
  changes: readonly IdentityChange[],
  others: readonly Member[],
  hasNewer: boolean,
): readonly Line[] {
  const names = new Map(others.map(({ userId, name }) => [userId, name]));
  const found = [...lines];
  for (const { userId, at } of changes) {
    const name = names.get(userId);
    const place = found.findLastIndex((line) => line.kind === "message" && line.item.at <= at);
    // Before what is loaded, or behind it, there is no telling where the line belongs.
    if (name === undefined || place < 0 || (hasNewer && place === found.length - 1)) continue;
    const key = `identity ${userId} ${at}`;
    found.splice(place + 1, 0, { kind: "changes", key, membership: "identity", names: [name] });
  }
  return found.length === lines.length ? lines : found;
}
