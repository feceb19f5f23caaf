import { Alert, Anchor, Button, Drawer, Group, Stack, Text, Title } from "@mantine/core";
import { IconMessageCircle, IconPhone } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Portrait } from "../../design/Portrait";
import type { Colleague, DutyRole } from "../../matrix/staff";

interface Props {
  colleague: Colleague | undefined;
  duty: readonly DutyRole[];
  write: (userId: string) => Promise<void>;
  close: () => void;
}

export function PersonCard({ colleague, duty, write, close }: Props) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened={colleague !== undefined}
      onClose={close}
      position="right"
      title={t("people.title")}
      closeButtonProps={{ "aria-label": t("room.close"), size: 44 }}
      size="sm"
    >
      {colleague && <Card colleague={colleague} duty={duty} write={write} />}
    </Drawer>
  );
}

function Card({ colleague, duty, write }: { colleague: Colleague; duty: readonly DutyRole[]; write: Props["write"] }) {
  const { t } = useTranslation();
  const [state, setState] = useState<"idle" | "opening" | "failed">("idle");
  const roles = duty.filter((role) => role.person?.user_id === colleague.user_id).map((role) => role.role);
  const open = () => {
    setState("opening");
    write(colleague.user_id).catch(() => setState("failed"));
  };
  return (
    <Stack>
      <Group wrap="nowrap">
        <Portrait name={colleague.name} size="lg" />
        <Stack gap={0}>
          <Title order={2} size="h4">
            {colleague.name}
          </Title>
          <Text c="dimmed">{colleague.title}</Text>
        </Stack>
      </Group>
      {roles.length > 0 && <Text fw={600}>{t("people.onDuty", { roles: roles.join("、") })}</Text>}
      <Fact name={t("people.department")} value={colleague.department} />
      <Fact name={t("people.number")} value={colleague.employee_number} />
      {colleague.phone !== "" && (
        <Anchor href={`tel:${colleague.phone}`}>
          <Group gap="xs" mih={44}>
            <IconPhone size={18} aria-hidden />
            {colleague.phone}
          </Group>
        </Anchor>
      )}
      {state === "failed" && (
        <Alert color="orange" role="alert">
          {t("people.notWritten")}
        </Alert>
      )}
      <Button
        size="md"
        leftSection={<IconMessageCircle size={18} aria-hidden />}
        loading={state === "opening"}
        onClick={open}
      >
        {t("people.write")}
      </Button>
    </Stack>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <Group gap="xs" wrap="nowrap" align="baseline">
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text>{value}</Text>
    </Group>
  );
}
