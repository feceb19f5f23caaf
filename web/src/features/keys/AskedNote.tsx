import { Button, Modal } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { NoteLine } from "../../design/NoteLine";
import { useValue } from "../../design/useValue";
import type { Meeting, OwnDevices } from "../../matrix/ownDevices";

const MeetingView = lazy(() => import("./DeviceDialog").then((file) => ({ default: file.MeetingView })));

/** On an older device: a new one of the same person asks for the keys. */
export function AskedNote({ devices }: { devices: OwnDevices }) {
  const meeting = useValue(devices.asking);
  if (meeting === undefined) return null;
  return <Asked key={meeting.otherName} meeting={meeting} close={() => devices.leave()} />;
}

function Asked({ meeting, close }: { meeting: Meeting; close: () => Promise<void> }) {
  const { t } = useTranslation();
  const state = useValue(meeting.state);
  const [isAllowed, setIsAllowed] = useState(false);
  const allow = () => {
    setIsAllowed(true);
    meeting.accept().catch(close);
  };
  if (isAllowed) {
    return (
      <Modal
        opened
        onClose={close}
        title={t("keys.allowTitle")}
        closeButtonProps={{ "aria-label": t("keys.close") }}
        centered
      >
        <Suspense>
          <MeetingView meeting={meeting} isNew={false} done={nothingMore} close={close} />
        </Suspense>
      </Modal>
    );
  }
  // Taken back, or answered on another device.
  if (state.kind !== "asked") return null;
  return (
    <NoteLine
      role="alert"
      actions={
        <>
          <Button variant="default" size="sm" onClick={close}>
            {t("keys.refuse")}
          </Button>
          <Button size="sm" onClick={allow}>
            {t("keys.allow")}
          </Button>
        </>
      }
    >
      {t("keys.allowQuestion", { name: meeting.otherName || t("keys.unnamed") })}
    </NoteLine>
  );
}

const nothingMore = () => Promise.resolve();
