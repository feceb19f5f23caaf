import { Alert, Button, Loader, Modal, Stack, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { Meeting } from "../../matrix/ownDevices";
import { hasCamera } from "../../platform/scanner";
import { QrPicture } from "./QrPicture";
import { ScannerView } from "./ScannerView";

interface Props {
  ask: () => Promise<Meeting>;
  opened: () => Promise<void>;
  close: () => void;
}

/** On the new device: ask an older one, show it a picture or scan the one it shows, and wait for the keys. */
export default function DeviceDialog({ ask, opened, close }: Props) {
  const { t } = useTranslation();
  const [meeting, setMeeting] = useState<Meeting>();
  const [hasFailed, setHasFailed] = useState(false);
  useEffect(() => {
    let isClosed = false;
    let asked: Meeting | undefined;
    ask().then(
      (made) => {
        asked = made;
        if (isClosed) made.leave();
        else setMeeting(made);
      },
      () => setHasFailed(true),
    );
    return () => {
      isClosed = true;
      asked?.leave();
    };
  }, [ask]);
  return (
    <Modal
      opened
      onClose={close}
      title={t("keys.byDevice")}
      closeButtonProps={{ "aria-label": t("keys.close") }}
      centered
    >
      {hasFailed && <Alert color="orange">{t("keys.unlockFailed")}</Alert>}
      {meeting !== undefined && <MeetingView meeting={meeting} isNew done={opened} close={close} />}
      {meeting === undefined && !hasFailed && <Waiting words={t("keys.deviceAsking")} />}
    </Modal>
  );
}

interface MeetingProps {
  meeting: Meeting;
  /** Whether this is the device that gets the keys. */
  isNew: boolean;
  done: () => Promise<void>;
  close: () => void;
}

/** What either device shows, from the answer to the keys. */
export function MeetingView({ meeting, isNew, done, close }: MeetingProps) {
  const { t } = useTranslation();
  const state = useValue(meeting.state);
  const [isScanning, setIsScanning] = useState(false);
  const [hasFailed, setHasFailed] = useState(false);
  const isFinishing = useRef(false);
  useEffect(() => {
    if (state.kind !== "done" || isFinishing.current) return;
    isFinishing.current = true;
    done().then(close, () => setHasFailed(true));
  }, [state.kind, done, close]);
  if (hasFailed || state.kind === "ended") return <Alert color="orange">{t("keys.deviceEnded")}</Alert>;
  if (state.kind === "misread") {
    return (
      <Stack>
        <Alert color="orange">{t("keys.misread")}</Alert>
        <Button size="md" onClick={() => meeting.again()}>
          {t("keys.scanAgain")}
        </Button>
      </Stack>
    );
  }
  if (state.kind !== "met") {
    return <Waiting words={t(state.kind === "asked" ? "keys.deviceAsked" : "keys.deviceHanding")} />;
  }
  if (isScanning) {
    const seen = (picture: readonly number[]) => {
      setIsScanning(false);
      void meeting.scan(picture);
    };
    return <ScannerView seen={seen} back={() => setIsScanning(false)} />;
  }
  return (
    <Stack align="center">
      <Text>{t(isNew ? "keys.deviceShowNew" : "keys.deviceShowOld")}</Text>
      {state.picture !== undefined && <QrPicture content={state.picture} label={t("keys.deviceCode")} />}
      {hasCamera() && (
        <Button variant="default" size="md" onClick={() => setIsScanning(true)}>
          {t("keys.scanOther")}
        </Button>
      )}
    </Stack>
  );
}

function Waiting({ words }: { words: string }) {
  return (
    <Stack align="center" py="md" role="status">
      <Loader size="sm" />
      <Text ta="center">{words}</Text>
    </Stack>
  );
}
