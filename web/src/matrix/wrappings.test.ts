import { beforeAll, describe, expect, it } from "vitest";
import { StoreKey } from "./storeKey";
import { openedByPassword, openedByPin, pinParts, wrappedByPassword, wrappedByPin } from "./wrappings";

let storeKey: StoreKey;

beforeAll(async () => {
  storeKey = await StoreKey.fresh();
});

describe("a store key under a password", () => {
  it("comes back by that password alone", async () => {
    const wrapping = await wrappedByPassword(storeKey, "a good password");
    expect((await openedByPassword(wrapping, "a good password"))?.ofEncryption).toEqual(storeKey.ofEncryption);
    expect(await openedByPassword(wrapping, "a good passwore")).toBeUndefined();
  });

  it("is wrapped differently each time", async () => {
    const [one, other] = [await wrappedByPassword(storeKey, "same"), await wrappedByPassword(storeKey, "same")];
    expect(one.salt).not.toEqual(other.salt);
    expect(one.sealed.ciphertext).not.toEqual(other.sealed.ciphertext);
  });
});

describe("a store key under a PIN", () => {
  it("needs the PIN and the server's half", async () => {
    const { wrapping, half, proof } = await wrappedByPin(storeKey, "271828");
    const parts = await pinParts("271828", wrapping);
    expect(parts.proof).toEqual(proof);
    expect((await openedByPin(wrapping, parts, half))?.ofEncryption).toEqual(storeKey.ofEncryption);
    expect(await openedByPin(wrapping, parts, new Uint8Array(32))).toBeUndefined();
    expect(await openedByPin(wrapping, await pinParts("271829", wrapping), half)).toBeUndefined();
  });

  it("tells the server nothing that opens it", async () => {
    const { wrapping, half, proof } = await wrappedByPin(storeKey, "271828");
    expect(await openedByPin(wrapping, { proof, own: proof }, half)).toBeUndefined();
  });
});
