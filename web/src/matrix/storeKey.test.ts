import { describe, expect, it } from "vitest";
import { deviceKey, seal, unseal } from "../platform/sealing";
import { StoreKey, wrappedByDevice } from "./storeKey";

const text = new TextEncoder().encode("心内科");

describe("the key of a device's stores", () => {
  it("comes back from its wrapping as the same key", async () => {
    const made = await StoreKey.fresh();
    const { key, sealed } = await wrappedByDevice(made);
    const opened = await StoreKey.unwrapped(key, sealed);
    expect(opened?.ofEncryption).toEqual(made.ofEncryption);
    expect(opened && (await unseal(opened.key, await seal(made.key, text)))).toEqual(text);
  });

  it("does not come back by another key, or changed", async () => {
    const { key, sealed } = await wrappedByDevice(await StoreKey.fresh());
    expect(await StoreKey.unwrapped(await deviceKey(), sealed)).toBeUndefined();
    const changed = Uint8Array.from(sealed.ciphertext, (byte, at) => (at === 3 ? byte ^ 1 : byte));
    expect(await StoreKey.unwrapped(key, { ...sealed, ciphertext: changed })).toBeUndefined();
  });

  it("cannot be read out of the browser", async () => {
    const { key } = await wrappedByDevice(await StoreKey.fresh());
    await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow();
    await expect(crypto.subtle.exportKey("raw", (await StoreKey.fresh()).key)).rejects.toThrow();
  });

  it("opens no other person's, and no other store", async () => {
    const [mine, theirs] = [await StoreKey.fresh(), await StoreKey.fresh()];
    expect(await unseal(theirs.key, await seal(mine.key, text))).toBeUndefined();
    expect(mine.ofEncryption).not.toEqual(theirs.ofEncryption);
  });

  it("is gone from memory when it was forgotten", async () => {
    const made = await StoreKey.fresh();
    const { ofEncryption } = made;
    made.forget();
    expect(ofEncryption.every((byte) => byte === 0)).toBe(true);
  });
});
