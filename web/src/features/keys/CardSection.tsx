import { Button, Stack, Text, Title } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { Keys } from "../../matrix/keys";
import type { Owner } from "./CardView";

const CardView = lazy(() => import("./CardView"));

/** Settings: the recovery card, to be looked at, printed or replaced. */
export function CardSection({ keys, owner }: { keys: Keys; owner: Owner }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const isReady = useValue(keys.state) === "ready";
  return (
    <Stack gap="xs" component="section" aria-labelledby="card">
      <Title order={2} size="h6" id="card">
        {t("keys.card")}
      </Title>
      <Text size="sm" c="dimmed">
        {t("keys.cardWhat")}
      </Text>
      <Button variant="default" size="md" onClick={() => setIsOpen(true)} disabled={!isReady}>
        {t("keys.cardOpen")}
      </Button>
      <Suspense>{isOpen && <CardView keys={keys} owner={owner} close={() => setIsOpen(false)} />}</Suspense>
    </Stack>
  );
}
