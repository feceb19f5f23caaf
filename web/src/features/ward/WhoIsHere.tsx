import { Button, Stack, Text } from "@mantine/core";
import { IconUser, IconUserPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { KnownPerson } from "../../matrix/knownPeople";

interface Props {
  title: string;
  people: readonly KnownPerson[];
  choose: (person: KnownPerson) => void;
  someoneElse: () => void;
}

/** Whose desks are on this computer; names only. */
export function WhoIsHere({ title, people, choose, someoneElse }: Props) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs" w={300} maw="100%">
      <Text ta="center">{title}</Text>
      {people.map((person) => (
        <Button
          key={person.userId}
          variant="default"
          size="lg"
          justify="start"
          leftSection={<IconUser size={20} aria-hidden />}
          onClick={() => choose(person)}
        >
          {person.name}
        </Button>
      ))}
      <Button
        variant="subtle"
        size="lg"
        justify="start"
        leftSection={<IconUserPlus size={20} aria-hidden />}
        onClick={someoneElse}
      >
        {t("ward.someoneElse")}
      </Button>
    </Stack>
  );
}
