import { Group, Kbd, Modal, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { SHORTCUTS } from "./shortcuts";

/** All keys at a glance. */
export function ShortcutsDialog({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t("shortcuts.title")}
      closeButtonProps={{ "aria-label": t("app.close") }}
      centered
    >
      <Stack component="dl" gap="xs" m={0}>
        {SHORTCUTS.map(({ keys, does }) => (
          <Group key={does} justify="space-between" wrap="nowrap">
            <Text component="dt">{t(`shortcuts.${does}`)}</Text>
            <Group component="dd" m={0} gap={4} wrap="nowrap">
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </Group>
          </Group>
        ))}
      </Stack>
    </Modal>
  );
}
