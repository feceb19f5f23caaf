import { Loader, Text, UnstyledButton } from "@mantine/core";
import { IconPlayerPlayFilled } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Attachment } from "../../matrix/attachment";
import type { Media } from "../../matrix/media";
import { sizeText } from "../../platform/size";
import { useAddress } from "../conversation/useAddress";
import { FileBody } from "./FileBody";
import styles from "./Timeline.module.css";

/** A video, which is loaded and decrypted when somebody wants to see it; what the browser cannot play is a file. */
export function VideoBody({ media, attachment }: { media: Media; attachment: Attachment }) {
  const { t } = useTranslation();
  const [isWanted, setIsWanted] = useState(false);
  const [isBroken, setIsBroken] = useState(false);
  const small = useAddress(media, attachment.thumbnail);
  const address = useAddress(media, isWanted ? attachment.source : undefined);
  if (address.kind === "failed" || isBroken) return <FileBody media={media} attachment={attachment} />;
  if (address.kind === "ready") {
    return (
      // biome-ignore lint/a11y/useMediaCaption: nobody has written down what is said.
      <video
        className={styles.video}
        src={address.url}
        controls
        autoPlay
        playsInline
        onError={() => setIsBroken(true)}
      />
    );
  }
  return (
    <UnstyledButton
      className={styles.videoStart ?? ""}
      aria-label={t("timeline.playVideo", { name: attachment.name })}
      onClick={() => setIsWanted(true)}
    >
      {small.kind === "ready" && <img src={small.url} alt="" />}
      <span className={styles.videoSign}>
        {isWanted ? <Loader size="sm" aria-hidden /> : <IconPlayerPlayFilled size={28} aria-hidden />}
        <Text size="xs" truncate>
          {attachment.name} {sizeText(attachment.size)}
        </Text>
      </span>
    </UnstyledButton>
  );
}
