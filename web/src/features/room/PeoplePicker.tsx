import { Checkbox, Group, Loader, NativeSelect, Pill, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Colleague, Staff } from "../../matrix/staff";
import styles from "./PeoplePicker.module.css";

const TYPING_MS = 150;

export interface Chosen {
  userId: string;
  name: string;
}

interface Props {
  staff: Staff;
  /** Who cannot be chosen: oneself, and whoever is in the room already. */
  without: readonly string[];
  chosen: readonly Chosen[];
  choose: (chosen: readonly Chosen[]) => void;
}

/** Colleagues to choose from, by name, pinyin or number, or a department at a time. */
export function PeoplePicker({ staff, without, chosen, choose }: Props) {
  const { t } = useTranslation();
  const [term, setTerm] = useState("");
  const [department, setDepartment] = useState("");
  const departments = useQuery({ queryKey: ["departments"], queryFn: () => staff.departments() });
  const [settled] = useDebouncedValue(term.trim(), TYPING_MS);
  const found = useQuery({
    queryKey: ["people", settled, department],
    queryFn: () => (settled !== "" ? staff.found(settled) : staff.peopleOf(department)),
    enabled: settled !== "" || department !== "",
    placeholderData: (before) => before,
  });
  const people = (found.data ?? []).filter((person) => !without.includes(person.user_id));
  const remove = (userId: string) => choose(chosen.filter((each) => each.userId !== userId));
  return (
    <Stack gap="sm">
      <TextInput
        type="search"
        size="md"
        label={t("room.people")}
        placeholder={t("room.peopleSearch")}
        leftSection={<IconSearch size={18} aria-hidden />}
        value={term}
        onChange={(event) => setTerm(event.currentTarget.value)}
      />
      <NativeSelect
        size="md"
        aria-label={t("room.department")}
        value={department}
        onChange={(event) => {
          setDepartment(event.currentTarget.value);
          setTerm("");
        }}
        data={[
          { value: "", label: t("room.anyDepartment") },
          ...(departments.data ?? []).map((each) => ({ value: each.department_id, label: each.path })),
        ]}
      />
      {chosen.length > 0 && (
        <Pill.Group>
          {chosen.map(({ userId, name }) => (
            <Pill
              key={userId}
              size="lg"
              withRemoveButton
              removeButtonProps={{ "aria-label": t("room.unchoose", { name }), "aria-hidden": false, tabIndex: 0 }}
              onRemove={() => remove(userId)}
            >
              {name}
            </Pill>
          ))}
        </Pill.Group>
      )}
      <ScrollArea.Autosize mah={280} viewportProps={{ tabIndex: 0, role: "group", "aria-label": t("room.found") }}>
        {found.isFetching && people.length === 0 && <Loader size="sm" aria-label={t("people.loading")} />}
        {found.isSuccess && people.length === 0 && <Text c="dimmed">{t("people.nobody")}</Text>}
        {people.map((person) => (
          <Choice
            key={person.user_id}
            person={person}
            isChosen={chosen.some((each) => each.userId === person.user_id)}
            toggle={(isChosen) =>
              isChosen ? choose([...chosen, { userId: person.user_id, name: person.name }]) : remove(person.user_id)
            }
          />
        ))}
      </ScrollArea.Autosize>
    </Stack>
  );
}

interface ChoiceProps {
  person: Colleague;
  isChosen: boolean;
  toggle: (isChosen: boolean) => void;
}

function Choice({ person, isChosen, toggle }: ChoiceProps) {
  return (
    <Checkbox
      classNames={{ body: styles.choice ?? "", label: styles.choiceLabel ?? "" }}
      size="md"
      checked={isChosen}
      onChange={(event) => toggle(event.currentTarget.checked)}
      label={
        <Group gap="xs" wrap="nowrap">
          <Text>{person.name}</Text>
          <Text size="sm" c="dimmed" truncate>
            {[person.department.split("/").at(-1), person.title].filter(Boolean).join(" · ")}
          </Text>
        </Group>
      }
    />
  );
}
