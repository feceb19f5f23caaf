import { Alert, Button, Group, Text, UnstyledButton } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconLock } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { Session } from "../../matrix/session";
import { isStation } from "../../matrix/station";
import { derived } from "../../platform/value";
import { Idle } from "../../state/idle";
import { SetPin } from "./SetPin";
import { useSetPin } from "./useSetPin";

const TOUCHES = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

interface Props {
  session: Session;
  lock: () => Promise<boolean>;
  className: string;
}

/** The button that locks the desk, the keys for it, and the lock of a desk that everybody has left. */
export function DeskLock({ session, lock, className }: Props) {
  const { t } = useTranslation();
  const setPin = useSetPin(session);
  const lockNow = async () => {
    if (!(await lock())) setPin.open();
  };
  useHotkeys([["mod+L", lockNow]], []);
  useIdleLock(session, lock);
  return (
    <>
      <UnstyledButton className={className} onClick={lockNow} title={t("ward.lockKeys")}>
        <IconLock size={22} aria-hidden />
        <Text size="xs">{t("ward.lock")}</Text>
      </UnstyledButton>
      <SetPin {...setPin.dialog} />
    </>
  );
}

/** Lock by itself, where a PIN opens it or others use this computer too: one's own telephone stays open. */
function useIdleLock(session: Session, lock: () => Promise<boolean>): void {
  const { hasPin, isShared } = useValue(session.lock.settings);
  const isLocking = hasPin || isShared || isStation(session.client.getSafeUserId());
  useEffect(() => {
    if (!isLocking) return;
    const limit = derived(session.lock.settings, ({ idleMs }) => idleMs);
    const idle = new Idle(Date.now, limit, () => void lock());
    for (const touch of TOUCHES) window.addEventListener(touch, idle.touched, { passive: true });
    const stop = idle.start();
    return () => {
      stop();
      for (const touch of TOUCHES) window.removeEventListener(touch, idle.touched);
    };
  }, [session, lock, isLocking]);
}

/** Asks for a PIN where others use this computer too, and for another one where it was of no use. */
export function PinNote({ session }: { session: Session }) {
  const { t } = useTranslation();
  const { hasPin, isShared, isPinDoubtful } = useValue(session.lock.settings);
  const [isDismissed, setIsDismissed] = useState(false);
  const setPin = useSetPin(session);
  if (isDismissed || (hasPin ? !isPinDoubtful : !isShared)) return null;
  return (
    <Alert radius={0} icon={<IconLock aria-hidden />}>
      <Group justify="space-between" gap="sm">
        <Text className="grow">{t(hasPin ? "ward.doubtful" : "ward.shared")}</Text>
        <Group gap="xs">
          <Button size="md" onClick={setPin.open}>
            {t(hasPin ? "ward.changePin" : "ward.setPin")}
          </Button>
          <Button size="md" variant="subtle" onClick={() => setIsDismissed(true)}>
            {t("ward.later")}
          </Button>
        </Group>
      </Group>
      <SetPin {...setPin.dialog} />
    </Alert>
  );
}
