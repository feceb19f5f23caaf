import { Button, Group, Select, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { Session } from "../../matrix/session";
import { SetPin } from "./SetPin";
import { useSetPin } from "./useSetPin";

const MINUTE_MS = 60_000;
const CHOICES_MINUTES = [1, 2, 5, 10, 15, 30, 60];

interface Props {
  session: Session;
  /** Lock now; false where nothing would open it again. */
  lock: () => Promise<boolean>;
}

/** The lock of this device: its PIN, when it locks by itself, and locking it now. */
export function LockSection({ session, lock }: Props) {
  const { t } = useTranslation();
  const { hasPin } = useValue(session.lock.settings);
  const setPin = useSetPin(session);
  const lockNow = async () => {
    if (!(await lock())) setPin.open();
  };
  return (
    <Stack gap="xs">
      <Title order={2} size="h5">
        {t("ward.lock")}
      </Title>
      <Text size="sm">{t(hasPin ? "ward.pinIsSet" : "ward.whyPin")}</Text>
      <Group gap="sm">
        <Button variant="default" size="md" onClick={setPin.open}>
          {t(hasPin ? "ward.changePin" : "ward.setPin")}
        </Button>
        {hasPin && <Remove session={session} />}
        <Button variant="default" size="md" onClick={lockNow}>
          {t("ward.lockNow")}
        </Button>
      </Group>
      {hasPin && <IdleMinutes session={session} />}
      <SetPin {...setPin.dialog} />
    </Stack>
  );
}

function Remove({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [state, setState] = useState<"ready" | "working" | "failed">("ready");
  const remove = async () => {
    setState("working");
    await session.lock.removePin().then(
      () => setState("ready"),
      () => setState("failed"),
    );
  };
  return (
    <Button variant="default" size="md" loading={state === "working"} onClick={remove}>
      {t(state === "failed" ? "ward.removeAgain" : "ward.removePin")}
    </Button>
  );
}

function IdleMinutes({ session }: { session: Session }) {
  const { t } = useTranslation();
  const { idleMs, longestIdleMs } = useValue(session.lock.settings);
  const longest = longestIdleMs / MINUTE_MS;
  const minutes = [...CHOICES_MINUTES.filter((choice) => choice < longest), longest];
  return (
    <Select
      size="md"
      label={t("ward.idle")}
      description={t("ward.idleLongest", { count: longest })}
      allowDeselect={false}
      value={String(idleMs / MINUTE_MS)}
      data={minutes.map((count) => ({ value: String(count), label: t("ward.minutes", { count }) }))}
      onChange={(chosen) => chosen !== null && session.lock.setIdleMs(Number(chosen) * MINUTE_MS)}
    />
  );
}
