import { Badge, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import styles from "./Ward.module.css";

/** What stands above everything that a station shows. */
export function StationHead({ name, critical }: { name: string; critical: number }) {
  const { t } = useTranslation();
  return (
    <Group className={styles.stationHead ?? ""} gap="sm">
      <Badge size="lg" radius="sm">
        {t("ward.station")}
      </Badge>
      <Text fw={600}>{name}</Text>
      {critical > 0 && (
        <Badge size="lg" radius="sm" color="red" role="status">
          {t("ward.critical", { count: critical })}
        </Badge>
      )}
    </Group>
  );
}
