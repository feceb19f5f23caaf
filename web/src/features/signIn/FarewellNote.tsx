import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { Ending } from "../../matrix/session";
import type { Value } from "../../platform/value";

/** Why somebody who was at work has to sign in. */
export function FarewellNote({ farewell }: { farewell: Value<Ending | undefined> }) {
  const { t } = useTranslation();
  const ending = useValue(farewell);
  if (ending === undefined) return null;
  return (
    <Alert color="orange" radius={0} role="status">
      {t(`signIn.farewell.${ending}`)}
    </Alert>
  );
}
