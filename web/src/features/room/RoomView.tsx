import { ActionIcon, Group, Text } from "@mantine/core";
import { IconChevronLeft } from "@tabler/icons-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { RoomList } from "../../matrix/rooms";
import type { Session } from "../../matrix/session";
import type { Conversation } from "../../state/conversation";
import { ConversationView } from "../conversation/ConversationView";
import styles from "./RoomView.module.css";

interface Props {
  session: Session;
  conversation: Conversation;
  rooms: RoomList;
  back: () => void;
}

export function RoomView({ session, conversation, rooms, back }: Props) {
  const { t } = useTranslation();
  const { timeline } = conversation;
  useEffect(() => {
    timeline.open();
    return () => timeline.close();
  }, [timeline]);
  const keys = useValue(session.keys.state);
  return (
    <main className={styles.room}>
      <Group component="header" className={styles.head ?? ""} px="md" h={56} wrap="nowrap">
        <ActionIcon variant="subtle" className={styles.back ?? ""} onClick={back} aria-label={t("room.back")}>
          <IconChevronLeft aria-hidden />
        </ActionIcon>
        <Text component="h1" fw={600} truncate>
          {timeline.room.name}
        </Text>
      </Group>
      <ConversationView conversation={conversation} rooms={rooms} isReady={keys === "ready"} />
    </main>
  );
}
