import { Avatar, Badge, Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconPinFilled } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { VList } from "virtua";
import { useValue } from "../../design/useValue";
import type { Preview } from "../../matrix/preview";
import type { RoomList, RoomSummary } from "../../matrix/rooms";
import { shortTime } from "../../platform/time";
import styles from "./Conversations.module.css";

interface Props {
  list: RoomList;
  chosen: string | undefined;
  choose: (roomId: string) => void;
}

export function Conversations({ list, chosen, choose }: Props) {
  const { t } = useTranslation();
  const rooms = useValue(list.rooms);
  return (
    <nav className={styles.list} aria-label={t("conversations.title")}>
      {rooms.length === 0 && (
        <Text c="dimmed" p="lg">
          {t("conversations.empty")}
        </Text>
      )}
      <VList className={styles.list ?? ""}>
        {rooms.map((room) => (
          <Conversation key={room.roomId} room={room} isChosen={room.roomId === chosen} choose={choose} />
        ))}
      </VList>
    </nav>
  );
}

function Conversation({ room, isChosen, choose }: { room: RoomSummary; isChosen: boolean; choose: Props["choose"] }) {
  const { t, i18n } = useTranslation();
  return (
    <UnstyledButton
      className={styles.row ?? ""}
      aria-current={isChosen ? "page" : undefined}
      onClick={() => choose(room.roomId)}
    >
      <Group wrap="nowrap" gap="sm">
        <Avatar name={room.name} color="initials" radius="md" aria-hidden />
        <Stack gap={0} className="grow">
          <Group justify="space-between" wrap="nowrap" gap="xs">
            <Text fw={room.unread > 0 ? 600 : 400} truncate>
              {room.isPinned && <IconPinFilled size={12} aria-hidden />} {room.name}
            </Text>
            <Text size="xs" c="dimmed" className="figures">
              {shortTime(room.latestAt, Date.now(), i18n.language)}
            </Text>
          </Group>
          <Group justify="space-between" wrap="nowrap" gap="xs">
            <Text size="sm" c="dimmed" truncate>
              {room.preview && <PreviewLine preview={room.preview} />}
            </Text>
            {room.unread > 0 && (
              <Badge
                size="sm"
                variant={room.highlights > 0 ? "filled" : "light"}
                aria-label={t("conversations.unread", { count: room.unread })}
              >
                {room.unread > 99 ? "99+" : room.unread}
              </Badge>
            )}
          </Group>
        </Stack>
      </Group>
    </UnstyledButton>
  );
}

function PreviewLine({ preview }: { preview: Preview }) {
  const { t } = useTranslation();
  if (preview.kind === "text") return preview.isOwn ? preview.text : `${preview.senderName}：${preview.text}`;
  return preview.kind === "other" ? null : t(`conversations.${preview.kind}`);
}
