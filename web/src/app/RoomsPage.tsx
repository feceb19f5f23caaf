import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { Conversations } from "../features/conversations/Conversations";
import { RoomView } from "../features/room/RoomView";
import styles from "./RoomsPage.module.css";
import type { Workplace } from "./workplace";

/** The list of conversations and the one that was chosen; on a phone one of the two. */
export function RoomsPage({ workplace, roomId }: { workplace: Workplace; roomId: string | undefined }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const conversation = roomId === undefined ? undefined : workplace.openConversations.of(roomId);
  const choose = (chosen: string) => go(`/rooms/${encodeURIComponent(chosen)}`);
  return (
    <div className={styles.page} data-chosen={roomId !== undefined}>
      <div className={styles.list}>
        <Conversations list={workplace.roomList} chosen={roomId} choose={choose} />
      </div>
      <div className={styles.room}>
        {conversation === undefined ? (
          <Text c="dimmed" className={styles.nothing ?? ""}>
            {t("conversations.choose")}
          </Text>
        ) : (
          <RoomView
            key={conversation.roomId}
            session={workplace.session}
            conversation={conversation}
            rooms={workplace.roomList}
            back={() => go("/rooms")}
          />
        )}
      </div>
    </div>
  );
}
