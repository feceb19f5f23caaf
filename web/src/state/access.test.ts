import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { DeviceLock } from "../matrix/deviceLock";
import { KnownPeople } from "../matrix/knownPeople";
import type { Session } from "../matrix/session";
import { Cell } from "../platform/value";
import { Access, type Surroundings } from "./access";

class MemoryStorage implements Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  private readonly kept = new Map<string, string>();
  getItem = (name: string) => this.kept.get(name) ?? null;
  setItem = (name: string, value: string) => void this.kept.set(name, value);
  removeItem = (name: string) => void this.kept.delete(name);
}

const NURSE = { homeserver: "https://h", userId: "@1005:h", deviceId: "A", accessToken: "secret token" };
const OTHER = { ...NURSE, userId: "@1007:h", deviceId: "B" };
const STATION = { ...NURSE, userId: "@_station.x:h", deviceId: "C" };

let factory: IDBFactory;
let storage: MemoryStorage;
let opened: string[];

beforeEach(() => {
  [factory, storage, opened] = [new IDBFactory(), new MemoryStorage(), []];
});

/** A page that has just been loaded, beside what the ones before have stored. */
function page(change: Partial<Surroundings> = {}) {
  const people = KnownPeople.in(factory, storage as unknown as Storage);
  const reload = vi.fn();
  const access = new Access(people, {
    open: async (credentials, password, storeKey) => {
      opened.push(`${credentials.userId} ${credentials.accessToken}`);
      const lock = await DeviceLock.of(people, credentials, storeKey);
      if (password !== undefined) await lock.setPassword(password);
      const stop = async () => undefined;
      const [connection, ending] = [new Cell("online"), new Cell(undefined)];
      const forget = async () => connection.set("signedOut");
      return { lock, stop, forget, connection, ending } as unknown as Session;
    },
    deleteStores: async () => undefined,
    forgetPainted: () => undefined,
    settle: async () => undefined,
    reload,
    ...change,
  });
  return { access, people, reload };
}

describe("a device", () => {
  it("goes on as whoever was here, and keeps no token in the clear", async () => {
    await page().access.signedIn(NURSE, "password");
    const { access, people } = page();
    await access.resume();
    expect(access.state.get().kind).toBe("open");
    expect(opened).toEqual(["@1005:h secret token", "@1005:h secret token"]);
    const bytes = new TextDecoder("latin1").decode((await people.get("@1005:h"))?.accessToken.ciphertext);
    expect(bytes).not.toContain("secret");
  });

  it.each([
    ["ended", 0],
    ["expired", 1],
  ] as const)("says that its session has %s, and keeps what may go on", async (ending, keptCount) => {
    const { access, people } = page();
    await access.signedIn(NURSE, "password");
    const state = access.state.get();
    if (state.kind === "open") state.session.ending.set(ending);
    await vi.waitFor(() => expect(access.state.get()).toMatchObject({ kind: "signedOut" }));
    expect(access.farewell.get()).toBe(ending);
    expect(await people.all()).toHaveLength(keptCount);
  });

  it("asks once it was locked, also where its server is away", async () => {
    const first = page();
    await first.access.signedIn(NURSE, "password");
    expect(await first.access.lock()).toBe(true);
    expect(first.reload).toHaveBeenCalled();
    const { access } = page();
    await access.resume();
    expect(access.state.get()).toMatchObject({ kind: "locked", last: { userId: "@1005:h" } });
  });

  it("is not locked where nothing would open it again", async () => {
    const first = page();
    await first.access.signedIn(NURSE, "");
    await first.people.change("@1005:h", { byPassword: undefined });
    expect(await first.access.lock()).toBe(false);
    expect(first.reload).not.toHaveBeenCalled();
  });

  it("begins anew even where something cannot be stored before", async () => {
    const first = page({ settle: () => Promise.reject(new Error("full")) });
    await first.access.signedIn(NURSE, "password");
    await expect(first.access.lock()).rejects.toThrow("full");
    expect(first.reload).toHaveBeenCalled();
  });

  it("that others use too opens nobody's desk by itself", async () => {
    await page().access.signedIn(OTHER, "password");
    await page().access.signedIn(NURSE, "password");
    const { access } = page();
    await access.resume();
    expect(access.state.get()).toMatchObject({ kind: "locked", last: { userId: "@1005:h" } });
  });

  it("of a station goes back to it when somebody locks her desk", async () => {
    await page().access.signedIn(STATION, "password");
    const nurse = page();
    await nurse.access.signedIn(NURSE, "password");
    expect((await nurse.access.others()).map(({ userId }) => userId)).toEqual(["@1005:h"]);
    await nurse.access.lock();
    await page().access.resume();
    expect(opened.at(-1)).toContain("@_station.x:h");
  });
});
