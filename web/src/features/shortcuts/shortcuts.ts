/** Every key that does something, as the list of them shows it; the views beside bind them. */
import type { Words } from "../../app/words";

export interface Shortcut {
  keys: readonly string[];
  does: Exclude<keyof Words["shortcuts"], "title" | "open">;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ["Ctrl", "K"], does: "find" },
  { keys: ["Ctrl", "F"], does: "search" },
  { keys: ["Alt", "↓"], does: "next" },
  { keys: ["Alt", "↑"], does: "previous" },
  { keys: ["Alt", "1 – 4"], does: "places" },
  { keys: ["Enter"], does: "send" },
  { keys: ["Shift", "Enter"], does: "newLine" },
  { keys: ["↑"], does: "editLast" },
  { keys: ["@"], does: "mention" },
  { keys: ["Esc"], does: "leave" },
  { keys: ["Ctrl", "L"], does: "lock" },
  { keys: ["Ctrl", "/"], does: "help" },
];

/** As `useHotkeys` spells it; Alt and a digit, since browsers keep Ctrl and a digit for their tabs. */
export const KEYS = { find: "mod+K", next: "alt+ArrowDown", previous: "alt+ArrowUp", help: "mod+/" } as const;
