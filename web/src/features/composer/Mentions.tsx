import { Group, Paper, Text, UnstyledButton } from "@mantine/core";
import { type KeyboardEvent, type RefObject, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Portrait } from "../../design/Portrait";
import { EVERYBODY } from "../../matrix/mentions";
import type { Member } from "../../matrix/timeline";
import type { Conversation } from "../../state/conversation";
import { type MentionQuery, mentionQueryAt } from "../../state/draft";
import styles from "./Composer.module.css";

export interface Mentions {
  found: readonly Member[];
  chosen: number;
  look: (text: string, caret: number) => void;
  choose: (member: Member) => void;
  /** Whether a key was for the list. */
  pressed: (event: KeyboardEvent) => boolean;
}

const PAUSE_MS = 120;

/** The people who fit what is being typed behind an @. */
export function useMentions(conversation: Conversation, field: RefObject<HTMLTextAreaElement | null>): Mentions {
  const [query, setQuery] = useState<MentionQuery>();
  const { t } = useTranslation();
  const everybody = t("composer.everybody");
  const [found, setFound] = useState<readonly Member[]>([]);
  const [chosen, setChosen] = useState(0);
  const term = query?.term;
  useEffect(() => {
    setChosen(0);
    if (term === undefined) return setFound([]);
    let isWanted = true;
    const timer = setTimeout(async () => {
      const members = await conversation.candidates(term);
      const isCalled = conversation.mayMentionAll && everybody.startsWith(term.toLowerCase());
      const all = isCalled ? [{ userId: EVERYBODY, name: everybody }] : [];
      if (isWanted) setFound([...all, ...members]);
    }, PAUSE_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [conversation, term, everybody]);
  const choose = (member: Member) => {
    if (query !== undefined) conversation.draft.mention(member, query);
    setQuery(undefined);
    field.current?.focus();
  };
  const pressed = (event: KeyboardEvent) => {
    const member = found[chosen];
    if (query === undefined || member === undefined) return false;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : found.length - 1;
      setChosen((chosen + step) % found.length);
    } else if (event.key === "Enter" || event.key === "Tab") choose(member);
    else if (event.key === "Escape") setQuery(undefined);
    else return false;
    event.preventDefault();
    return true;
  };
  return { found, chosen, look: (text, caret) => setQuery(mentionQueryAt(text, caret)), choose, pressed };
}

export function MentionList({ mentions }: { mentions: Mentions }) {
  const { t } = useTranslation();
  if (mentions.found.length === 0) return null;
  return (
    <Paper className={styles.mentions ?? ""} withBorder shadow="md" role="listbox" aria-label={t("composer.mentions")}>
      {mentions.found.map((member, index) => (
        <UnstyledButton
          key={member.userId}
          role="option"
          aria-selected={index === mentions.chosen}
          className={styles.mention ?? ""}
          // Before the field loses the focus, and with it the place of the name.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => mentions.choose(member)}
        >
          <Group wrap="nowrap" gap="sm">
            <Portrait name={member.name} size="sm" />
            <Text truncate>{member.name}</Text>
          </Group>
        </UnstyledButton>
      ))}
    </Paper>
  );
}
