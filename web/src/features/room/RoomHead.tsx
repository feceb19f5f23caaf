import { ActionIcon, Group, Text } from "@mantine/core";
import { IconChevronLeft, IconSearch, IconUsers } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { RoomDetails } from "../../matrix/groups";
import styles from "./RoomView.module.css";

interface Props {
  details: RoomDetails;
  back: () => void;
  openDetails: () => void;
  search: () => void;
  children?: ReactNode;
}

/** The name of the room, what it is about, and the way to its members. */
export function RoomHead({ details, back, openDetails, search, children }: Props) {
  const { t } = useTranslation();
  const { name, topic } = useValue(details);
  return (
    <Group component="header" className={styles.head ?? ""} px="md" h={56} wrap="nowrap" gap="xs">
      <ActionIcon size={44} variant="subtle" className={styles.back ?? ""} onClick={back} aria-label={t("room.back")}>
        <IconChevronLeft aria-hidden />
      </ActionIcon>
      <div className="grow">
        <Text component="h1" fw={600} truncate>
          {name}
        </Text>
        {topic !== "" && (
          <Text size="xs" className={styles.quiet ?? ""} truncate>
            {topic}
          </Text>
        )}
      </div>
      {children}
      <ActionIcon size={44} variant="subtle" color="gray" onClick={search} aria-label={t("search.open")}>
        <IconSearch size={20} aria-hidden />
      </ActionIcon>
      <ActionIcon size={44} variant="subtle" color="gray" onClick={openDetails} aria-label={t("room.details")}>
        <IconUsers size={20} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
