import { Divider, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { dayName } from "../../platform/time";

export function DayLine({ at }: { at: number }) {
  const { t, i18n } = useTranslation();
  return (
    <Text size="xs" c="dimmed" ta="center" py="sm">
      {at === 0 ? t("timeline.noDay") : dayName(at, Date.now(), i18n.language)}
    </Text>
  );
}

export function UnreadLine() {
  const { t } = useTranslation();
  return <Divider mx="md" my="xs" color="accent" labelPosition="center" label={t("timeline.unread")} />;
}
