import { useTranslation } from "react-i18next";
import { useServerNow } from "../../design/useServerNow";
import { minuteText } from "../../platform/time";
import type { Conversation } from "../../state/conversation";
import { tileOf } from "./tile";
import styles from "./Watermark.module.css";

// Soon enough after the server has told the time for the first time.
const LOOK_MS = 10_000;

/** Who reads here and when, over all that is read, where the room asks for it; on paper too. */
export function Watermark({ conversation }: { conversation: Conversation }) {
  return conversation.hasWatermark ? <Words conversation={conversation} /> : null;
}

function Words({ conversation }: { conversation: Conversation }) {
  const { i18n } = useTranslation();
  const now = useServerNow(conversation.clock, LOOK_MS);
  const { ownId } = conversation;
  const number = ownId.slice(1).split(":")[0] ?? "";
  const time = now === undefined ? "" : minuteText(now, i18n.language);
  const image = tileOf([conversation.nameOf(ownId), [number, time].filter(Boolean).join(" · ")]);
  return <div className={styles.watermark} style={{ backgroundImage: image }} aria-hidden data-watermark />;
}
