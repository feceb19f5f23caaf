import { expect, test, vi } from "vitest";
import { Updates } from "./updates";

class FakeWorkers {
  readonly waiting = { postMessage: vi.fn() };
  installing: { state: string; addEventListener: (type: string, changed: () => void) => void } | null = null;
  found = () => {};
  installed = () => {};
  changedOver = () => {};

  constructor(public controller: unknown) {}

  addEventListener(_type: string, changed: () => void): void {
    this.changedOver = changed;
  }

  async register() {
    return {
      waiting: null as { postMessage: (message: unknown) => void } | null,
      installing: {
        state: "installed",
        addEventListener: (_type: string, changed: () => void) => (this.installed = changed),
      },
      addEventListener: (_type: string, found: () => void) => (this.found = found),
      update: async () => undefined,
    };
  }
}

async function started(controller: unknown) {
  const workers = new FakeWorkers(controller);
  const acts: string[] = [];
  const updates = new Updates(
    workers,
    async () => void acts.push("settle"),
    () => acts.push("reload"),
  );
  await updates.start();
  return { workers, updates, acts };
}

test("the first worker of all is no newer version", async () => {
  const { workers, updates } = await started(null);
  workers.found();
  workers.installed();
  workers.changedOver();
  expect(updates.version.get()).toBe("current");
});

test("a newer version is told, and changes nothing by itself", async () => {
  const { workers, updates, acts } = await started({});
  workers.found();
  workers.installed();
  expect(updates.version.get()).toBe("newer");
  expect(acts).toEqual([]);
});

test("what is being written is stored before the page is loaded anew", async () => {
  const { workers, updates, acts } = await started({});
  workers.found();
  workers.installed();
  await updates.apply();
  workers.changedOver();
  expect(acts[0]).toBe("settle");
  expect(acts).toContain("reload");
});

test("when another tab has changed over, this one says so and does not reload", async () => {
  const { workers, updates, acts } = await started({});
  workers.changedOver();
  expect(updates.version.get()).toBe("newer");
  expect(acts).toEqual([]);
});
