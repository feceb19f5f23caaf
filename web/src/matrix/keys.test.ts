import { expect, test, vi } from "vitest";
import { FakeAccount, FakeHeld, Refusal } from "./fakeKeys";
import { BACKUP, CARD, DEHYDRATION, IDENTITY } from "./secretStore";

const CARD_TEXT = /^(\w{4} ?){12}$/;

vi.spyOn(console, "warn").mockImplementation(() => undefined);

/** Run an act with a crash at each step of it, before and after the step has taken effect, until none is left. */
async function atEachCrash(prepared: () => Promise<FakeAccount>, act: (account: FakeAccount) => Promise<void>) {
  for (const crashesLate of [false, true]) {
    for (let crashAt = 0; ; crashAt += 1) {
      const account = await prepared();
      Object.assign(account, { steps: 0, crashAt, crashesLate });
      await act(account).catch((fault) => expect(fault.message).toMatch(/crash|^$/));
      const wasLast = account.steps <= crashAt;
      Object.assign(account, { crashAt: Number.POSITIVE_INFINITY });
      await allIsThere(account, `a crash at step ${crashAt}${crashesLate ? ", reported late" : ""}`);
      if (wasLast) break;
    }
  }
}

/** On a new device the password that counts opens the identity and the backup; so does the card, and no other password. */
async function allIsThere(account: FakeAccount, when = "") {
  const { keys, held } = await account.signIn(account.password);
  expect(keys.state.get(), when).toBe("ready");
  expect(held.identity, when).toBe(account.identity);
  expect(held.backup, when).toBe(account.backup);
  const card = await keys.card(account.password);
  expect(card, when).toMatch(CARD_TEXT);
  const another = new FakeHeld(account);
  const { keys: locked } = await lockedOn(account, another);
  expect(await locked.unlockWithCard(card), when).toBe(true);
  expect(another.identity, when).toBe(account.identity);
  expect(another.backup, when).toBe(account.backup);
  const store = account.store();
  expect(await store.passwordKeyIds(), when).toEqual([await store.defaultKeyId()]);
}

async function lockedOn(account: FakeAccount, held: FakeHeld) {
  const locked = await account.signIn(undefined, held);
  expect(locked.keys.state.get()).toBe("locked");
  return locked;
}

async function settledAccount() {
  const account = new FakeAccount();
  await account.signIn("present");
  return account;
}

async function resetAccount() {
  const account = await settledAccount();
  account.password = "given by IT";
  return account;
}

test("a first sign-in stores everything under the password and the card", async () => {
  const account = await settledAccount();
  const store = account.store();
  for (const name of [...IDENTITY, BACKUP, DEHYDRATION, CARD]) {
    const content = await account.get(name);
    expect(Object.keys(content?.encrypted ?? {}).sort(), name).toEqual([...(await store.keyIds())].sort());
  }
  await allIsThere(account);
});

test("whatever crashes in a first sign-in, the next one completes it", async () => {
  await atEachCrash(
    async () => new FakeAccount(),
    async (account) => {
      const { keys } = await account.signIn("present");
      keys.stop();
    },
  );
});

test("whatever crashes in a first sign-in, the same device completes it with the password once more", async () => {
  for (let crashAt = 0; crashAt < 12; crashAt += 1) {
    const account = new FakeAccount();
    account.crashAt = crashAt;
    const held = new FakeHeld(account);
    (await account.signIn("present", held)).keys.stop();
    account.crashAt = Number.POSITIVE_INFINITY;
    const { keys } = await account.signIn(undefined, held);
    if (keys.state.get() === "locked") expect(await keys.unlockWith("present")).toBe("opened");
    else if (keys.wantsPassword.get()) expect(await keys.bind("present")).toBe(true);
    expect(keys.state.get()).toBe("ready");
    await allIsThere(account, `step ${crashAt}`);
  }
});

test("a second sign-in writes nothing", async () => {
  const account = await settledAccount();
  const before = account.steps;
  await account.signIn("present");
  // Its own signature.
  expect(account.steps - before).toBe(1);
});

test("whatever crashes in a change of the password, the password that counts opens everything", async () => {
  await atEachCrash(settledAccount, async (account) => {
    const { keys } = await account.signIn("present");
    account.steps = 0;
    await keys.changePassword("present", "next");
  });
});

test("a changed password opens the next device, and the one before it nothing", async () => {
  const account = await settledAccount();
  const { keys } = await account.signIn("present");
  const { identity, backup } = account;
  await keys.changePassword("present", "next");
  expect(account.password).toBe("next");
  await allIsThere(account);
  expect([account.identity, account.backup]).toEqual([identity, backup]);
  const { keys: locked } = await lockedOn(account, new FakeHeld(account));
  expect(await locked.unlockWith("present")).toBe("wrong");
});

test("a change that the server refuses leaves everything as it was", async () => {
  const account = await settledAccount();
  const { keys } = await account.signIn("present");
  const before = await account.store().passwordKeyIds();
  await expect(keys.changePassword("wrong", "next")).rejects.toThrow(Refusal);
  expect(await account.store().passwordKeyIds()).toEqual(before);
  await allIsThere(account);
});

