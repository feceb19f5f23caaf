import { Badge, Button, Group, Text, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Item } from "../../matrix/item";
import { clockTime } from "../../platform/time";
import type { Conversation } from "../../state/conversation";
import type { LineProps } from "./MessageLine";
import type { Open } from "./Overlays";
import styles from "./Timeline.module.css";

export function Reactions({ item, react }: { item: Item; react: (key: string) => void }) {
  const { t } = useTranslation();
  if (item.reactions.length === 0) return null;
  return (
    <Group gap={4}>
      {item.reactions.map(({ key, count, isOwn }) => (
        <UnstyledButton
          key={key}
          className={styles.reaction ?? ""}
          aria-pressed={isOwn}
          aria-label={t("timeline.reacted", { key, count })}
          onClick={() => react(key)}
        >
          <span className={styles.sign}>{key}</span> {count}
        </UnstyledButton>
      ))}
    </Group>
  );
}

interface AckProps {
  item: Item;
  conversation: Conversation;
  show: (next: Open) => void;
}

/** What a message that asks for 收到 shows: a button to whoever is asked, how many have answered to all. */
export function AckBar({ item, conversation, show }: AckProps) {
  const { t } = useTranslation();
  const { acknowledgement } = item;
  if (acknowledgement === undefined) return null;
  const { asked, acked, until } = acknowledgement;
  const own = conversation.ownId;
  const isOver = until < Date.now();
  const isMissing = asked.includes(own) && !acked.includes(own);
  return (
    <Group gap="xs">
      <Badge variant="outline" size="sm">
        {t("timeline.important")}
      </Badge>
      {isMissing && !isOver && (
        <Button size="sm" className={styles.acknowledge ?? ""} onClick={() => conversation.acknowledge(item)}>
          {t("timeline.acknowledge")}
        </Button>
      )}
      {isMissing && isOver && (
        <Text size="xs" c="dimmed">
          {t("timeline.ackOver")}
        </Text>
      )}
      {acked.includes(own) && (
        <Text size="xs" c="dimmed">
          {t("timeline.acknowledged")}
        </Text>
      )}
      <UnstyledButton className={styles.mark ?? ""} onClick={() => show({ kind: "acks", item })}>
        <Text size="xs" c="accent" className="figures">
          {acked.length === asked.length
            ? t("timeline.ackedAll")
            : t("timeline.ackedCount", { acked: acked.length, asked: asked.length })}
        </Text>
      </UnstyledButton>
    </Group>
  );
}

/** When a message was sent and what became of it. */
export function Foot({ item, isFollowed, othersCount, conversation, show }: LineProps) {
  const { t, i18n } = useTranslation();
  if (item.delivery === "failed") {
    return (
      <UnstyledButton className={styles.mark ?? ""} onClick={() => conversation.retry(item)}>
        <Text size="xs" c="orange">
          {t("timeline.failed")}
        </Text>
      </UnstyledButton>
    );
  }
  if (isFollowed && !item.isOwn && !item.isEdited) return null;
  const isSending = item.delivery === "sending";
  return (
    <Group gap={6} wrap="nowrap">
      <Text size="xs" c="dimmed" className="figures">
        {[isSending ? t("timeline.sending") : clockTime(item.at, i18n.language), item.isEdited && t("timeline.edited")]
          .filter(Boolean)
          .join(" · ")}
      </Text>
      {item.isOwn && !isSending && othersCount > 0 && (
        <UnstyledButton className={styles.mark ?? ""} onClick={() => show({ kind: "readers", item })}>
          <Text size="xs" c={item.readers.length === 0 ? "dimmed" : "accent"} className="figures">
            {t(`timeline.${readWord(item.readers.length, othersCount)}`, { count: item.readers.length })}
          </Text>
        </UnstyledButton>
      )}
    </Group>
  );
}

function readWord(readers: number, others: number) {
  if (readers === 0) return "delivered";
  if (others === 1) return "readByOne";
  return readers >= others ? "readByAll" : "readBy";
}
