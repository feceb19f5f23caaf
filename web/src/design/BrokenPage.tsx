import { Button, Center, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** Stands where a page could not be drawn: never nothing. */
export function BrokenPage() {
  const { t } = useTranslation();
  const leave = () => {
    location.hash = "#/rooms";
    location.reload();
  };
  return (
    <Center h="100%" p="md">
      <Stack align="center">
        <Text role="alert">{t("app.broken")}</Text>
        <Button onClick={leave}>{t("app.toRooms")}</Button>
      </Stack>
    </Center>
  );
}
