/**
 * What opens a store key: the sign-in password alone, or the PIN together with the half that the server holds.
 *
 * From a PIN follow a proof, which the server checks, and bytes that it never sees; only these and its half make the key.
 */
import { aesKey, type Bytes, derivedFor, randomBytes, type Sealed, stretched } from "../platform/sealing";
import { StoreKey } from "./storeKey";

/** How slowly something typed becomes a key. */
interface Stretching {
  salt: Bytes;
  iterations: number;
}

export interface Wrapping extends Stretching {
  sealed: Sealed;
}

/** What follows from a PIN. */
export interface PinParts {
  proof: Bytes;
  own: Bytes;
}

const SALT_BYTES = 16;
const PART_BYTES = 32;
// Whoever has the disk guesses the password as fast as this lets them.
const PASSWORD_ITERATIONS = 600_000;
// The server counts the tries; this is for the case that somebody has got at its half.
const PIN_ITERATIONS = 200_000;

export async function wrappedByPassword(storeKey: StoreKey, password: string): Promise<Wrapping> {
  const stretching = { salt: randomBytes(SALT_BYTES), iterations: PASSWORD_ITERATIONS };
  return { ...stretching, sealed: await storeKey.wrapped(await passwordKey(password, stretching)) };
}

/** Return the store key; undefined where the password is wrong. */
export async function openedByPassword(wrapping: Wrapping, password: string): Promise<StoreKey | undefined> {
  return StoreKey.unwrapped(await passwordKey(password, wrapping), wrapping.sealed);
}

/** Return a new half for the server, with the wrapping that needs it and what proves the PIN. */
export async function wrappedByPin(storeKey: StoreKey, pin: string) {
  const stretching = { salt: randomBytes(SALT_BYTES), iterations: PIN_ITERATIONS };
  const half = randomBytes(PART_BYTES);
  const parts = await pinParts(pin, stretching);
  const wrapping: Wrapping = { ...stretching, sealed: await storeKey.wrapped(await pinKey(parts, half)) };
  return { wrapping, half, proof: parts.proof };
}

export async function openedByPin(wrapping: Wrapping, parts: PinParts, half: Bytes): Promise<StoreKey | undefined> {
  return StoreKey.unwrapped(await pinKey(parts, half), wrapping.sealed);
}

export async function pinParts(pin: string, { salt, iterations }: Stretching): Promise<PinParts> {
  const both = await stretched(pin, salt, iterations, 2 * PART_BYTES);
  return { proof: both.slice(0, PART_BYTES), own: both.slice(PART_BYTES) };
}

async function passwordKey(password: string, { salt, iterations }: Stretching): Promise<CryptoKey> {
  return aesKey(await stretched(password, salt, iterations, PART_BYTES));
}

async function pinKey({ own }: PinParts, half: Bytes): Promise<CryptoKey> {
  const both = new Uint8Array([...own, ...half]);
  return aesKey(await derivedFor("myelin pin", both, PART_BYTES));
}
