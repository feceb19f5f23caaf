import { describe, expect, it, vi } from "vitest";
import type { Opened } from "../../matrix/deviceLock";
import type { KnownPerson } from "../../matrix/knownPeople";
import { StoreKey } from "../../matrix/storeKey";
import { LockModel, type Means } from "./lockState";
import { isGuessable } from "./pin";

const sealed = { nonce: new Uint8Array(), ciphertext: new Uint8Array() };
const wrapping = { salt: new Uint8Array(), iterations: 1, sealed };
const nurse: KnownPerson = {
  homeserver: "",
  userId: "@1005:h",
  deviceId: "D",
  name: "心内科-护士-钱七",
  accessToken: sealed,
  byPin: wrapping,
  byPassword: wrapping,
};

function locked(answer: Opened, person: KnownPerson | undefined = nurse) {
  const means: Means = { pin: vi.fn(async () => answer), password: vi.fn(async () => answer) };
  const unlocked = vi.fn(async () => undefined);
  return { model: new LockModel(person, unlocked, means), means, unlocked };
}

async function type(model: LockModel, pin: string): Promise<void> {
  for (const digit of pin) model.press(digit);
  await vi.waitFor(() => expect(model.state.get().isWorking).toBe(false));
}

describe("unlocking by PIN", () => {
  it("tries at the sixth digit, without a button", async () => {
    const storeKey = await StoreKey.fresh();
    const { model, unlocked, means } = locked({ storeKey });
    for (const digit of "27182") model.press(digit);
    model.erase();
    model.press("2");
    expect(means.pin).not.toHaveBeenCalled();
    model.press("8");
    await vi.waitFor(() => expect(unlocked).toHaveBeenCalledWith(nurse, storeKey, undefined));
    expect(means.pin).toHaveBeenCalledWith(nurse, "271828");
  });

  it("says how many tries are left, and begins anew", async () => {
    const { model } = locked({ refused: "wrong", triesLeft: 3 });
    await type(model, "111222");
    expect(model.state.get()).toMatchObject({ pin: "", means: "pin", trouble: { kind: "wrongPin", triesLeft: 3 } });
  });

  it.each(["gone", "unreachable"] as const)("asks for the password where the PIN is %s", async (refused) => {
    const { model } = locked({ refused });
    await type(model, "111222");
    expect(model.state.get()).toMatchObject({ means: "password", trouble: { kind: refused } });
  });

  it("types for nobody while nobody is chosen", () => {
    const { model } = locked({ refused: "wrong" });
    model.choose(undefined);
    model.press("1");
    expect(model.state.get().pin).toBe("");
  });
});

describe("unlocking by password", () => {
  it("gives the password on, which opens more than this device", async () => {
    const storeKey = await StoreKey.fresh();
    const { model, unlocked } = locked({ storeKey }, { ...nurse, byPin: undefined });
    expect(model.state.get().means).toBe("password");
    await model.submitPassword("secret");
    expect(unlocked).toHaveBeenCalledWith(expect.anything(), storeKey, "secret");
  });

  it("says that it is wrong", async () => {
    const { model } = locked({ refused: "wrong" });
    model.askPassword();
    await model.submitPassword("secret");
    expect(model.state.get().trouble).toEqual({ kind: "wrongPassword" });
  });
});

it.each(["000000", "123456", "654321", "121212", "123123", "001005", "271829"])("%s is guessed or not", (pin) => {
  expect(isGuessable(pin, "@1005:h")).toBe(pin !== "271829");
});
