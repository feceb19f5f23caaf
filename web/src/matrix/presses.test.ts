import { expect, test } from "vitest";
import type { Content } from "./content";
import { latestPress, Presses } from "./presses";

interface Sending {
  txnId: string;
  content: Content;
  end: (isAccepted: boolean) => void;
}

/** A homeserver that answers when the test says so. */
function aServer() {
  const sendings: Sending[] = [];
  let ids = 0;
  const presses = new Presses(
    (_room, txnId, content) =>
      new Promise((resolve, reject) => {
        const end = (isAccepted: boolean) => (isAccepted ? resolve("$action") : reject(new Error("offline")));
        sendings.push({ txnId, content, end });
      }),
    () => `id${++ids}`,
  );
  return { presses, sendings, now: () => presses.current.get().get("$card") };
}

const RECEIVE = { case: "cv-0017", rev: 3, action: "receive", input: null };

test("a button is pressed once until that is sent", async () => {
  const { presses, sendings, now } = aServer();
  const pressing = presses.press("!r", "$card", RECEIVE);
  presses.press("!r", "$card", RECEIVE);
  expect(now()).toMatchObject({ delivery: "sending", uuid: "id1" });
  expect(sendings).toHaveLength(1);
  sendings[0]?.end(true);
  await pressing;
  expect(now()).toMatchObject({ delivery: "sent", at: 0 });
  expect(sendings[0]?.content).toEqual({
    v: 1,
    ...RECEIVE,
    uuid: "id1",
    "m.relates_to": { rel_type: "m.reference", event_id: "$card" },
  });
});

test("what did not get through is sent again as the same, in the same transaction", async () => {
  const { presses, sendings, now } = aServer();
  const pressing = presses.press("!r", "$card", RECEIVE);
  sendings[0]?.end(false);
  await pressing;
  const failed = now();
  expect(failed?.delivery).toBe("failed");
  if (failed !== undefined) presses.again("!r", "$card", failed);
  expect(sendings.map(({ txnId, content }) => [txnId, content.uuid])).toEqual([
    ["id1", "id1"],
    ["id1", "id1"],
  ]);
});

test("what the system has not answered is said again as the same, in an event of its own", async () => {
  const { presses, sendings } = aServer();
  presses.again("!r", "$card", { ...RECEIVE, uuid: "old", at: 5, delivery: "sent" });
  expect(sendings[0]).toMatchObject({ txnId: "id1", content: { uuid: "old" } });
});

test("the room knows better when something was pressed, this device whether it is on its way", () => {
  const heard = { ...RECEIVE, uuid: "a", at: 5, delivery: "sent" } as const;
  expect(latestPress(undefined, heard)).toBe(heard);
  expect(latestPress({ ...heard, at: 0 }, heard)).toBe(heard);
  expect(latestPress({ ...heard, at: 0, delivery: "sending" }, heard)).toMatchObject({ delivery: "sending" });
  expect(latestPress({ ...heard, uuid: "b", at: 0 }, heard)).toMatchObject({ uuid: "b" });
  expect(latestPress(undefined, undefined)).toBeUndefined();
});
