import { Avatar, Badge, Group, Text, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Item } from "../../matrix/item";
import { clockTime } from "../../platform/time";
import styles from "./Timeline.module.css";

interface Props {
  item: Item;
  isFollowing: boolean;
  retry: (eventId: string) => void;
}

export function Line({ item, isFollowing, retry }: Props) {
  if (item.kind === "change" || item.kind === "recalled") return <Notice item={item} />;
  return (
    <article className={styles.line} data-own={item.isOwn} data-following={isFollowing}>
      {isFollowing ? (
        <span className={styles.gutter} />
      ) : (
        <Avatar name={item.senderName} color="initials" aria-hidden />
      )}
      <div className={styles.message}>
        {!isFollowing && !item.isOwn && (
          <Text size="xs" c="dimmed">
            {item.senderName}
          </Text>
        )}
        <Bubble item={item} />
        <Reactions item={item} />
        <Foot item={item} retry={retry} />
      </div>
    </article>
  );
}

function Notice({ item }: { item: Item }) {
  const { t } = useTranslation();
  const words = item.kind === "recalled" ? recalledWords(item) : changeWords(item);
  return (
    <Text size="xs" c="dimmed" ta="center" py={4}>
      {t(words, { name: item.senderName })}
    </Text>
  );
}

function recalledWords(item: Item) {
  return item.isOwn ? "timeline.recalledOwn" : "timeline.recalled";
}

function changeWords(item: Item) {
  if (item.text === "join") return "timeline.join";
  return item.text === "invite" ? "timeline.invite" : "timeline.leave";
}

function Bubble({ item }: { item: Item }) {
  const { t } = useTranslation();
  if (item.kind === "waiting" || item.kind === "unreadable") {
    return (
      <Text className={styles.bubble ?? ""} c="dimmed" fs="italic">
        {t(`timeline.${item.kind}`)}
      </Text>
    );
  }
  return (
    <Text className={styles.bubble ?? ""} component="div" dir="auto">
      {item.text}
    </Text>
  );
}

function Reactions({ item }: { item: Item }) {
  if (item.reactions.length === 0) return null;
  return (
    <Group gap={4}>
      {item.reactions.map((reaction) => (
        <Badge key={reaction.key} size="sm" variant={reaction.isOwn ? "light" : "default"} tt="none">
          {reaction.key} {reaction.count}
        </Badge>
      ))}
    </Group>
  );
}

function Foot({ item, retry }: { item: Item; retry: Props["retry"] }) {
  const { t, i18n } = useTranslation();
  if (item.delivery === "failed") {
    return (
      <UnstyledButton onClick={() => retry(item.eventId)}>
        <Text size="xs" c="orange">
          {t("timeline.failed")}
        </Text>
      </UnstyledButton>
    );
  }
  const marks = [
    item.delivery === "sending" ? t("timeline.sending") : clockTime(item.at, i18n.language),
    item.isEdited && t("timeline.edited"),
    item.isOwn && item.readers.length > 0 && t("timeline.readBy", { count: item.readers.length }),
  ];
  return (
    <Text size="xs" c="dimmed" className="figures">
      {marks.filter(Boolean).join(" · ")}
    </Text>
  );
}
