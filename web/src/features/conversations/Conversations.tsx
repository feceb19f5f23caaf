import { Button, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconMessageSearch } from "@tabler/icons-react";
import { type KeyboardEvent, type RefObject, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { VList } from "virtua";
import { useValue } from "../../design/useValue";
import type { RoomSummary } from "../../matrix/rooms";
import type { Cell, Value } from "../../platform/value";
import { type Emptiness, emptiness, type Filter, shownRooms } from "../../state/conversationList";
import { Conversation, type RoomChanges } from "./Conversation";
import styles from "./Conversations.module.css";
import { ListHead } from "./ListHead";

interface Props {
  rooms: Value<readonly RoomSummary[]>;
  chosen: string | undefined;
  choose: (roomId: string) => void;
  /** Absent while what is shown is what was stored. */
  changes?: RoomChanges | undefined;
  newGroup?: (() => void) | undefined;
  /** Set when somebody presses the keys for searching; taken back when the field has the focus. */
  searchWanted?: Cell<boolean> | undefined;
  /** Look for what was typed in messages, not in names. */
  searchMessages?: ((words: string) => void) | undefined;
}

export function Conversations({ rooms, chosen, choose, changes, newGroup, searchWanted, searchMessages }: Props) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState<Filter>("all");
  const [term, setTerm] = useState("");
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useFocusWhenWanted(search, searchWanted);
  const all = useValue(rooms);
  const shown = shownRooms(all, filter, term);
  return (
    <nav className={styles.list} aria-label={t("conversations.title")} ref={list} onKeyDown={moved}>
      <ListHead
        search={search}
        term={term}
        find={setTerm}
        openFirst={() => (shown[0] === undefined ? searchMessages?.(term) : choose(shown[0].roomId))}
        filter={filter}
        show={setFilter}
        newGroup={newGroup}
      />
      {shown.length === 0 ? (
        <Nothing
          because={emptiness(all, filter, term)}
          all={() => {
            setFilter("all");
            setTerm("");
          }}
        />
      ) : (
        <VList className={styles.rows ?? ""}>
          {shown.map((room) => (
            <Conversation
              key={room.roomId}
              room={room}
              isChosen={room.roomId === chosen}
              choose={choose}
              changes={changes}
            />
          ))}
        </VList>
      )}
      {/* Behind the conversations: whoever goes down by keys finds those first. */}
      {searchMessages && term.trim() !== "" && (
        <UnstyledButton className={styles.messages ?? ""} data-row onClick={() => searchMessages(term)}>
          <IconMessageSearch size={20} aria-hidden />
          <Text truncate>{t("search.all", { words: term.trim().slice(0, 50) })}</Text>
        </UnstyledButton>
      )}
    </nav>
  );
}

function Nothing({ because, all }: { because: Emptiness; all: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack p="lg" align="flex-start">
      <Text c="dimmed">{t(`conversations.${because}`)}</Text>
      {because !== "noRooms" && (
        <Button variant="light" size="md" onClick={all}>
          {t("conversations.showAll")}
        </Button>
      )}
    </Stack>
  );
}

/** Arrow keys go from row to row, and from the search field into the list and back. */
function moved(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || event.nativeEvent.isComposing) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>("[type=search], [data-row]")];
  const at = stops.indexOf(event.target as HTMLElement);
  if (at < 0) return;
  event.preventDefault();
  stops[at + step]?.focus();
}

function useFocusWhenWanted(field: RefObject<HTMLInputElement | null>, wanted: Cell<boolean> | undefined): void {
  // In the layout: while the page is kept hidden behind one that is being loaded, nothing can have the focus.
  useLayoutEffect(() => {
    const focus = () => {
      if (wanted?.get() !== true) return;
      field.current?.focus();
      wanted.set(false);
    };
    focus();
    return wanted?.subscribe(focus);
  }, [field, wanted]);
}
