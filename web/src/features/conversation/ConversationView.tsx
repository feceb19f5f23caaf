import { Text } from "@mantine/core";
import { type DragEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RoomList } from "../../matrix/rooms";
import type { Conversation } from "../../state/conversation";
import { Composer } from "../composer/Composer";
import { TimelineView } from "../timeline/TimelineView";
import { Watermark } from "../watermark/Watermark";
import styles from "./Conversation.module.css";
import { TroubleNote } from "./TroubleNote";

interface Props {
  conversation: Conversation;
  rooms: RoomList;
  /** Whether messages can be encrypted yet. */
  isReady: boolean;
  /** What stands there for those who may not write here. */
  insteadOfComposer?: ReactNode;
}

/** What is said in a conversation and what one says; files may be dropped anywhere on it. */
export function ConversationView({ conversation, rooms, isReady, insteadOfComposer }: Props) {
  const { t } = useTranslation();
  const [isOver, setIsOver] = useState(false);
  const over = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setIsOver(true);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    if (isReady && insteadOfComposer === undefined) conversation.attach([...event.dataTransfer.files]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button beside the text does the same by keyboard.
    <div className={styles.conversation} onDragOver={over} onDragLeave={() => setIsOver(false)} onDrop={drop}>
      <TimelineView conversation={conversation} rooms={rooms} />
      <TroubleNote conversation={conversation} />
      {insteadOfComposer ?? <Composer conversation={conversation} isReady={isReady} />}
      <Watermark conversation={conversation} />
      {isOver && (
        <Text className={styles.drop ?? ""} size="lg" fw={600}>
          {t("composer.drop")}
        </Text>
      )}
    </div>
  );
}
