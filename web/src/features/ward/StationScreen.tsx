import { Badge, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CriticalCase } from "../../matrix/criticalCases";
import type { KnownPerson } from "../../matrix/knownPeople";
import type { Access } from "../../state/access";
import { AlertLine } from "./AlertLine";
import { Clock } from "./Clock";
import { LockModel } from "./lockState";
import { Unlock } from "./Unlock";
import styles from "./Ward.module.css";

interface Props {
  name: string;
  cases: readonly CriticalCase[];
  isReachable: boolean;
  isSilent: boolean;
  access: Access;
  unlock: () => void;
}

/** A station's locked screen: where somebody is needed, and who may sign in to see why. */
export function StationScreen({ name, cases, isReachable, isSilent, access, unlock }: Props) {
  const { t } = useTranslation();
  const people = useOthers(access);
  const [model] = useState(() => new LockModel(undefined, (...opened) => access.unlocked(...opened)));
  return (
    <main className={styles.station}>
      <Stack justify="center" gap="lg" className={styles.clock ?? ""}>
        <Group gap="sm">
          <Badge size="xl" radius="sm">
            {t("ward.station")}
          </Badge>
          <Title order={1} size="h3">
            {name}
          </Title>
        </Group>
        <Clock />
        <AlertLine critical={cases.length} isReachable={isReachable} isSilent={isSilent} />
        <Cases cases={cases} />
      </Stack>
      <Stack align="center" justify="center" gap="xl" p="md">
        <Unlock
          model={model}
          title={t("ward.stationSignIn")}
          people={people}
          someoneElse={() => access.someoneElse()}
        />
        <Button variant="default" size="md" onClick={unlock}>
          {t("ward.stationOpen")}
        </Button>
      </Stack>
    </main>
  );
}

function Cases({ cases }: { cases: readonly CriticalCase[] }) {
  const { t, i18n } = useTranslation();
  if (cases.length === 0) return <Text>{t("ward.stationQuiet")}</Text>;
  return (
    <ul className={styles.cases} aria-label={t("ward.stationCases")}>
      {cases.map(({ eventId, place, at }) => (
        <li key={eventId} className={styles.case}>
          <Text size="xl" fw={600}>
            {place === "" ? t("ward.placeUnknown") : place}
          </Text>
          <Text className="figures">
            {new Date(at).toLocaleTimeString(i18n.language, { hour: "2-digit", minute: "2-digit", hour12: false })}
          </Text>
        </li>
      ))}
    </ul>
  );
}

function useOthers(access: Access): readonly KnownPerson[] {
  const [others, setOthers] = useState<readonly KnownPerson[]>([]);
  useEffect(() => {
    let isThere = true;
    access.others().then((found) => isThere && setOthers(found));
    return () => {
      isThere = false;
    };
  }, [access]);
  return others;
}
