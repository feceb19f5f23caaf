import { ActionIcon, Group, Textarea } from "@mantine/core";
import { IconSend2 } from "@tabler/icons-react";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./Composer.module.css";

interface Props {
  isReady: boolean;
  send: (text: string) => void;
}

export function Composer({ isReady, send }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const submit = () => {
    if (text.trim() === "" || !isReady) return;
    send(text);
    setText("");
  };
  const pressed = (event: KeyboardEvent) => {
    // Enter also confirms a candidate of an input method, and must not send then.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };
  return (
    <Group className={styles.composer ?? ""} wrap="nowrap" align="flex-end" gap="xs" p="sm">
      <Textarea
        className="grow"
        aria-label={t("composer.label")}
        placeholder={isReady ? t("composer.placeholder") : t("composer.waiting")}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={pressed}
        autosize
        minRows={1}
        maxRows={8}
        size="md"
      />
      <ActionIcon size={42} onClick={submit} disabled={!isReady} aria-label={t("composer.send")}>
        <IconSend2 size={20} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
