import { expect, test } from "vitest";
import type { Arrival } from "../matrix/arrivals";
import { DEFAULT_WISHES, Notifier, type Outlet, type Wishes } from "./notifications";

const arrival: Arrival = { roomId: "!ward", roomName: "心内科", senderName: "李四", isDirect: false };

function around(wishes: Partial<Wishes>, outlet: Partial<Outlet> = {}) {
  const acts: string[] = [];
  const notifier = new Notifier(
    { get: () => ({ ...DEFAULT_WISHES, ...wishes }) },
    {
      isHidden: () => true,
      openRoom: () => undefined,
      show: async ({ title, roomId }) => void acts.push(`show ${title} ${roomId}`),
      ring: async () => void acts.push("ring"),
      words: ({ senderName }, shows) => ({ title: shows === "sender" ? senderName : "Myelin", body: "" }),
      now: () => 0,
      ...outlet,
    },
  );
  return { notifier, acts };
}

test("somebody who looks elsewhere sees who wrote, and hears it", async () => {
  const { notifier, acts } = around({});
  await notifier.arrived(arrival);
  expect(acts).toEqual(["ring", "show 李四 !ward"]);
});

test("whoever wants that sees only that something came, without a sound", async () => {
  const { notifier, acts } = around({ hasSound: false, shows: "nothing" });
  await notifier.arrived(arrival);
  expect(acts).toEqual(["show Myelin !ward"]);
});

test("whoever reads the room is not told, and another room only rings", async () => {
  const reading = around({}, { isHidden: () => false, openRoom: () => "!ward" });
  await reading.notifier.arrived(arrival);
  expect(reading.acts).toEqual([]);
  const elsewhere = around({}, { isHidden: () => false, openRoom: () => "!other" });
  await elsewhere.notifier.arrived(arrival);
  expect(elsewhere.acts).toEqual(["ring"]);
});

test("many messages at once ring once", async () => {
  let at = 0;
  const { notifier, acts } = around({}, { now: () => at });
  await notifier.arrived(arrival);
  await notifier.arrived(arrival);
  at = 2_000;
  await notifier.arrived(arrival);
  expect(acts.filter((act) => act === "ring")).toHaveLength(2);
});

test("nothing is told to whoever wants nothing, and a browser that stays silent is no fault", async () => {
  const off = around({ isOn: false });
  await off.notifier.arrived(arrival);
  expect(off.acts).toEqual([]);
  const mute = around({}, { ring: () => Promise.reject(new Error("no gesture yet")) });
  await mute.notifier.arrived(arrival);
  expect(mute.acts).toEqual(["show 李四 !ward"]);
});
