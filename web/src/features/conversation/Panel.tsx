import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  title: string;
  close: () => void;
  children: ReactNode;
}

/** What is shown beside a conversation; on a phone it comes from below. */
export function Panel({ title, close, children }: Props) {
  const { t } = useTranslation();
  const isPhone = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  return (
    <Drawer
      opened
      onClose={close}
      title={title}
      closeButtonProps={{ "aria-label": t("conversation.viewer.close"), size: 44 }}
      position={isPhone ? "bottom" : "right"}
      size={isPhone ? "70%" : "sm"}
    >
      {children}
    </Drawer>
  );
}
