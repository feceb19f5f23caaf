import { Button, Center, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** What a tab shows while another one works. */
export function Elsewhere({ takeOver }: { takeOver: () => void }) {
  const { t } = useTranslation();
  return (
    <Center component="main" h="100dvh" p="md">
      <Stack align="center" ta="center">
        <Title order={1} size="h4">
          {t("tab.elsewhere")}
        </Title>
        <Text c="dimmed">{t("tab.nothingLost")}</Text>
        <Button size="md" onClick={takeOver} autoFocus>
          {t("tab.takeOver")}
        </Button>
      </Stack>
    </Center>
  );
}