test("after a reset by IT the previous password unlocks, and the present one from then on", async () => {
  const account = await resetAccount();
  const { keys, held } = await account.signIn("given by IT");
  expect(keys.state.get()).toBe("locked");
  expect(await keys.unlockWith("neither")).toBe("wrong");
  expect(await keys.unlockWith("present")).toBe("opened");
  expect(held.identity).toBe(account.identity);
  await allIsThere(account);
});

test("after a reset by IT a crash anywhere while unlocking leaves what the previous password unlocks", async () => {
  for (let crashAt = 0; crashAt < 14; crashAt += 1) {
    const account = await resetAccount();
    const first = await account.signIn("given by IT");
    Object.assign(account, { steps: 0, crashAt });
    await first.keys.unlockWith("present").catch(() => undefined);
    first.keys.stop();
    account.crashAt = Number.POSITIVE_INFINITY;
    const { keys } = await account.signIn("given by IT");
    if (keys.state.get() === "locked") expect(await keys.unlockWith("present")).toBe("opened");
    await allIsThere(account, `step ${crashAt}`);
  }
});

test("after a reset by IT a reload forgets what was typed, and the device asks for it again", async () => {
  const account = await resetAccount();
  const held = new FakeHeld(account);
  await account.signIn("given by IT", held);
  const { keys } = await lockedOn(account, held);
  expect(keys.knowsPassword.get()).toBe(false);
  expect(await keys.unlockWith("neither")).toBe("wrong");
  expect(await keys.unlockWith("given by IT")).toBe("confirmed");
  expect(await keys.unlockWith("present")).toBe("opened");
  expect(keys.wantsPassword.get()).toBe(false);
  await allIsThere(account);
});

test("after a reset by IT the previous password alone unlocks, and the present one is wanted afterwards", async () => {
  const account = await resetAccount();
  const { keys } = await lockedOn(account, new FakeHeld(account));
  expect(await keys.unlockWith("present")).toBe("opened");
  expect(keys.wantsPassword.get()).toBe(true);
  expect(await keys.bind("present")).toBe(false);
  expect(await keys.bind("given by IT")).toBe(true);
  expect(keys.wantsPassword.get()).toBe(false);
  await allIsThere(account);
});

test("after a reset by IT the card unlocks, and the present password from then on", async () => {
  const account = await settledAccount();
  const { keys: before } = await account.signIn("present");
  const card = await before.card("present");
  account.password = "given by IT";
  const { keys } = await account.signIn("given by IT");
  expect(await keys.unlockWithCard("EsTc")).toBe(false);
  expect(await keys.unlockWithCard(`  ${card.replaceAll(" ", "-")}`)).toBe(true);
  expect(await keys.card("given by IT")).toBe(card);
  await allIsThere(account);
});

test("after a reset by IT another device unlocks, and the card of before still opens everything", async () => {
  const account = await settledAccount();
  const older = await account.signIn("present");
  const card = await older.keys.card("present");
  account.password = "given by IT";
  const { keys, held } = await account.signIn("given by IT");
  Object.assign(held, { identity: older.held.identity, backup: older.held.backup, isSigned: true });
  await keys.unlockedByDevice();
  expect(keys.state.get()).toBe("ready");
  const { keys: locked } = await lockedOn(account, new FakeHeld(account));
  expect(await locked.unlockWithCard(card)).toBe(true);
  // What it says was never known to the devices that are left, so it cannot be printed again: another can.
  expect(await keys.card("given by IT")).toBe("lost");
  expect(await keys.newCard("given by IT")).toMatch(CARD_TEXT);
  await allIsThere(account);
});

test("whoever puts the present password off is not asked again, and stays as they were", async () => {
  const account = await resetAccount();
  const { keys } = await lockedOn(account, new FakeHeld(account));
  await keys.unlockWith("present");
  keys.postpone();
  expect(keys.wantsPassword.get()).toBe(false);
  expect(keys.state.get()).toBe("ready");
  const { keys: later } = await account.signIn("given by IT");
  expect(await later.unlockWith("present")).toBe("opened");
});

test("a new card opens everything, and the one before it nothing", async () => {
  const account = await settledAccount();
  const { keys } = await account.signIn("present");
  const before = await keys.card("present");
  expect(await keys.newCard("wrong")).toBeUndefined();
  const after = await keys.newCard("present");
  expect(after).not.toBe(before);
  const { keys: locked } = await lockedOn(account, new FakeHeld(account));
  expect(await locked.unlockWithCard(before)).toBe(false);
  expect(await locked.unlockWithCard(after ?? "")).toBe(true);
  await allIsThere(account);
});

test("the card is shown to nobody who does not know the password", async () => {
  const account = await settledAccount();
  const { keys } = await account.signIn("present");
  expect(await keys.card("wrong")).toBe("wrong");
});

test("a card that was just made is offered, one that was there is not", async () => {
  const account = new FakeAccount();
  const first = await account.signIn("present");
  expect(first.keys.freshCard.get()).toBe(await first.keys.card("present"));
  expect((await account.signIn("present")).keys.freshCard.get()).toBeUndefined();
});
