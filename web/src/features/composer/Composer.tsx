import { ActionIcon, FileButton, Group, Text, Textarea } from "@mantine/core";
import { IconAlertCircle, IconCamera, IconMicrophone, IconPaperclip, IconSend2 } from "@tabler/icons-react";
import { type ClipboardEvent, type KeyboardEvent, lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import { hasCamera } from "../../platform/camera";
import type { Conversation } from "../../state/conversation";
import styles from "./Composer.module.css";
import { MentionList, useMentions } from "./Mentions";
import { ModeNote } from "./ModeNote";
import { TypingLine } from "./TypingLine";
import { VoiceRecorder } from "./VoiceRecorder";

const Camera = lazy(() => import("../camera/Camera"));

interface Props {
  conversation: Conversation;
  isReady: boolean;
}

/** What one is writing, and everything that can be sent beside words. */
export function Composer({ conversation, isReady }: Props) {
  const [isRecording, setIsRecording] = useState(false);
  return (
    <div className={styles.composer}>
      <TypingLine conversation={conversation} />
      <ModeNote draft={conversation.draft} />
      {isRecording ? (
        <VoiceRecorder conversation={conversation} close={() => setIsRecording(false)} />
      ) : (
        <Writing conversation={conversation} isReady={isReady} record={() => setIsRecording(true)} />
      )}
    </div>
  );
}

function Writing({ conversation, isReady, record }: Props & { record: () => void }) {
  const { t } = useTranslation();
  const { text, mode, isImportant } = useValue(conversation.draft.state);
  const field = useRef<HTMLTextAreaElement>(null);
  const mentions = useMentions(conversation, field);
  const target = mode.kind === "new" ? undefined : mode.item.id;
  // Whoever chose to answer or to edit goes on by writing.
  useEffect(() => {
    if (target !== undefined) field.current?.focus();
  }, [target]);
  const submit = () => {
    if (isReady) conversation.send();
  };
  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Enter also confirms a candidate of an input method, and must not send then.
    if (event.nativeEvent.isComposing || mentions.pressed(event)) return;
    if (event.key === "ArrowUp" && text === "" && mode.kind === "new" && conversation.editLast())
      event.preventDefault();
    if (event.key === "Escape" && mode.kind !== "new") conversation.draft.leave();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    submit();
  };
  const pasted = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0 || !isReady) return;
    event.preventDefault();
    conversation.attach(files);
  };
  return (
    <>
      <MentionList mentions={mentions} />
      {isImportant && (
        <Text size="xs" c="accent" px="sm" pt={4} role="status">
          {t("composer.importantOn")}
        </Text>
      )}
      <Group wrap="nowrap" align="flex-end" gap={4} p="xs">
        {mode.kind !== "edit" && <Tools conversation={conversation} isReady={isReady} isImportant={isImportant} />}
        <Textarea
          ref={field}
          className="grow"
          aria-label={t("composer.label")}
          placeholder={isReady ? t("composer.placeholder") : t("composer.waiting")}
          value={text}
          onChange={(event) => {
            conversation.typed(event.currentTarget.value);
            mentions.look(event.currentTarget.value, event.currentTarget.selectionStart);
          }}
          onKeyDown={pressed}
          onPaste={pasted}
          autosize
          minRows={1}
          maxRows={8}
          size="md"
        />
        {text === "" && mode.kind !== "edit" ? (
          <ActionIcon size={44} variant="subtle" onClick={record} disabled={!isReady} aria-label={t("composer.record")}>
            <IconMicrophone size={20} aria-hidden />
          </ActionIcon>
        ) : (
          <ActionIcon
            size={44}
            onClick={submit}
            disabled={!isReady}
            aria-label={t(mode.kind === "edit" ? "composer.save" : "composer.send")}
          >
            <IconSend2 size={20} aria-hidden />
          </ActionIcon>
        )}
      </Group>
    </>
  );
}

function Tools({ conversation, isReady, isImportant }: Props & { isImportant: boolean }) {
  const { t } = useTranslation();
  const [isCameraOpen, setIsCameraOpen] = useState(false);
  return (
    <>
      {isCameraOpen && (
        <Suspense>
          <Camera conversation={conversation} close={() => setIsCameraOpen(false)} />
        </Suspense>
      )}
      <FileButton multiple onChange={(files) => conversation.attach(files)} disabled={!isReady}>
        {(props) => (
          <ActionIcon {...props} size={44} variant="subtle" disabled={!isReady} aria-label={t("composer.attach")}>
            <IconPaperclip size={20} aria-hidden />
          </ActionIcon>
        )}
      </FileButton>
      {hasCamera() && (
        <ActionIcon
          size={44}
          variant="subtle"
          disabled={!isReady}
          aria-label={t("camera.open")}
          title={t("camera.open")}
          onClick={() => setIsCameraOpen(true)}
        >
          <IconCamera size={20} aria-hidden />
        </ActionIcon>
      )}
      <ActionIcon
        size={44}
        variant={isImportant ? "light" : "subtle"}
        aria-pressed={isImportant}
        aria-label={t("composer.important")}
        title={t("composer.important")}
        onClick={() => conversation.draft.toggleImportant()}
      >
        <IconAlertCircle size={20} aria-hidden />
      </ActionIcon>
    </>
  );
}
