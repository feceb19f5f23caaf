/** Files as the specification encrypts them: AES-CTR with a key of their own, and a hash over what is stored. */
import type { EncryptedFile } from "./attachment";

const AES = "AES-CTR";
// The lower half of the counter block counts; the upper half is random.
const COUNTER_BITS = 64;

export interface Encrypted {
  ciphertext: Uint8Array<ArrayBuffer>;
  describe: (url: string) => EncryptedFile;
}

/** What was stored is not what was sent. */
export class Damaged extends Error {}

export async function encrypt(plaintext: ArrayBuffer): Promise<Encrypted> {
  const { subtle } = crypto;
  const counter = new Uint8Array(16);
  crypto.getRandomValues(counter.subarray(0, 8));
  const key = await subtle.generateKey({ name: AES, length: 256 }, true, ["encrypt", "decrypt"]);
  const ciphertext = await subtle.encrypt({ name: AES, counter, length: COUNTER_BITS }, key, plaintext);
  const sha256 = toBase64(await subtle.digest("SHA-256", ciphertext));
  const { k = "" } = await subtle.exportKey("jwk", key);
  const webKey = { kty: "oct", key_ops: ["encrypt", "decrypt"], alg: "A256CTR", k, ext: true };
  return {
    ciphertext: new Uint8Array(ciphertext),
    describe: (url) => ({ url, key: webKey, iv: toBase64(counter.buffer), hashes: { sha256 }, v: "v2" }),
  };
}

export async function decrypt(ciphertext: ArrayBuffer, file: EncryptedFile): Promise<ArrayBuffer> {
  const { subtle } = crypto;
  const sha256 = toBase64(await subtle.digest("SHA-256", ciphertext));
  if (sha256 !== file.hashes.sha256.replace(/=+$/, "")) throw new Damaged();
  const webKey = { kty: "oct", alg: "A256CTR", k: file.key.k, ext: true };
  const key = await subtle.importKey("jwk", webKey, { name: AES }, false, ["decrypt"]);
  return subtle.decrypt({ name: AES, counter: fromBase64(file.iv), length: COUNTER_BITS }, key, ciphertext);
}

function toBase64(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/=+$/, "");
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
