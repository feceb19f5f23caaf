import { ActionIcon, Badge, Group, Menu, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconBell, IconBellOff, IconDots, IconPin, IconPinFilled, IconPinnedOff } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Portrait } from "../../design/Portrait";
import { ownNameOf } from "../../design/shortNames";
import type { Preview } from "../../matrix/preview";
import type { RoomSummary } from "../../matrix/rooms";
import { isolated } from "../../platform/direction";
import { shortTime } from "../../platform/time";
import styles from "./Conversations.module.css";

export interface RoomChanges {
  pin(roomId: string, isPinned: boolean): Promise<void>;
  mute(roomId: string, isMuted: boolean): Promise<void>;
}

interface Props {
  room: RoomSummary;
  isChosen: boolean;
  choose: (roomId: string) => void;
  changes: RoomChanges | undefined;
}

export function Conversation({ room, isChosen, choose, changes }: Props) {
  const [isAsking, setIsAsking] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button beside opens the same menu.
    <div
      className={styles.row}
      data-chosen={isChosen}
      onContextMenu={(event) => {
        event.preventDefault();
        setIsAsking(true);
      }}
    >
      <UnstyledButton
        className={styles.open ?? ""}
        data-row
        aria-current={isChosen ? "page" : undefined}
        onClick={() => choose(room.roomId)}
      >
        <Summary room={room} />
      </UnstyledButton>
      {changes && <RowMenu room={room} changes={changes} isOpen={isAsking} open={setIsAsking} />}
    </div>
  );
}

function Summary({ room }: { room: RoomSummary }) {
  const { t, i18n } = useTranslation();
  return (
    <Group wrap="nowrap" gap="sm">
      <Portrait name={room.name} of={room.kind === "direct" ? "person" : "room"} />
      <Stack gap={0} className="grow">
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Text fw={room.unread > 0 ? 600 : 400} className={styles.name ?? ""}>
            {room.isPinned && <IconPinFilled size={12} aria-label={t("conversations.pinned")} />}
            <RoomName name={room.name} isDirect={room.kind === "direct"} />
          </Text>
          <Text size="xs" className={`${styles.quiet} figures`}>
            {shortTime(room.latestAt, Date.now(), i18n.language)}
          </Text>
        </Group>
        <Group justify="space-between" wrap="nowrap" gap="xs" mih={22}>
          <Text size="sm" className={styles.quiet ?? ""} truncate>
            {room.preview && <PreviewLine preview={room.preview} isDirect={room.kind === "direct"} />}
          </Text>
          <Group gap={6} wrap="nowrap">
            {room.isMuted && <IconBellOff size={14} aria-label={t("conversations.muted")} />}
            {room.unread > 0 && <Unread room={room} />}
          </Group>
        </Group>
      </Stack>
    </Group>
  );
}

/** Where there is little room, of a colleague's name the department goes before the name does. */
function RoomName({ name, isDirect }: { name: string; isDirect: boolean }) {
  const own = isDirect ? ownNameOf(name) : name;
  const before = name.slice(0, name.length - own.length);
  return (
    <>
      {before !== "" && <span className={styles.before}>{before}</span>}
      <span className={before === "" ? styles.before : styles.own}>{own}</span>
    </>
  );
}

function Unread({ room }: { room: RoomSummary }) {
  const { t } = useTranslation();
  return (
    <>
      <Badge
        size="md"
        color={room.isMuted ? "gray.7" : "accent"}
        variant="filled"
        className={styles.unread ?? ""}
        aria-hidden
      >
        {room.unread > 99 ? "99+" : room.unread}
      </Badge>
      <span className="unseen">{t("conversations.count", { count: room.unread })}</span>
    </>
  );
}

interface RowMenuProps {
  room: RoomSummary;
  changes: RoomChanges;
  isOpen: boolean;
  open: (isOpen: boolean) => void;
}

function RowMenu({ room, changes, isOpen, open }: RowMenuProps) {
  const { t } = useTranslation();
  const pin = room.isPinned ? { Icon: IconPinnedOff, word: "unpin" as const } : { Icon: IconPin, word: "pin" as const };
  const mute = room.isMuted
    ? { Icon: IconBell, word: "unmute" as const }
    : { Icon: IconBellOff, word: "mute" as const };
  return (
    <Menu opened={isOpen} onChange={open} position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon
          className={styles.more ?? ""}
          size={44}
          variant="subtle"
          color="gray"
          aria-label={t("conversations.more", { name: room.name })}
        >
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          mih={44}
          leftSection={<pin.Icon size={18} />}
          onClick={() => changes.pin(room.roomId, !room.isPinned)}
        >
          {t(`conversations.${pin.word}`)}
        </Menu.Item>
        <Menu.Item
          mih={44}
          leftSection={<mute.Icon size={18} />}
          onClick={() => changes.mute(room.roomId, !room.isMuted)}
        >
          {t(`conversations.${mute.word}`)}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function PreviewLine({ preview, isDirect }: { preview: Preview; isDirect: boolean }) {
  const { t } = useTranslation();
  const words = preview.kind === "text" ? preview.text : preview.kind !== "other" && t(`conversations.${preview.kind}`);
  // In a direct chat the line above is the name already.
  return preview.isOwn || isDirect || !words ? words : `${isolated(ownNameOf(preview.senderName))}：${isolated(words)}`;
}
