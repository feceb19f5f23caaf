import { ActionIcon, Button, Center, Group, Loader, Modal, Stack, Text } from "@mantine/core";
import { IconCameraRotate } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import { type Facing, hasOtherCamera, openCamera, stopCamera, takenFrom } from "../../platform/camera";
import type { Conversation } from "../../state/conversation";
import styles from "./Camera.module.css";
import { CameraModel, type CameraState } from "./cameraState";

interface Props {
  conversation: Conversation;
  close: () => void;
}

/** A picture for this conversation and for nothing else: it is looked at, sent, and forgotten by the telephone. */
export default function Camera({ conversation, close }: Props) {
  const { t } = useTranslation();
  const [model] = useState(
    () => new CameraModel<MediaStream>({ open: openCamera, stop: stopCamera, hasOther: hasOtherCamera }),
  );
  const state = useValue(model.state);
  useEffect(() => {
    model.open();
    return () => model.close();
  }, [model]);
  const send = (picture: Blob) => {
    conversation.attach([new File([picture], `${t("camera.name")}.jpg`, { type: "image/jpeg" })]);
    close();
  };
  return (
    <Modal
      opened
      onClose={close}
      fullScreen
      withCloseButton={false}
      padding={0}
      attributes={{ content: { "aria-label": t("camera.title") } }}
    >
      <div className={styles.camera}>
        <Shown state={state} model={model} send={send} close={close} />
      </div>
    </Modal>
  );
}

interface ShownProps {
  state: CameraState<MediaStream>;
  model: CameraModel<MediaStream>;
  send: (picture: Blob) => void;
  close: () => void;
}

function Shown({ state, model, send, close }: ShownProps) {
  const { t } = useTranslation();
  switch (state.kind) {
    case "opening":
      return (
        <Screen view={<Loader aria-label={t("camera.opening")} />}>
          <Leave close={close} />
        </Screen>
      );
    case "live":
      return <Live state={state} model={model} close={close} />;
    case "taken":
      return (
        <Screen view={<Taken picture={state.picture} />}>
          <Button size="lg" variant="default" onClick={() => model.open()}>
            {t("camera.again")}
          </Button>
          <Button size="lg" data-autofocus onClick={() => send(state.picture)}>
            {t("camera.send")}
          </Button>
        </Screen>
      );
    case "refused":
    case "missing":
    case "failed":
      return (
        <Screen view={<Text role="alert">{t(`camera.${state.kind}`)}</Text>}>
          <Leave close={close} />
          <Button size="lg" onClick={() => model.open()}>
            {t("camera.retry")}
          </Button>
        </Screen>
      );
  }
}

function Screen({ view, children }: { view: ReactNode; children: ReactNode }) {
  return (
    <Stack gap={0} h="100%">
      <Center className={styles.view ?? ""}>{view}</Center>
      <Group justify="space-around" wrap="nowrap" p="md" className={styles.tools ?? ""}>
        {children}
      </Group>
    </Stack>
  );
}

function Leave({ close }: { close: () => void }) {
  const { t } = useTranslation();
  return (
    <Button size="lg" variant="default" onClick={close}>
      {t("camera.leave")}
    </Button>
  );
}

interface LiveProps {
  state: { stream: MediaStream; facing: Facing; canTurn: boolean };
  model: CameraModel<MediaStream>;
  close: () => void;
}

function Live({ state, model, close }: LiveProps) {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const { stream, facing, canTurn } = state;
  useEffect(() => {
    if (video.current !== null) video.current.srcObject = stream;
  }, [stream]);
  const take = () => {
    const shown = video.current;
    if (shown !== null) model.take(() => takenFrom(shown));
  };
  return (
    <Screen view={<video ref={video} autoPlay playsInline muted data-facing={facing} aria-label={t("camera.view")} />}>
      <Leave close={close} />
      <Button size="xl" radius="xl" data-autofocus onClick={take}>
        {t("camera.take")}
      </Button>
      <ActionIcon
        size={50}
        variant="default"
        disabled={!canTurn}
        aria-label={t("camera.turn")}
        onClick={() => model.turn()}
      >
        <IconCameraRotate size={24} aria-hidden />
      </ActionIcon>
    </Screen>
  );
}

function Taken({ picture }: { picture: Blob }) {
  const { t } = useTranslation();
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const address = URL.createObjectURL(picture);
    setUrl(address);
    return () => URL.revokeObjectURL(address);
  }, [picture]);
  return url === undefined ? null : <img src={url} alt={t("camera.taken")} />;
}
