import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { Keys } from "../../matrix/keys";
import { LeaveModel } from "./leaveState";

const EACH_MS = 500;

interface Props {
  keys: Keys;
  signOut: () => Promise<void>;
}

/** Settings: signing out, which waits until nothing would be lost with this device. */
export function LeaveSection({ keys, signOut }: Props) {
  const { t } = useTranslation();
  const [model] = useState(
    () =>
      new LeaveModel({
        unsaved: () => keys.unsaved(),
        signOut,
        wait: () => new Promise((resolve) => setTimeout(resolve, EACH_MS)),
      }),
  );
  const [isAsking, setIsAsking] = useState(false);
  const stay = () => {
    model.stay();
    setIsAsking(false);
  };
  return (
    <>
      <Button variant="default" size="md" onClick={() => setIsAsking(true)}>
        {t("settings.signOut")}
      </Button>
      <Modal
        opened={isAsking}
        onClose={stay}
        title={t("settings.signOut")}
        closeButtonProps={{ "aria-label": t("keys.close") }}
        centered
      >
        <Question model={model} stay={stay} />
      </Modal>
    </>
  );
}

function Question({ model, stay }: { model: LeaveModel; stay: () => void }) {
  const { t } = useTranslation();
  const state = useValue(model.state);
  const isSaving = state.kind === "saving";
  const isWarned = state.kind === "unsafe" || (isSaving && state.isWarned);
  return (
    <Stack>
      {state.kind === "asking" && <Text>{t("settings.signOutQuestion")}</Text>}
      {isSaving && <Text role="status">{t("keys.saving", { count: state.left })}</Text>}
      {state.kind === "leaving" && <Text role="status">{t("settings.signingOut")}</Text>}
      {isWarned && (
        <Alert color="orange" role="alert">
          {t("keys.leaveLoses")}
        </Alert>
      )}
      {state.kind === "failed" && (
        <Alert color="orange" role="alert">
          {t("keys.leaveFailed")}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button variant="default" size="md" onClick={stay} disabled={state.kind === "leaving"}>
          {t("settings.cancel")}
        </Button>
        {isSaving && !isWarned && (
          <Button variant="default" size="md" onClick={() => model.warn()}>
            {t("keys.leaveNow")}
          </Button>
        )}
        {isWarned && (
          <Button color="orange" size="md" onClick={() => model.leaveAnyway()}>
            {t("keys.leaveAnyway")}
          </Button>
        )}
        {!isSaving && !isWarned && (
          <Button color="orange" size="md" onClick={() => model.leave()} loading={state.kind === "leaving"}>
            {t("settings.signOut")}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
