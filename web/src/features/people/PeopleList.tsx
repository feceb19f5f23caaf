import { Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { VList } from "virtua";
import { Portrait } from "../../design/Portrait";
import type { Colleague } from "../../matrix/staff";
import styles from "./People.module.css";

interface Props {
  people: readonly Colleague[];
  empty: string;
  choose: (colleague: Colleague) => void;
}

export function PeopleList({ people, empty, choose }: Props) {
  if (people.length === 0) {
    return (
      <Text c="dimmed" p="lg">
        {empty}
      </Text>
    );
  }
  return (
    <VList className={styles.scroll ?? ""}>
      {people.map((person) => (
        <UnstyledButton key={person.user_id} className={styles.row ?? ""} onClick={() => choose(person)}>
          <Group wrap="nowrap" gap="sm">
            <Portrait name={person.name} />
            <Stack gap={0} className="grow">
              <Text truncate>{person.name}</Text>
              <Text size="sm" c="dimmed" truncate>
                {[person.department.split("/").at(-1), person.title].filter(Boolean).join(" · ")}
              </Text>
            </Stack>
            <Text size="sm" c="dimmed" className="figures">
              {person.phone}
            </Text>
          </Group>
        </UnstyledButton>
      ))}
    </VList>
  );
}
