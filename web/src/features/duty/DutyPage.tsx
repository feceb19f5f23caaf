import { ActionIcon, Button, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconMessageCircle, IconPhone, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { VList } from "virtua";
import { Loaded } from "../../design/Loaded";
import { Portrait } from "../../design/Portrait";
import type { DutyRole, Staff } from "../../matrix/staff";
import { clockTime } from "../../platform/time";
import styles from "./Duty.module.css";

const AGAIN_MS = 60_000;

interface Props {
  staff: Staff;
  write: (userId: string) => Promise<void>;
}

/** Who answers at this moment, for every role; asked for anew each minute. */
export function DutyPage({ staff, write }: Props) {
  const { t } = useTranslation();
  const [term, setTerm] = useState("");
  const query = useQuery({ queryKey: ["duty"], queryFn: () => staff.duty(), refetchInterval: AGAIN_MS });
  return (
    <main className={styles.page}>
      <Group p="sm" justify="space-between">
        <Title order={1} size="h4">
          {t("duty.title")}
        </Title>
        <TextInput
          type="search"
          size="md"
          className={styles.filter ?? ""}
          aria-label={t("duty.filter")}
          placeholder={t("duty.filter")}
          leftSection={<IconSearch size={18} aria-hidden />}
          value={term}
          onChange={(event) => setTerm(event.currentTarget.value)}
        />
      </Group>
      <Loaded query={query}>{(roles) => <Roles roles={roles} term={term.trim()} write={write} />}</Loaded>
    </main>
  );
}

function Roles({ roles, term, write }: { roles: readonly DutyRole[]; term: string; write: Props["write"] }) {
  const { t } = useTranslation();
  const shown = roles.filter((role) => `${role.role} ${role.department ?? ""}`.includes(term));
  if (shown.length === 0) {
    return (
      <Text c="dimmed" p="lg">
        {roles.length === 0 ? t("duty.empty") : t("duty.noneFits")}
      </Text>
    );
  }
  return (
    <VList className={styles.list ?? ""}>
      {shown.map((role) => (
        <RoleLine key={role.role} role={role} write={write} />
      ))}
    </VList>
  );
}

function RoleLine({ role, write }: { role: DutyRole; write: Props["write"] }) {
  const { t, i18n } = useTranslation();
  const { person } = role;
  const [isRefused, setIsRefused] = useState(false);
  const open = (userId: string) => {
    setIsRefused(false);
    write(userId).catch(() => setIsRefused(true));
  };
  const notes = [
    role.fallback && role.answering_role !== null && t("duty.instead", { role: role.answering_role }),
    role.until !== null && t("duty.until", { time: clockTime(role.until, i18n.language) }),
  ];
  return (
    <Group className={styles.line ?? ""} wrap="nowrap" component="article" aria-label={role.role}>
      <Portrait name={person?.name ?? "?"} />
      <Stack gap={0} className="grow">
        <Text fw={600}>{role.role}</Text>
        <Text>{person?.display_name ?? t("duty.nobody")}</Text>
        <Text size="sm" c="dimmed">
          {notes.filter(Boolean).join(" · ")}
        </Text>
        {isRefused && (
          <Text size="sm" c="orange" role="alert">
            {t("people.notWritten")}
          </Text>
        )}
      </Stack>
      {person !== null && person.phone !== "" && (
        <Button
          component="a"
          href={`tel:${person.phone}`}
          variant="light"
          size="md"
          leftSection={<IconPhone size={18} aria-hidden />}
          aria-label={t("duty.call", { phone: person.phone })}
        >
          {person.phone}
        </Button>
      )}
      {person !== null && (
        <ActionIcon size={44} variant="light" onClick={() => open(person.user_id)} aria-label={t("duty.write")}>
          <IconMessageCircle size={20} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}
