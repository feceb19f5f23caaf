import { expect, test, vi } from "vitest";
import type { Device } from "../../matrix/devices";
import { type DeviceActs, DevicesModel } from "./devicesState";

const here: Device = { deviceId: "A", name: "Chrome · Linux", lastSeenAt: 1, isOwn: true, isSigned: true };
const phone: Device = { deviceId: "B", name: "Safari · iPhone", lastSeenAt: 2, isOwn: false, isSigned: true };

function around(acts: Partial<DeviceActs>) {
  const all = { list: async () => [here, phone], rename: vi.fn(), end: vi.fn(), ...acts };
  return { model: new DevicesModel(all), acts: all };
}

test("a list that cannot be loaded says so, and one that is shown stays", async () => {
  let isReachable = false;
  const { model } = around({
    list: async () => {
      if (!isReachable) throw new Error("no network");
      return [here];
    },
  });
  await model.load();
  expect(model.state.get().kind).toBe("failed");
  isReachable = true;
  await model.load();
  isReachable = false;
  await model.load();
  expect(model.state.get()).toEqual({ kind: "loaded", devices: [here] });
});

test("the others are signed out together, with one password", async () => {
  const { model, acts } = around({});
  await model.load();
  expect(await model.end(model.others, "secret")).toBe("done");
  expect(acts.end).toHaveBeenCalledWith(["B"], "secret");
});

test("a wrong password is told from a server that is not there", async () => {
  const refusal = Object.assign(new Error("refused"), { httpStatus: 401 });
  expect(await around({ end: () => Promise.reject(refusal) }).model.end([phone], "x")).toBe("wrongPassword");
  expect(await around({ end: () => Promise.reject(new Error("no network")) }).model.end([phone], "x")).toBe("failed");
});

test("a name that says nothing new is not sent", async () => {
  const { model, acts } = around({});
  expect(await model.rename(here, "  ")).toBe("done");
  expect(await model.rename(here, here.name)).toBe("done");
  expect(acts.rename).not.toHaveBeenCalled();
  expect(await model.rename(here, " 护士站电脑 ")).toBe("done");
  expect(acts.rename).toHaveBeenCalledWith("A", "护士站电脑");
});
