import { Button, CloseButton, Group, Progress, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { Upload, Uploads } from "../../matrix/uploads";

/** Files on their way: how far they are, and how to stop or try again. */
export function UploadRows({ uploads }: { uploads: Uploads }) {
  const current = useValue(uploads.current);
  return current.map((upload) => <UploadRow key={upload.id} upload={upload} uploads={uploads} />);
}

function UploadRow({ upload, uploads }: { upload: Upload; uploads: Uploads }) {
  const { t } = useTranslation();
  const { id, name, part, refusal } = upload;
  const words = refusal === undefined ? t("composer.uploading", { name }) : t("composer.uploadFailed", { name });
  return (
    <Group wrap="nowrap" px="sm" gap="sm" mih={44}>
      <div className="grow">
        <Text size="sm" truncate c={refusal === undefined ? "dimmed" : "orange"} role="status">
          {words}
          {refusal !== undefined && ` · ${t(`conversation.trouble.${refusal}`)}`}
        </Text>
        {refusal === undefined && <Progress value={part * 100} size="xs" aria-label={words} />}
      </div>
      {refusal !== undefined && (
        <Button variant="light" size="sm" h={44} onClick={() => uploads.retry(id)}>
          {t("composer.retryUpload")}
        </Button>
      )}
      <CloseButton size={44} aria-label={t("composer.cancelUpload", { name })} onClick={() => uploads.cancel(id)} />
    </Group>
  );
}
