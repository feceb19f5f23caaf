import { Alert, Text } from "@mantine/core";
import { IconBellRinging, IconBellX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

interface Props {
  critical: number;
  isReachable: boolean;
  /** Whether the browser lets this page not sound yet. */
  isSilent: boolean;
}

/** What is critical and unread, as a number; and whether this screen can ring at all. */
export function AlertLine({ critical, isReachable, isSilent }: Props) {
  const { t } = useTranslation();
  return (
    <div role="status">
      {critical > 0 && (
        <Alert color="red" variant="filled" icon={<IconBellRinging aria-hidden />} mb="sm">
          <Text size="xl" fw={600}>
            {t("ward.critical", { count: critical })}
          </Text>
        </Alert>
      )}
      {!isReachable && (
        <Alert color="orange" icon={<IconBellX aria-hidden />}>
          {t("ward.cannotRing")}
        </Alert>
      )}
      {isReachable && isSilent && (
        <Alert color="orange" icon={<IconBellX aria-hidden />}>
          {t("ward.touchToRing")}
        </Alert>
      )}
    </div>
  );
}
