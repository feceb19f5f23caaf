import { useHotkeys } from "@mantine/hooks";
import { useLocation, useRoute } from "wouter";
import { KEYS } from "../features/shortcuts/shortcuts";
import { neighbourOf } from "../state/conversationList";
import { PLACES } from "./Navigation";
import type { Workplace } from "./workplace";

/** Bind the keys that work on every page. */
export function useShortcuts(workplace: Workplace, showHelp: () => void): void {
  const [, go] = useLocation();
  const [, route] = useRoute("/rooms/:roomId");
  const find = () => {
    workplace.searchWanted.set(true);
    go("/rooms");
  };
  const step = (by: 1 | -1) => {
    const current = route?.roomId && decodeURIComponent(route.roomId);
    const next = neighbourOf(workplace.roomList.rooms.get(), current, by);
    if (next !== undefined) go(`/rooms/${encodeURIComponent(next.roomId)}`);
  };
  const places = PLACES.map(({ path }, index) => [`alt+${index + 1}`, () => go(path)] as [string, () => void]);
  useHotkeys(
    [[KEYS.find, find], [KEYS.next, () => step(1)], [KEYS.previous, () => step(-1)], [KEYS.help, showHelp], ...places],
    // In fields too: whoever writes may want to look up another conversation.
    [],
  );
}
