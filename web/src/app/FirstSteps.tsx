import { Button, Stack, Text } from "@mantine/core";
import { IconKeyboard, IconPhoneCall, IconUsers } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";

/** Beside the list while nothing is chosen: what somebody may do first. */
export function FirstSteps({ isNew, showKeys }: { isNew: boolean; showKeys: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack align="stretch" gap="sm" w={260}>
      <Text c="dimmed" ta="center">
        {t(isNew ? "conversations.begin" : "conversations.choose")}
      </Text>
      <Button
        component={Link}
        href="/people"
        variant="light"
        size="md"
        justify="flex-start"
        leftSection={<IconUsers size={20} aria-hidden />}
      >
        {t("conversations.findColleague")}
      </Button>
      <Button
        component={Link}
        href="/duty"
        variant="light"
        size="md"
        justify="flex-start"
        leftSection={<IconPhoneCall size={20} aria-hidden />}
      >
        {t("conversations.whoIsOnDuty")}
      </Button>
      <Button
        variant="subtle"
        size="md"
        justify="flex-start"
        leftSection={<IconKeyboard size={20} aria-hidden />}
        onClick={showKeys}
      >
        {t("shortcuts.open")}
      </Button>
    </Stack>
  );
}
