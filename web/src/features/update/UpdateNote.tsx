import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { NoteLine } from "../../design/NoteLine";
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
    <NoteLine
      actions={
        <Button size="sm" variant="subtle" onClick={apply} loading={isApplying} aria-describedby="update-keeps">
          {t("update.apply")}
        </Button>
      }
    >
      {t("update.ready")}
      <span id="update-keeps" className="unseen">
        {t("update.keeps")}
      </span>
    </NoteLine>
  );
}
