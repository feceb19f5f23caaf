import { Group, Modal, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Portrait } from "../../design/Portrait";
import { useValue } from "../../design/useValue";
import type { Item } from "../../matrix/item";
import type { RoomList } from "../../matrix/rooms";
import type { Conversation } from "../../state/conversation";
import styles from "./Conversation.module.css";

interface Props {
  conversation: Conversation;
  rooms: RoomList;
  item: Item;
  close: () => void;
}

const SHOWN = 50;

/** Choose the conversation that a message goes to. */
export function ForwardDialog({ conversation, rooms, item, close }: Props) {
  const { t } = useTranslation();
  const [term, setTerm] = useState("");
  const found = useValue(rooms.rooms)
    .filter((room) => room.roomId !== conversation.roomId && room.name.toLowerCase().includes(term.toLowerCase()))
    .slice(0, SHOWN);
  const choose = (roomId: string) => {
    conversation.forward(item, roomId);
    close();
  };
  return (
    <Modal
      opened
      onClose={close}
      title={t("conversation.forward.title")}
      closeButtonProps={{ "aria-label": t("conversation.viewer.close"), size: 44 }}
      centered
    >
      <Stack gap="xs">
        <TextInput
          size="md"
          data-autofocus
          aria-label={t("conversation.forward.search")}
          placeholder={t("conversation.forward.search")}
          value={term}
          onChange={(event) => setTerm(event.currentTarget.value)}
        />
        {found.length === 0 && <Text c="dimmed">{t("conversation.forward.nothing")}</Text>}
        {found.map((room) => (
          <UnstyledButton key={room.roomId} className={styles.choice ?? ""} onClick={() => choose(room.roomId)}>
            <Group wrap="nowrap" gap="sm">
              <Portrait name={room.name} of={room.kind === "direct" ? "person" : "room"} size="sm" />
              <Text truncate>{room.name}</Text>
            </Group>
          </UnstyledButton>
        ))}
      </Stack>
    </Modal>
  );
}
