import { expect, test } from "vitest";
import { rekey, SECRETS, type SecretPlace } from "./rekey";

/** Secret storage that crashes at the given step, where there is one. */
class FakePlace implements SecretPlace {
  readonly openedBy = new Map<string, string[]>(SECRETS.slice(0, 4).map((name) => [name, ["old"]]));
  defaultKeyId = "old";
  private steps = 0;

  constructor(private readonly crashAt = Number.POSITIVE_INFINITY) {}

  async addKey() {
    this.step();
    return "new";
  }

  async get(name: string) {
    return this.openedBy.has(name) ? `secret of ${name}` : undefined;
  }

  async store(name: string, secret: string, keyIds: string[]) {
    this.step();
    expect(secret).toBe(`secret of ${name}`);
    this.openedBy.set(name, keyIds);
  }

  async setDefaultKeyId(keyId: string) {
    this.step();
    this.defaultKeyId = keyId;
  }

  private step() {
    if (this.steps++ === this.crashAt) throw new Error("crash");
  }
}

test("afterwards the new key opens every secret, and is the default", async () => {
  const place = new FakePlace();
  await rekey(place, "old");
  expect(place.defaultKeyId).toBe("new");
  expect([...place.openedBy.values()]).toEqual(Array(4).fill(["old", "new"]));
});

test.each([0, 1, 2, 3, 4, 5])("a crash at step %i leaves every secret to the default key", async (step) => {
  const place = new FakePlace(step);
  await expect(rekey(place, "old")).rejects.toThrow("crash");
  for (const keyIds of place.openedBy.values()) expect(keyIds).toContain(place.defaultKeyId);
});
