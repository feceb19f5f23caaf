/** Encrypting small things with AES-GCM, and deriving keys from what people type. */

export type Bytes = Uint8Array<ArrayBuffer>;

/** What was encrypted, and the nonce that this was done with. */
export interface Sealed {
  nonce: Bytes;
  ciphertext: Bytes;
}

const NONCE_BYTES = 12;
const AES: AesKeyGenParams = { name: "AES-GCM", length: 256 };

export function randomBytes(count: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(count));
}

export async function seal(key: CryptoKey, clear: Bytes): Promise<Sealed> {
  const nonce = randomBytes(NONCE_BYTES);
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, clear));
  return { nonce, ciphertext };
}

/** Return what was sealed; undefined where this is not the key, or the ciphertext was changed. */
export async function unseal(key: CryptoKey, { nonce, ciphertext }: Sealed): Promise<Bytes | undefined> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce }, key, ciphertext));
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === "OperationError") return undefined;
    throw fault;
  }
}

/** Return a key that this browser keeps, and that nothing can read out of it. */
export function deviceKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey(AES, false, ["encrypt", "decrypt"]);
}

export function aesKey(bytes: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** Return bytes that follow from a secret, different ones for each purpose; the secret does not follow from them. */
export async function derivedFor(purpose: string, secret: Bytes, byteCount: number): Promise<Bytes> {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const by = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: new TextEncoder().encode(purpose) };
  return new Uint8Array(await crypto.subtle.deriveBits(by, base, byteCount * 8));
}

/** Return bytes that follow from something typed, slowly: each guess costs as much as this did. */
export async function stretched(typed: string, salt: Bytes, iterations: number, byteCount: number): Promise<Bytes> {
  const base = await crypto.subtle.importKey("raw", new TextEncoder().encode(typed), "PBKDF2", false, ["deriveBits"]);
  const by = { name: "PBKDF2", hash: "SHA-512", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(by, base, byteCount * 8));
}
