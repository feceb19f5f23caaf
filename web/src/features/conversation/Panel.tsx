import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useIsPhone } from "../../design/useIsPhone";

interface Props {
  title: string;
  close: () => void;
  children: ReactNode;
}

/** What is shown beside a conversation; on a phone it comes from below. */
export function Panel({ title, close, children }: Props) {
  const { t } = useTranslation();
  const isPhone = useIsPhone();
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
