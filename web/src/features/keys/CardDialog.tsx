import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import { hasCamera } from "../../platform/scanner";
import { ScannerView } from "./ScannerView";
import type { UnlockModel } from "./unlockState";

/** The recovery card, typed or scanned. */
export default function CardDialog({ model, close }: { model: UnlockModel; close: () => void }) {
  const { t } = useTranslation();
  const state = useValue(model.state);
  const [typed, setTyped] = useState("");
  const [isScanning, setIsScanning] = useState(false);
  const give = async (text: string) => {
    if (await model.submitCard(text)) close();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void give(typed);
  };
  const seen = (_picture: readonly number[], text: string) => {
    setIsScanning(false);
    setTyped(text);
    void give(text);
  };
  const trouble = { asking: undefined, working: undefined, wrong: t("keys.cardWrong"), failed: t("keys.unlockFailed") };
  return (
    <Modal
      opened
      onClose={close}
      title={t("keys.byCard")}
      closeButtonProps={{ "aria-label": t("keys.close") }}
      centered
    >
      {isScanning ? (
        <ScannerView seen={seen} back={() => setIsScanning(false)} />
      ) : (
        <Stack component="form" onSubmit={submit}>
          <Text size="sm">{t("keys.cardHow")}</Text>
          <Textarea
            aria-label={t("keys.cardText")}
            placeholder="EsTb AAAA BBBB …"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            error={trouble[state]}
            autoComplete="off"
            spellCheck={false}
            autosize
            minRows={2}
            size="md"
            required
          />
          <Group justify="space-between">
            {hasCamera() ? (
              <Button variant="default" size="md" onClick={() => setIsScanning(true)}>
                {t("keys.scanCard")}
              </Button>
            ) : (
              <span />
            )}
            <Button type="submit" size="md" loading={state === "working"}>
              {t("keys.unlock")}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
