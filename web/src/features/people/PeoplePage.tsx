import { CloseButton, ScrollArea, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../design/Loaded";
import type { Colleague, Staff } from "../../matrix/staff";
import { treeOf } from "../../state/tree";
import { DepartmentTree } from "./DepartmentTree";
import styles from "./People.module.css";
import { PeopleList } from "./PeopleList";
import { PersonCard } from "./PersonCard";

const TYPING_MS = 150;

interface Props {
  staff: Staff;
  write: (userId: string) => Promise<void>;
}

export function PeoplePage({ staff, write }: Props) {
  const { t } = useTranslation();
  const [term, setTerm] = useState("");
  const [department, setDepartment] = useState<string>();
  const [colleague, setColleague] = useState<Colleague>();
  const duty = useQuery({ queryKey: ["duty"], queryFn: () => staff.duty() });
  return (
    <main className={styles.page} data-chosen={department !== undefined || term !== ""}>
      <h1 className="unseen">{t("people.title")}</h1>
      <div className={styles.search}>
        <TextInput
          type="search"
          size="md"
          aria-label={t("people.search")}
          placeholder={t("people.search")}
          leftSection={<IconSearch size={18} aria-hidden />}
          rightSection={
            (term !== "" || department !== undefined) && (
              <CloseButton
                size={44}
                aria-label={t("people.back")}
                onClick={() => {
                  setTerm("");
                  setDepartment(undefined);
                }}
              />
            )
          }
          value={term}
          onChange={(event) => setTerm(event.currentTarget.value)}
        />
      </div>
      <Departments staff={staff} chosen={department} choose={setDepartment} />
      <section className={styles.list}>
        <Found staff={staff} term={term} department={department} choose={setColleague} />
      </section>
      <PersonCard colleague={colleague} duty={duty.data ?? []} write={write} close={() => setColleague(undefined)} />
    </main>
  );
}

interface DepartmentsProps {
  staff: Staff;
  chosen: string | undefined;
  choose: (departmentId: string) => void;
}

function Departments({ staff, chosen, choose }: DepartmentsProps) {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ["departments"], queryFn: () => staff.departments() });
  const branches = useMemo(() => treeOf(query.data ?? []), [query.data]);
  return (
    <ScrollArea className={styles.tree ?? ""} component="nav" aria-label={t("people.departments")}>
      <Loaded query={query}>{() => <DepartmentTree branches={branches} chosen={chosen} choose={choose} />}</Loaded>
    </ScrollArea>
  );
}

interface FoundProps {
  staff: Staff;
  term: string;
  department: string | undefined;
  choose: (colleague: Colleague) => void;
}

function Found({ staff, term, department, choose }: FoundProps) {
  const { t } = useTranslation();
  const [settled] = useDebouncedValue(term.trim(), TYPING_MS);
  const query = useQuery({
    queryKey: ["people", settled, department],
    queryFn: () => (settled !== "" ? staff.found(settled) : staff.peopleOf(department ?? "")),
    enabled: settled !== "" || department !== undefined,
    placeholderData: (before) => before,
  });
  if (settled === "" && department === undefined) {
    return (
      <Text c="dimmed" p="lg">
        {t("people.choose")}
      </Text>
    );
  }
  const empty = settled === "" ? t("people.noPeople") : t("people.nobody");
  return <Loaded query={query}>{(people) => <PeopleList people={people} empty={empty} choose={choose} />}</Loaded>;
}
