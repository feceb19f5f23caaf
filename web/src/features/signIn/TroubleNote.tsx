import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { ActivateTrouble } from "./activateState";

export function TroubleNote({ trouble }: { trouble: ActivateTrouble }) {
  const { t } = useTranslation();
  const words =
    trouble.kind === "tooMany" ? t("signIn.tooMany", { seconds: trouble.seconds }) : t(`signIn.${trouble.kind}`);
  return (
    <Alert color="orange" role="alert">
      {words}
    </Alert>
  );
}
