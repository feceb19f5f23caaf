import { expect, test } from "vitest";
import type { Department } from "../matrix/staff";
import { treeOf } from "./tree";

function department(id: string, parent: string | null): Department {
  return { department_id: id, parent_id: parent, name: id, path: id, people: 0, people_below: 0 };
}

test("departments stand under their parents, in the order in which they came", () => {
  const tree = treeOf([department("a", null), department("b", "a"), department("c", null), department("d", "a")]);
  expect(tree.map((branch) => branch.department.name)).toEqual(["a", "c"]);
  expect(tree[0]?.branches.map((branch) => branch.department.name)).toEqual(["b", "d"]);
});

test("a department whose parent is not told stands at the top, and is not lost", () => {
  expect(treeOf([department("b", "unknown")]).map((branch) => branch.department.name)).toEqual(["b"]);
});
