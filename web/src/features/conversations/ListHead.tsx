import { ActionIcon, CloseButton, Group, TextInput, UnstyledButton } from "@mantine/core";
import { IconMessageCirclePlus, IconSearch } from "@tabler/icons-react";
import type { KeyboardEvent, RefObject } from "react";
import { useTranslation } from "react-i18next";
import { useIsPhone } from "../../design/useIsPhone";
import { FILTERS, type Filter } from "../../state/conversationList";
import styles from "./Conversations.module.css";

interface Props {
  search: RefObject<HTMLInputElement | null>;
  term: string;
  find: (term: string) => void;
  openFirst: () => void;
  filter: Filter;
  show: (filter: Filter) => void;
  newGroup: (() => void) | undefined;
}

export function ListHead({ search, term, find, openFirst, filter, show, newGroup }: Props) {
  const { t } = useTranslation();
  const isPhone = useIsPhone();
  const pressed = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter") openFirst();
    if (event.key === "Escape") find("");
  };
  return (
    <div className={styles.head}>
      <Group wrap="nowrap" gap="xs" px="sm">
        <TextInput
          ref={search}
          type="search"
          size="md"
          className="grow"
          aria-label={t("conversations.search")}
          placeholder={t(isPhone ? "conversations.search" : "conversations.searchKeys")}
          leftSection={<IconSearch size={18} aria-hidden />}
          rightSection={
            term !== "" && <CloseButton size={44} aria-label={t("conversations.clear")} onClick={() => find("")} />
          }
          value={term}
          onChange={(event) => find(event.currentTarget.value)}
          onKeyDown={pressed}
        />
        <ActionIcon size={44} variant="light" aria-label={t("room.newGroup")} disabled={!newGroup} onClick={newGroup}>
          <IconMessageCirclePlus size={22} aria-hidden />
        </ActionIcon>
      </Group>
      <fieldset className={styles.filters} aria-label={t("conversations.filters")}>
        {FILTERS.map((each) => (
          <UnstyledButton
            key={each}
            className={styles.filter ?? ""}
            aria-pressed={each === filter}
            onClick={() => show(each)}
          >
            {t(`conversations.${each}`)}
          </UnstyledButton>
        ))}
      </fieldset>
    </div>
  );
}
