/** A tree of departments from the flat list that the server gives, parents before their children. */
import type { Department } from "../matrix/staff";

export interface Branch {
  department: Department;
  branches: readonly Branch[];
}

export function treeOf(departments: readonly Department[]): readonly Branch[] {
  const under = new Map<string | null, Department[]>();
  const known = new Set(departments.map((each) => each.department_id));
  for (const department of departments) {
    const parent = department.parent_id !== null && known.has(department.parent_id) ? department.parent_id : null;
    under.set(parent, [...(under.get(parent) ?? []), department]);
  }
  const grow = (parent: string | null): readonly Branch[] =>
    (under.get(parent) ?? []).map((department) => ({ department, branches: grow(department.department_id) }));
  return grow(null);
}
