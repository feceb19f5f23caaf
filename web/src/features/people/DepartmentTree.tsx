import { NavLink, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Branch } from "../../state/tree";

interface Props {
  branches: readonly Branch[];
  chosen: string | undefined;
  choose: (departmentId: string) => void;
}

export function DepartmentTree({ branches, chosen, choose }: Props) {
  const { t } = useTranslation();
  return branches.map(({ department, branches: below }) => (
    <NavLink
      key={department.department_id}
      component="button"
      label={department.name}
      rightSection={
        <Text size="xs" c="dimmed">
          {t("people.count", { count: department.people_below })}
        </Text>
      }
      active={department.department_id === chosen}
      onClick={() => choose(department.department_id)}
      defaultOpened
      disableRightSectionRotation
      mih={44}
    >
      {below.length > 0 ? <DepartmentTree branches={below} chosen={chosen} choose={choose} /> : null}
    </NavLink>
  ));
}
