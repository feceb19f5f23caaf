import { Button, Center, Loader, Stack, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Scanner } from "../../platform/scanner";
import styles from "./Keys.module.css";

interface Props {
  seen: (picture: readonly number[], text: string) => void;
  back: () => void;
}

/** What the camera sees, until it sees a code. */
export function ScannerView({ seen, back }: Props) {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const [state, setState] = useState<"starting" | "looking" | "refused">("starting");
  const latest = useRef(seen);
  latest.current = seen;
  useEffect(() => {
    const scanner = new Scanner((...found) => latest.current(...found));
    if (video.current !== null) {
      scanner.start(video.current).then(
        () => setState("looking"),
        () => setState("refused"),
      );
    }
    return () => scanner.stop();
  }, []);
  return (
    <Stack align="center" gap="sm">
      {state === "refused" ? (
        <Text role="alert">{t("keys.noCamera")}</Text>
      ) : (
        <div className={styles.camera}>
          <video ref={video} muted playsInline aria-label={t("keys.cameraView")} />
          {state === "starting" && (
            <Center pos="absolute" inset={0}>
              <Loader aria-label={t("keys.cameraStarting")} />
            </Center>
          )}
        </div>
      )}
      <Button variant="default" size="md" onClick={back}>
        {t("keys.back")}
      </Button>
    </Stack>
  );
}
