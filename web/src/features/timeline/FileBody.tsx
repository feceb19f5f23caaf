import { ActionIcon, Group, Text } from "@mantine/core";
import { IconDownload, IconFile } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Attachment } from "../../matrix/attachment";
import type { Media } from "../../matrix/media";
import { sizeText } from "../../platform/size";
import { download } from "../conversation/useAddress";
import styles from "./Timeline.module.css";

interface Props {
  media: Media;
  attachment: Attachment;
  /** Whether it has been tried, and could not be shown. */
  isBroken?: boolean;
}

export function FileBody({ media, attachment, isBroken = false }: Props) {
  const { t } = useTranslation();
  const [state, setState] = useState<"idle" | "loading" | "failed">(isBroken ? "failed" : "idle");
  const fetch = () => {
    setState("loading");
    download(media, attachment.source, attachment.name).then(
      () => setState("idle"),
      () => setState("failed"),
    );
  };
  return (
    <Group className={styles.bubble ?? ""} wrap="nowrap" gap="sm">
      <IconFile size={28} aria-hidden />
      <div className="grow">
        <Text className={styles.fileName ?? ""}>{attachment.name}</Text>
        <Text size="xs" c="dimmed">
          {state === "failed" ? t("timeline.notLoaded") : sizeText(attachment.size)}
        </Text>
      </div>
      <ActionIcon
        size={44}
        variant="subtle"
        loading={state === "loading"}
        aria-label={t("timeline.download", { name: attachment.name })}
        onClick={fetch}
      >
        <IconDownload size={20} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
