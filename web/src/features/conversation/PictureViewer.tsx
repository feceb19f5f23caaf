import { ActionIcon, Center, Group, Loader, Modal, Text } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { IconDownload, IconRotateClockwise, IconX, IconZoomIn, IconZoomOut } from "@tabler/icons-react";
import { type PointerEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Attachment } from "../../matrix/attachment";
import type { Media } from "../../matrix/media";
import styles from "./Conversation.module.css";
import { download, useAddress } from "./useAddress";

interface Props {
  media: Media;
  attachment: Attachment;
  close: () => void;
  /** What stands over the picture, as over its conversation. */
  over?: ReactNode;
}

interface View {
  zoom: number;
  turns: number;
  x: number;
  y: number;
}

const FITTING: View = { zoom: 1, turns: 0, x: 0, y: 0 };
const STEP = 1.4;
const MOST = 8;

/** A picture alone: larger, smaller, turned, moved by the pointer. */
export function PictureViewer({ media, attachment, close, over }: Props) {
  const { t } = useTranslation();
  const [view, setView] = useState(FITTING);
  const scale = (by: number) =>
    setView((now) => ({
      ...now,
      zoom: Math.min(MOST, Math.max(1, now.zoom * by)),
      ...(now.zoom * by <= 1 && { x: 0, y: 0 }),
    }));
  const rotate = () => setView((now) => ({ ...FITTING, turns: now.turns + 1 }));
  const pressed = ({ key }: KeyboardEvent) => {
    if (key === "+" || key === "=") scale(STEP);
    if (key === "-") scale(1 / STEP);
    if (key === "r") rotate();
  };
  useWindowEvent("keydown", pressed);
  const tools = [
    { name: "zoomIn", Icon: IconZoomIn, act: () => scale(STEP) },
    { name: "zoomOut", Icon: IconZoomOut, act: () => scale(1 / STEP) },
    { name: "rotate", Icon: IconRotateClockwise, act: rotate },
    { name: "download", Icon: IconDownload, act: () => download(media, attachment.source, attachment.name) },
    { name: "close", Icon: IconX, act: close },
  ] as const;
  return (
    <Modal
      opened
      onClose={close}
      fullScreen
      withCloseButton={false}
      padding={0}
      attributes={{ content: { "aria-label": t("conversation.viewer.title") } }}
    >
      <div className={styles.viewer}>
        <Group className={styles.viewerTools ?? ""} gap={4} justify="flex-end" wrap="nowrap">
          <Text className="grow" size="sm" truncate px="sm">
            {attachment.name}
          </Text>
          {tools.map(({ name, Icon, act }) => (
            <ActionIcon
              key={name}
              size={44}
              variant="subtle"
              color="gray"
              aria-label={t(`conversation.viewer.${name}`)}
              onClick={act}
            >
              <Icon size={22} aria-hidden />
            </ActionIcon>
          ))}
        </Group>
        <Canvas
          media={media}
          attachment={attachment}
          view={view}
          move={(x, y) => setView({ ...view, x, y })}
          scale={scale}
        />
        {over}
      </div>
    </Modal>
  );
}

interface CanvasProps extends Omit<Props, "close" | "over"> {
  view: View;
  move: (x: number, y: number) => void;
  scale: (by: number) => void;
}

function Canvas({ media, attachment, view, move, scale }: CanvasProps) {
  const { t } = useTranslation();
  const address = useAddress(media, attachment.source);
  const drag = (event: PointerEvent) => {
    if (event.buttons === 1 && view.zoom > 1) move(view.x + event.movementX, view.y + event.movementY);
  };
  if (address.kind !== "ready") {
    return <Center h="100%">{address.kind === "loading" ? <Loader /> : <Text>{t("timeline.notLoaded")}</Text>}</Center>;
  }
  return (
    <div className={styles.canvas} onPointerMove={drag} onWheel={({ deltaY }) => scale(deltaY < 0 ? STEP : 1 / STEP)}>
      <img
        src={address.url}
        alt={attachment.name}
        draggable={false}
        style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.zoom}) rotate(${view.turns * 90}deg)` }}
      />
    </div>
  );
}
