import { Badge, Button, Group, Progress, Text, UnstyledButton } from "@mantine/core";
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
  const isOver = until < conversation.now();
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
  if (item.delivery !== "sent") return <Sending item={item} conversation={conversation} />;
  // A card is brought up to date all the time, and says itself how it stands.
  const isCorrected = item.isEdited && item.card === undefined;
  if (isFollowed && !item.isOwn && !isCorrected) return null;
  return (
    <Group gap={6} wrap="nowrap">
      <Text size="xs" c="dimmed" className="figures">
        {[clockTime(item.at, i18n.language), isCorrected && t("timeline.edited")].filter(Boolean).join(" · ")}
      </Text>
      {item.isOwn && othersCount > 0 && (
        <UnstyledButton className={styles.mark ?? ""} onClick={() => show({ kind: "readers", item })}>
          <Text size="xs" c={item.readers.length === 0 ? "dimmed" : "accent"} className="figures">
            {t(`timeline.${readWord(item.readers.length, othersCount)}`, { count: item.readers.length })}
          </Text>
        </UnstyledButton>
      )}
    </Group>
  );
}

/** What becomes of a message that is not sent: by itself, or by whoever wrote it. */
function Sending({ item, conversation }: { item: Item; conversation: Conversation }) {
  const { t } = useTranslation();
  const { delivery, sending } = item;
  const part = sending?.part;
  const isFailed = delivery === "failed";
  const isUploading = delivery === "sending" && part !== undefined;
  const refusal = sending?.refusal;
  const words = isUploading
    ? t("timeline.uploading", { percent: Math.round(part * 100) })
    : t(`timeline.${WORDS[delivery]}`);
  return (
    <div>
      <Group gap="md" wrap="nowrap" mih={isFailed || isUploading || delivery === "waiting" ? 32 : 0}>
        <Text size="xs" c={isFailed ? "orange" : "dimmed"} className="figures" role="status">
          {words}
        </Text>
        {isFailed && <SmallAct word={t("timeline.retry")} act={() => conversation.retry(item)} />}
        {(isFailed || delivery === "waiting") && (
          <SmallAct word={t("timeline.discard")} act={() => conversation.discard(item)} />
        )}
        {isUploading && <SmallAct word={t("timeline.cancel")} act={() => conversation.discard(item)} />}
      </Group>
      {isUploading && <Progress value={part * 100} size="xs" aria-label={words} />}
      {isFailed && refusal !== undefined && (
        <Text size="xs" c="dimmed">
          {t(`conversation.trouble.${refusal}`)}
        </Text>
      )}
    </div>
  );
}

const WORDS = { waiting: "queued", sending: "sending", sent: "sending", failed: "failed" } as const;

function SmallAct({ word, act }: { word: string; act: () => void }) {
  return (
    <UnstyledButton className={`${styles.mark} ${styles.smallAct}`} onClick={act}>
      <Text size="xs" c="accent">
        {word}
      </Text>
    </UnstyledButton>
  );
}

function readWord(readers: number, others: number) {
  if (readers === 0) return "delivered";
  if (others === 1) return "readByOne";
  return readers >= others ? "readByAll" : "readBy";
}
