import { expect, test } from "vitest";
import type { Service } from "../matrix/services";
import type { Colleague, DutyRole } from "../matrix/staff";
import { type Directory, phoneFor, ServiceWatch } from "./serviceWatch";

const NOW = 1_764_000_000_000;

function someone(phone: string): Colleague {
  return {
    user_id: "",
    employee_number: "",
    name: "",
    department: "",
    title: "",
    profession: "",
    display_name: "",
    phone,
  };
}

function duty(department_id: string | null, phone: string | undefined): DutyRole {
  const person = phone === undefined ? null : someone(phone);
  return { role: "", department_id, department: null, person, until: null, fallback: false, answering_role: null };
}

function aDirectory(roles: readonly DutyRole[], people: readonly Colleague[] = []): Directory {
  const department = {
    department_id: "lab",
    parent_id: null,
    name: "检验科",
    path: "检验科",
    people: 1,
    people_below: 1,
  };
  return {
    departments: async () => [department],
    duty: async (id) => (id === undefined ? roles : roles.filter(({ department_id }) => department_id === id)),
    peopleOf: async () => people,
  };
}

test("the telephone is that of the duty, else of somebody there, else of the last resort", async () => {
  const all = [duty("lab", "6301"), duty(null, "8000")];
  expect(await phoneFor("检验科", aDirectory(all))).toBe("6301");
  expect(await phoneFor("检验科", aDirectory([duty("lab", undefined), duty(null, "8000")], [someone("6302")]))).toBe(
    "6302",
  );
  expect(await phoneFor("检验科", aDirectory([duty(null, "8000")]))).toBe("8000");
  expect(await phoneFor("手术室", aDirectory(all))).toBe("8000");
  expect(await phoneFor("手术室", aDirectory([]))).toBeUndefined();
});

/** A watch whose every wait is a step of the test. */
function aWatch(ask: () => Promise<readonly Service[]>, serverNow: () => number | undefined = () => NOW) {
  const waits: { act: () => void; ms: number }[] = [];
  const watch = new ServiceWatch({
    ask: async () => ({ services: await ask(), linkHosts: ["reports.hospital.test"] }),
    directory: aDirectory([duty("lab", "6301")]),
    serverNow,
    later: (act, ms) => {
      const wait = { act, ms };
      waits.push(wait);
      return () => waits.splice(waits.indexOf(wait), 1);
    },
  });
  return { watch, waits };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const lab = (silentMs: number): Service => ({ userId: "@_lab:h", title: "检验科", lastAlive: NOW - silentMs });

test("a system is silent after a minute, named with the telephone, and not before", async () => {
  const { watch } = aWatch(async () => [lab(61_000), { ...lab(59_000), userId: "@_or:h" }]);
  watch.start();
  await settled();
  expect(watch.silent.get()).toEqual([{ userId: "@_lab:h", title: "检验科", minutes: 1, phone: "6301" }]);
  expect(watch.linkHosts.get()).toEqual(["reports.hospital.test"]);
  watch.stop();
});

test("a system that was never alive is not in use, and without the server's time nothing is said", async () => {
  const never = aWatch(async () => [{ ...lab(0), lastAlive: 0 }]);
  never.watch.start();
  const timeless = aWatch(
    async () => [lab(900_000)],
    () => undefined,
  );
  timeless.watch.start();
  await settled();
  expect([never.watch.silent.get(), timeless.watch.silent.get()]).toEqual([[], []]);
});

test("a network that fails is asked more and more rarely, and changes nothing that is known", async () => {
  let isFailing = false;
  const { watch, waits } = aWatch(async () => {
    if (isFailing) throw new Error("offline");
    return [lab(120_000)];
  });
  watch.start();
  await settled();
  isFailing = true;
  const pauses: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    const wait = waits.pop();
    pauses.push(wait?.ms ?? 0);
    wait?.act();
    await settled();
  }
  expect(pauses).toEqual([20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
  expect(watch.silent.get()).toHaveLength(1);
  watch.stop();
  expect(waits).toEqual([]);
});
