import { Anchor, Badge, Group, Skeleton, Text, UnstyledButton } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { Fragment, lazy, Suspense, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Boundary } from "../../design/Boundary";
import type { Attachment } from "../../matrix/attachment";
import type { Item } from "../../matrix/item";
import { isDrawn, type Media } from "../../matrix/media";
import type { Conversation } from "../../state/conversation";
import { foldedOf, type Part, partsOf } from "../../state/prose";
import { useAddress } from "../conversation/useAddress";
import { FileBody } from "./FileBody";
import styles from "./Timeline.module.css";
import { VideoBody } from "./VideoBody";

const CardView = lazy(() => import("../cards/CardView"));

interface Props {
  item: Item;
  conversation: Conversation;
  openPicture: () => void;
}

/** What a message says, by its kind; whatever cannot be drawn safely is a file. */
export function Body({ item, conversation, openPicture }: Props) {
  const { t } = useTranslation();
  const { kind, attachment, card } = item;
  const { media } = conversation;
  if (kind === "waiting") return <Dim text={t("timeline.waiting")} />;
  if (kind === "unreadable") return <Dim text={t(`timeline.cause.${item.cause ?? "other"}`)} />;
  const isEmpty = item.text.trim() === "" && (kind === "text" || attachment === undefined);
  if (isEmpty && card === undefined) return <Dim text={t("timeline.nothing")} />;
  const prose = <Prose text={item.text} mentionNames={item.mentionNames} />;
  if (card !== undefined) {
    // The words say the same while the card is loaded, and where it cannot be shown.
    return (
      <Boundary fallback={prose}>
        <Suspense fallback={prose}>
          <CardView card={card} item={item} conversation={conversation} />
        </Suspense>
      </Boundary>
    );
  }
  if (item.isForged) {
    return (
      <>
        <Badge variant="outline" color="gray" radius="sm">
          {t("cards.forged")}
        </Badge>
        {prose}
      </>
    );
  }
  if (attachment === undefined || kind === "text") return prose;
  if (kind === "image" && isPictureShown(attachment)) {
    return <PictureBody media={media} attachment={attachment} open={openPicture} />;
  }
  if (kind === "audio" && isDrawn(attachment.source.mimetype))
    return <VoiceBody media={media} attachment={attachment} />;
  if (kind === "video" && isDrawn(attachment.source.mimetype))
    return <VideoBody media={media} attachment={attachment} />;
  return <FileBody media={media} attachment={attachment} />;
}

function Dim({ text }: { text: string }) {
  return (
    <Text className={styles.bubble ?? ""} c="dimmed" fs="italic">
      {text}
    </Text>
  );
}

function Prose({ text, mentionNames }: { text: string; mentionNames: readonly string[] }) {
  const { t } = useTranslation();
  const [isUnfolded, setIsUnfolded] = useState(false);
  const folded = foldedOf(text);
  const shown = isUnfolded ? text : (folded ?? text);
  return (
    <Text className={styles.bubble ?? ""} component="div" dir="auto">
      {partsOf(shown, mentionNames).map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts have no name but their place.
        <Fragment key={index}>
          <PartText part={part} />
        </Fragment>
      ))}
      {folded !== undefined && (
        <>
          {!isUnfolded && "…"}
          <UnstyledButton className={styles.fold ?? ""} onClick={() => setIsUnfolded(!isUnfolded)}>
            <Text c="accent" size="sm">
              {t(isUnfolded ? "timeline.fold" : "timeline.unfold")}
            </Text>
          </UnstyledButton>
        </>
      )}
    </Text>
  );
}

function PartText({ part }: { part: Part }) {
  const { t } = useTranslation();
  if (part.kind === "text") return part.text;
  if (part.kind === "mention") return <strong className={styles.mention}>{part.text}</strong>;
  return (
    <>
      <Anchor href={part.href} target="_blank" rel="noopener noreferrer nofollow" inherit underline="always">
        {part.text}
      </Anchor>
      {part.host !== undefined && <strong>{t("timeline.realHost", { host: part.host })}</strong>}
    </>
  );
}

const UNASKED_BYTES = 20_000_000;
const UNASKED_PIXELS = 50_000_000;

/** A picture without a small form is loaded unasked only where it costs a ward's network little. */
function isPictureShown({ source, thumbnail, size, width, height }: Attachment): boolean {
  const isLarge = (size ?? 0) > UNASKED_BYTES || (width ?? 0) * (height ?? 0) > UNASKED_PIXELS;
  return isDrawn((thumbnail ?? source).mimetype) && (thumbnail !== undefined || !isLarge);
}

function PictureBody({ media, attachment, open }: { media: Media; attachment: Attachment; open: () => void }) {
  const { t } = useTranslation();
  const address = useAddress(media, attachment.thumbnail ?? attachment.source);
  const [isBroken, setIsBroken] = useState(false);
  if (address.kind === "failed" || isBroken) return <FileBody media={media} attachment={attachment} isBroken />;
  return (
    <UnstyledButton
      className={styles.picture ?? ""}
      style={{ aspectRatio: ratioOf(attachment) }}
      aria-label={t("timeline.openPicture", { name: attachment.name })}
      onClick={open}
    >
      {address.kind === "ready" ? (
        <img src={address.url} alt={attachment.name} onError={() => setIsBroken(true)} />
      ) : (
        <Skeleton h="100%" />
      )}
    </UnstyledButton>
  );
}

/** The place that a picture takes before it is here, so that nothing jumps; within reason, whatever it claims. */
function ratioOf({ width, height }: Attachment): number {
  if (!width || !height) return 4 / 3;
  return Math.min(3, Math.max(1 / 2, width / height));
}

function VoiceBody({ media, attachment }: { media: Media; attachment: Attachment }) {
  const { t } = useTranslation();
  const sound = useRef<HTMLAudioElement>(null);
  const [isWanted, setIsWanted] = useState(false);
  const [isPlaying, setIsPlaying] = useState(false);
  const address = useAddress(media, isWanted ? attachment.source : undefined);
  const seconds = Math.max(1, Math.round((attachment.durationMs ?? 0) / 1000));
  const toggle = () => {
    setIsWanted(true);
    if (isPlaying) sound.current?.pause();
    else sound.current?.play().catch(() => setIsPlaying(false));
  };
  if (address.kind === "failed") return <Dim text={t("timeline.notLoaded")} />;
  return (
    <UnstyledButton
      className={styles.bubble ?? ""}
      aria-label={isPlaying ? t("timeline.pause") : t("timeline.play", { seconds })}
      onClick={toggle}
    >
      <Group gap="xs" wrap="nowrap" miw={Math.min(220, 72 + seconds * 3)} mih={28}>
        {isPlaying ? <IconPlayerPause size={20} aria-hidden /> : <IconPlayerPlay size={20} aria-hidden />}
        <Text className="figures">{seconds}″</Text>
      </Group>
      {address.kind === "ready" && (
        // biome-ignore lint/a11y/useMediaCaption: nobody has written down what was said.
        <audio
          ref={sound}
          src={address.url}
          autoPlay
          onPlay={() => setIsPlaying(true)}
          onPause={() => setIsPlaying(false)}
        />
      )}
    </UnstyledButton>
  );
}
