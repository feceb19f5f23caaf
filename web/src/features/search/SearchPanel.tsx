import { Button, CloseButton, Group, Loader, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconFile, IconSearch } from "@tabler/icons-react";
import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import { dayName, shortTime } from "../../platform/time";
import type { Cell } from "../../platform/value";
import { type Search, SearchModel, type SearchState, type ShownHit } from "../../state/search/search";
import { Panel } from "../conversation/Panel";
import styles from "./Search.module.css";

interface Props {
  search: Cell<Search | undefined>;
  /** Where is searched: in one conversation, or in all. */
  room: { roomId: string; name: string } | undefined;
  words: string;
  nameOf: (roomId: string, userId: string) => string;
  choose: (hit: ShownHit) => void;
  /** Hears what was looked for, which stands there again the next time. */
  close: (words: string) => void;
}

/** Looking for a message by its words, in one conversation or in all. */
export default function SearchPanel({ search, room, words, nameOf, choose, close }: Props) {
  const { t } = useTranslation();
  const opened = useValue(search);
  const written = useRef(words);
  const title = room === undefined ? t("search.title") : t("search.titleIn", { name: room.name });
  return (
    <Panel title={title} close={() => close(written.current)}>
      {opened === undefined ? (
        <Group gap="sm">
          <Loader size="sm" aria-hidden />
          <Text c="dimmed">{t("search.opening")}</Text>
        </Group>
      ) : (
        <Looking
          search={opened}
          roomId={room?.roomId}
          words={words}
          nameOf={nameOf}
          choose={choose}
          wrote={(now) => {
            written.current = now;
          }}
        />
      )}
    </Panel>
  );
}

interface LookingProps extends Pick<Props, "words" | "nameOf" | "choose"> {
  search: Search;
  roomId: string | undefined;
  wrote: (words: string) => void;
}

function Looking({ search, roomId, words, nameOf, choose, wrote }: LookingProps) {
  const { t } = useTranslation();
  const names = useRef(nameOf);
  const model = useMemo(() => new SearchModel(search, roomId, (...who) => names.current(...who)), [search, roomId]);
  const state = useValue(model.state);
  const first = useRef(words);
  useEffect(() => {
    model.write(first.current);
    return () => model.stop();
  }, [model]);
  const write = (now: string) => {
    wrote(now);
    model.write(now);
  };
  return (
    <Stack gap="xs">
      <TextInput
        className={styles.field ?? ""}
        type="search"
        size="md"
        data-autofocus
        aria-label={t("search.label")}
        placeholder={t("search.label")}
        leftSection={<IconSearch size={18} aria-hidden />}
        rightSection={
          state.words !== "" && <CloseButton size={44} aria-label={t("search.clear")} onClick={() => write("")} />
        }
        value={state.words}
        onChange={(event) => write(event.currentTarget.value)}
      />
      <Status state={state} />
      {state.hits.map((hit) => (
        <HitRow key={hit.eventId} hit={hit} isRoomNamed={roomId === undefined} choose={() => choose(hit)} />
      ))}
      <Limit state={state} goOn={() => model.goOn()} />
    </Stack>
  );
}

const SHOWN = 100;

function Status({ state: { kind, hits } }: { state: SearchState }) {
  const { t } = useTranslation();
  const count = hits.length;
  const found = count === 0 ? t("search.none") : t(count < SHOWN ? "search.count" : "search.many", { count });
  const words = { waiting: t("search.hint"), searching: t("search.searching"), found, failed: t("search.failed") };
  return (
    <Text size="sm" c={kind === "failed" ? "orange" : "dimmed"} role="status">
      {words[kind]}
    </Text>
  );
}

/** How far back was searched, and the way further. */
function Limit({ state, goOn }: { state: SearchState; goOn: () => void }) {
  const { t, i18n } = useTranslation();
  if (state.kind === "waiting" || state.kind === "searching") return null;
  if (state.searchedTo === undefined && state.kind === "found") {
    return (
      <Text size="sm" c="dimmed" ta="center" p="sm">
        {t("search.searchedAll")}
      </Text>
    );
  }
  const date = dayName(state.searchedTo ?? 0, Date.now(), i18n.language);
  return (
    <Button variant="light" size="md" loading={state.isGoingOn} onClick={goOn}>
      {t("search.searchedTo", { date })}
    </Button>
  );
}

function HitRow({ hit, isRoomNamed, choose }: { hit: ShownHit; isRoomNamed: boolean; choose: () => void }) {
  const { i18n } = useTranslation();
  return (
    <UnstyledButton className={styles.hit ?? ""} data-hit onClick={choose}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="xs" c="dimmed" truncate>
          {isRoomNamed ? `${hit.roomName} · ${hit.senderName}` : hit.senderName}
        </Text>
        <Text size="xs" c="dimmed" className="figures">
          {shortTime(hit.at, Date.now(), i18n.language)}
        </Text>
      </Group>
      <Text size="sm" className={styles.text ?? ""} dir="auto">
        {hit.kind === "file" && <IconFile size={14} aria-hidden />}
        {hit.snippet.map(({ text, isFound }, index) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: parts have no name but their place.
          isFound ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
        )}
      </Text>
    </UnstyledButton>
  );
}
