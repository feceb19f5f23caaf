import { Anchor, Center } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

const PATIENCE_MS = 120_000;

/** The way back from signing in to those who are here already; taken by itself where nobody goes on. */
export function Returning({ back }: { back: () => void }) {
  const { t } = useTranslation();
  const latest = useRef(back);
  latest.current = back;
  useEffect(() => {
    let timer = setTimeout(() => latest.current(), PATIENCE_MS);
    const touched = () => {
      clearTimeout(timer);
      timer = setTimeout(() => latest.current(), PATIENCE_MS);
    };
    window.addEventListener("keydown", touched);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("keydown", touched);
    };
  }, []);
  return (
    <Center component="nav" pt="md" aria-label={t("ward.back")}>
      <Anchor component="button" type="button" mih={44} onClick={back}>
        {t("ward.back")}
      </Anchor>
    </Center>
  );
}
