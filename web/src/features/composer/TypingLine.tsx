import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { Conversation } from "../../state/conversation";

const NAMES_SHOWN = 3;

export function TypingLine({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { typing } = useValue(conversation.timeline.state);
  if (typing.length === 0) return null;
  return (
    <Text size="xs" c="dimmed" px="sm" pt={4} truncate>
      {t("composer.typing", { names: typing.slice(0, NAMES_SHOWN).join("、") })}
    </Text>
  );
}
