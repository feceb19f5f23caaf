import { ActionIcon, Group, Text } from "@mantine/core";
import { IconChevronLeft } from "@tabler/icons-react";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { Actions } from "../../matrix/actions";
import type { Session } from "../../matrix/session";
import { Timeline } from "../../matrix/timeline";
import { Composer } from "../composer/Composer";
import { TimelineView } from "../timeline/TimelineView";
import styles from "./RoomView.module.css";

interface Props {
  session: Session;
  actions: Actions;
  roomId: string;
  back: () => void;
}

export function RoomView({ session, actions, roomId, back }: Props) {
  const { t } = useTranslation();
  const room = session.client.getRoom(roomId);
  const timeline = useMemo(() => (room === null ? undefined : new Timeline(session.client, room)), [session, room]);
  useEffect(() => {
    timeline?.open();
    return () => timeline?.close();
  }, [timeline]);
  const keys = useValue(session.keys.state);
  if (room === null || timeline === undefined) return null;
  return (
    <main className={styles.room}>
      <Group component="header" className={styles.head ?? ""} px="md" h={56} wrap="nowrap">
        <ActionIcon variant="subtle" className={styles.back ?? ""} onClick={back} aria-label={t("room.back")}>
          <IconChevronLeft aria-hidden />
        </ActionIcon>
        <Text component="h1" fw={600} truncate>
          {room.name}
        </Text>
      </Group>
      <TimelineView timeline={timeline} retry={(eventId) => actions.retry(roomId, eventId)} />
      <Composer isReady={keys === "ready"} send={(text) => actions.say(roomId, text)} />
    </main>
  );
}
