import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Item } from "../../matrix/item";
import { clockTime } from "../../platform/time";
import type { Line } from "../../state/lines";

const NAMES_SHOWN = 6;

/** People who came or went, in one line. */
export function ChangesLine({ line }: { line: Line & { kind: "changes" } }) {
  const { t } = useTranslation();
  const shown = line.names.slice(0, NAMES_SHOWN).join("、");
  const isShort = line.names.length <= NAMES_SHOWN;
  const names = isShort ? shown : t("timeline.andOthers", { names: shown, count: line.names.length });
  return <Notice text={t(`timeline.${wordOf(line.membership)}`, { names })} />;
}

const CHANGES = ["join", "invite", "ban", "identity"] as const;

function wordOf(change: string) {
  return CHANGES.find((each) => each === change) ?? "leave";
}

/** Who took a message back, and when. */
export function RecalledLine({ item }: { item: Item }) {
  const { t, i18n } = useTranslation();
  const by = item.recall?.byName ?? item.senderName;
  const time = clockTime(item.recall?.at || item.at, i18n.language);
  if (item.recall?.isOwn && item.isOwn) return <Notice text={t("timeline.recalledOwn", { time })} />;
  if (by === item.senderName) return <Notice text={t("timeline.recalled", { by, time })} />;
  return <Notice text={t("timeline.recalledOther", { by, name: item.senderName, time })} />;
}

/** There is a message, and it cannot be drawn. */
export function BrokenLine() {
  const { t } = useTranslation();
  return <Notice text={t("timeline.cause.other")} />;
}

function Notice({ text }: { text: string }) {
  return (
    <Text size="xs" c="dimmed" ta="center" px="md" py={4}>
      {text}
    </Text>
  );
}
