import { expect, test } from "vitest";
import { Damaged, decrypt, encrypt } from "./encryptedFile";

const plaintext = new TextEncoder().encode("心电图 2026").buffer as ArrayBuffer;

test("a file comes back as it was", async () => {
  const { ciphertext, describe } = await encrypt(plaintext);
  expect(new Uint8Array(ciphertext)).not.toEqual(new Uint8Array(plaintext));
  const back = await decrypt(ciphertext.buffer, describe("mxc://hospital.test/a"));
  expect(new Uint8Array(back)).toEqual(new Uint8Array(plaintext));
});

test("a file that was changed is not opened", async () => {
  const { ciphertext, describe } = await encrypt(plaintext);
  const changed = ciphertext.map((byte, index) => (index === 0 ? byte ^ 1 : byte));
  await expect(decrypt(changed.buffer, describe("mxc://hospital.test/a"))).rejects.toThrow(Damaged);
});

test("a file is described as the specification has it: no base64 is padded, the counter begins at 0", async () => {
  const { describe } = await encrypt(plaintext);
  const file = describe("mxc://hospital.test/a");
  expect(file).toMatchObject({ v: "v2", key: { kty: "oct", alg: "A256CTR", ext: true } });
  expect(file.key.key_ops).toEqual(["encrypt", "decrypt"]);
  expect(file.iv + file.hashes.sha256).not.toContain("=");
  const counter = Uint8Array.from(atob(file.iv), (character) => character.charCodeAt(0));
  expect([...counter.slice(8)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});

test("two files never share a key", async () => {
  const [one, other] = [await encrypt(plaintext), await encrypt(plaintext)];
  expect(one.describe("a").key.k).not.toBe(other.describe("b").key.k);
});
