import "fake-indexeddb/auto";
import { expect, test, vi } from "vitest";
import { SealedRecords } from "../platform/sealedRecords";
import { aesKey, randomBytes } from "../platform/sealing";
import { Unreachable } from "./homeserver";
import { Outbox, type Outgoing } from "./outbox";
import { SealedOutboxStore } from "./outboxStore";

/** A server that accepts each transaction once, and a network that can be cut. */
class Hospital {
  readonly accepted: string[] = [];
  readonly asked: string[] = [];
  isReachable = true;
  answersAreLost = false;
  refuses = new Set<unknown>();
  waiting: (() => void)[] = [];

  async upload(_room: string, file: { name: string }) {
    if (!this.isReachable) throw new Unreachable();
    return { msgtype: "m.file", body: file.name };
  }

  async send(_room: string, txnId: string, content: { body?: unknown }) {
    if (!this.isReachable) throw new Unreachable();
    if (this.refuses.has(content.body)) throw new Error("refused");
    if (!this.accepted.includes(`${txnId} ${content.body}`)) this.accepted.push(`${txnId} ${content.body}`);
    if (this.answersAreLost) throw new Unreachable();
    return `$${txnId}`;
  }

  async ask(_room: string, eventId: string) {
    if (!this.isReachable) throw new Unreachable();
    this.asked.push(eventId);
  }
}

let names = 0;

async function aStore() {
  names += 1;
  return new SealedOutboxStore(new SealedRecords(indexedDB, `outbox ${names}`, await aesKey(randomBytes(32))));
}

function anOutbox(store: SealedOutboxStore, hospital: Hospital): Outbox {
  let count = 0;
  return new Outbox(store, hospital, {
    mayWrite: () => true,
    now: () => 1_764_000_000_000 + count,
    newId: () => `m${names}-${++count}`,
    later: (act) => hospital.waiting.push(act),
  });
}

const says = (body: string) => ({ roomId: "!ward", content: { msgtype: "m.text", body } });
const bodies = (hospital: Hospital) => hospital.accepted.map((each) => each.split(" ")[1]);
/** Wait until what the network made of each is this. */
function become(outbox: Outbox, expected: readonly string[]) {
  return vi.waitFor(() => expect(stages(outbox)).toEqual(expected), { interval: 1 });
}

/** Wait until nothing is left to be sent after a reload. */
function emptied(store: SealedOutboxStore) {
  return vi.waitFor(async () => expect(await store.all()).toEqual([]), { interval: 1 });
}

const stages = (outbox: Outbox) => outbox.entries.get().map(({ stage }: Outgoing) => stage);

test("what is written without a network survives a reload and arrives once, in order", async () => {
  const [store, hospital] = [await aStore(), new Hospital()];
  hospital.isReachable = false;
  const before = anOutbox(store, hospital);
  for (const body of ["a", "b", "c"]) await before.add(says(body));
  await become(before, ["waiting", "waiting", "waiting"]);
  before.stop();
  const after = anOutbox(store, hospital);
  await after.load();
  expect(after.entries.get().map(({ content }) => content?.body)).toEqual(["a", "b", "c"]);
  hospital.isReachable = true;
  after.sendAll();
  await become(after, ["sent", "sent", "sent"]);
  expect(bodies(hospital)).toEqual(["a", "b", "c"]);
  await emptied(store);
});

test("an answer that was lost doubles nothing", async () => {
  const [store, hospital] = [await aStore(), new Hospital()];
  const outbox = anOutbox(store, hospital);
  hospital.answersAreLost = true;
  await outbox.add(says("a"));
  await become(outbox, ["waiting"]);
  hospital.answersAreLost = false;
  for (const again of hospital.waiting) again();
  await become(outbox, ["sent"]);
  expect(bodies(hospital)).toEqual(["a"]);
});

test("what is refused says so, holds up nothing, and can be sent again or given up", async () => {
  const [store, hospital] = [await aStore(), new Hospital()];
  const outbox = anOutbox(store, hospital);
  hospital.refuses = new Set(["a", "b"]);
  for (const body of ["a", "b", "c"]) await outbox.add(says(body));
  await become(outbox, ["failed", "failed", "sent"]);
  hospital.refuses.delete("a");
  const [a, b] = outbox.entries.get();
  outbox.retry(a?.txnId ?? "");
  await outbox.remove(b?.txnId ?? "");
  await become(outbox, ["sent", "sent"]);
  expect(bodies(hospital)).toEqual(["c", "a"]);
  await emptied(store);
});

test("收到 is asked once, after whatever came between", async () => {
  const [store, hospital] = [await aStore(), new Hospital()];
  const outbox = anOutbox(store, hospital);
  hospital.answersAreLost = true;
  await outbox.add({ ...says("a"), isImportant: true });
  await become(outbox, ["waiting"]);
  expect(hospital.asked).toEqual([]);
  hospital.answersAreLost = false;
  outbox.sendAll();
  await become(outbox, ["sent"]);
  expect(hospital.asked).toHaveLength(1);
});

test("a file is kept whole until it is sent, and what the timeline shows is forgotten", async () => {
  const [store, hospital] = [await aStore(), new Hospital()];
  hospital.isReachable = false;
  const before = anOutbox(store, hospital);
  const blob = new Blob(["青霉素皮试"], { type: "text/plain" });
  await before.add({ roomId: "!ward", file: { name: "医嘱.txt", kind: "file", blob } });
  before.stop();
  const after = anOutbox(store, hospital);
  await after.load();
  expect(await after.entries.get()[0]?.file?.blob.text()).toBe("青霉素皮试");
  hospital.isReachable = true;
  after.sendAll();
  await become(after, ["sent"]);
  expect(bodies(hospital)).toEqual(["医嘱.txt"]);
  after.shown(after.entries.get().map(({ txnId }) => txnId));
  expect(after.entries.get()).toEqual([]);
});

test("another device's key opens nothing, and breaks nothing", async () => {
  const hospital = new Hospital();
  hospital.isReachable = false;
  const records = async () => new SealedRecords(indexedDB, "outbox of two keys", await aesKey(randomBytes(32)));
  await anOutbox(new SealedOutboxStore(await records()), hospital).add(says("a"));
  const other = anOutbox(new SealedOutboxStore(await records()), hospital);
  await other.load();
  expect(other.entries.get()).toEqual([]);
});
