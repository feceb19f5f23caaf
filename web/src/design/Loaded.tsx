import { Button, Center, Loader, Stack, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface Props<T> {
  query: UseQueryResult<T>;
  children: (loaded: T) => ReactNode;
}

/** What was asked for, or that it is on its way, or that it failed and can be asked for again. */
export function Loaded<T>({ query, children }: Props<T>) {
  const { t } = useTranslation();
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    return (
      <Center p="xl">
        <Stack align="center" gap="xs">
          <Text c="dimmed">{t("people.failed")}</Text>
          <Button variant="light" onClick={() => query.refetch()}>
            {t("people.retry")}
          </Button>
        </Stack>
      </Center>
    );
  }
  return (
    <Center p="xl">
      <Loader size="sm" aria-label={t("people.loading")} />
    </Center>
  );
}
