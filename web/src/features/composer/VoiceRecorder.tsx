import { ActionIcon, Group, Text } from "@mantine/core";
import { IconSend2, IconTrash } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Recording } from "../../platform/voice";
import type { Conversation } from "../../state/conversation";

/** A voice message while it is spoken. Leaving the conversation ends it, and the microphone with it. */
export function VoiceRecorder({ conversation, close }: { conversation: Conversation; close: () => void }) {
  const { t } = useTranslation();
  const [seconds, setSeconds] = useState(0);
  const recording = useRef<Recording>(undefined);
  const leave = useRef(close);
  useEffect(() => {
    let isWanted = true;
    conversation
      .trying("record", async () => {
        const started = await Recording.start();
        if (!isWanted) return started.cancel();
        recording.current = started;
      })
      .then(() => isWanted && recording.current === undefined && leave.current());
    const timer = setInterval(() => recording.current && setSeconds((before) => before + 1), 1000);
    return () => {
      isWanted = false;
      clearInterval(timer);
      recording.current?.cancel();
    };
  }, [conversation]);
  const send = async () => {
    const finished = await recording.current?.finish();
    close();
    if (finished !== undefined) conversation.sendVoice(finished.blob, finished.durationMs, t("composer.voiceName"));
  };
  return (
    <Group p="xs" gap="sm" wrap="nowrap">
      <ActionIcon size={44} variant="subtle" color="gray" onClick={close} aria-label={t("composer.cancelVoice")}>
        <IconTrash size={20} aria-hidden />
      </ActionIcon>
      <div className="grow">
        <Text className="figures" role="status">
          {t("composer.recording", { seconds })}
        </Text>
        {conversation.isClinical && (
          <Text size="xs" c="dimmed">
            {t("composer.voiceNote")}
          </Text>
        )}
      </div>
      <ActionIcon size={44} onClick={send} aria-label={t("composer.sendVoice")}>
        <IconSend2 size={20} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
