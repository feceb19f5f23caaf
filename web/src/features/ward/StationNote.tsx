import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** In place of whatever a person could do here. */
export function StationNote() {
  const { t } = useTranslation();
  return (
    <Text ta="center" p="md">
      {t("ward.stationNote")}
    </Text>
  );
}
