import { Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { Updates } from "../../platform/updates";

/** That a newer version is ready; it comes when the person wants it. */
export function UpdateNote({ updates }: { updates: Updates }) {
  const { t } = useTranslation();
  const [isApplying, setIsApplying] = useState(false);
  if (useValue(updates.version) === "current") return null;
  const apply = () => {
    setIsApplying(true);
    updates.apply();
  };
  return (
    <Group role="status" justify="center" gap="xs" px="md" bg="var(--mantine-primary-color-light)">
      <Text size="sm">{t("update.ready")}</Text>
      <Button size="md" variant="subtle" onClick={apply} loading={isApplying} aria-describedby="update-keeps">
        {t("update.apply")}
      </Button>
      <span id="update-keeps" className="unseen">
        {t("update.keeps")}
      </span>
    </Group>
  );
}
