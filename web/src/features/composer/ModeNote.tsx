import { Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { DraftModel } from "../../state/draft";
import styles from "./Composer.module.css";

/** Which message is being answered or edited, and the way out of it. */
export function ModeNote({ draft }: { draft: DraftModel }) {
  const { t } = useTranslation();
  const { mode } = useValue(draft.state);
  if (mode.kind === "new") return null;
  const isEdit = mode.kind === "edit";
  return (
    <Group className={styles.mode ?? ""} wrap="nowrap" justify="space-between" px="sm">
      <div className="grow">
        <Text size="xs" c="accent">
          {isEdit ? t("composer.editing") : t("composer.replyTo", { name: mode.item.senderName })}
        </Text>
        <Text size="sm" c="dimmed" truncate>
          {mode.item.text}
        </Text>
      </div>
      <Button variant="subtle" size="sm" h={44} onClick={() => draft.leave()}>
        {t(isEdit ? "composer.leaveEdit" : "composer.leaveReply")}
      </Button>
    </Group>
  );
}
