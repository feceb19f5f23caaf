import { Stack, Title } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import { Alerts } from "../../matrix/alerts";
import type { KnownPerson } from "../../matrix/knownPeople";
import { Bell } from "../../platform/ring";
import { derived } from "../../platform/value";
import type { Access } from "../../state/access";
import { Ringing } from "../../state/ringing";
import { AlertLine } from "./AlertLine";
import { Clock } from "./Clock";
import { LockModel } from "./lockState";
import { Unlock } from "./Unlock";
import styles from "./Ward.module.css";

interface Props {
  access: Access;
  people: readonly KnownPerson[];
  last: KnownPerson | undefined;
}

/** A computer on which nobody works: the time, who may come back, and a bell for what is critical. */
export default function LockScreen({ access, people, last }: Props) {
  const { t } = useTranslation();
  const [model] = useState(() => new LockModel(last ?? onlyOne(people), (...opened) => access.unlocked(...opened)));
  return (
    <main className={styles.locked}>
      <Title order={1} className="unseen">
        {t("ward.lock")}
      </Title>
      <Stack justify="center" gap="lg" className={styles.clock ?? ""}>
        <Clock />
        {last !== undefined && <Bells person={last} />}
      </Stack>
      <div className={styles.unlock}>
        <Unlock model={model} title={t("ward.who")} people={people} someoneElse={() => access.someoneElse()} />
      </div>
    </main>
  );
}

/** Rings for whoever was here last, until somebody has opened a desk. */
function Bells({ person }: { person: KnownPerson }) {
  const [{ alerts, ringing, bell }] = useState(() => {
    const [alerts, bell] = [new Alerts(person), new Bell()];
    const critical = derived(alerts.state, (state) => state.critical);
    return { alerts, bell, ringing: new Ringing(critical, () => bell.ring()) };
  });
  useEffect(() => {
    const stops = [alerts.start(), ringing.start()];
    const touched = () => ringing.touched();
    window.addEventListener("pointerdown", touched);
    return () => {
      window.removeEventListener("pointerdown", touched);
      for (const stop of stops) stop();
      bell.close();
    };
  }, [alerts, ringing, bell]);
  return <AlertLine {...useValue(alerts.state)} {...useValue(ringing.state)} />;
}

function onlyOne(people: readonly KnownPerson[]): KnownPerson | undefined {
  return people.length === 1 ? people[0] : undefined;
}
