/** The lock of the device that somebody works on: what will open it again, set while it is open. */
import { type Bytes, seal } from "../platform/sealing";
import { Cell, type Value } from "../platform/value";
import type { Credentials } from "./credentials";
import { ask, Refused, type Request, Unreachable } from "./homeserver";
import type { KnownPeople, KnownPerson } from "./knownPeople";
import { type StoreKey, wrappedByDevice } from "./storeKey";
import { openedByPassword, openedByPin, pinParts, type Wrapping, wrappedByPassword, wrappedByPin } from "./wrappings";

const PATH = "/_myelin/v1/device_lock";
export const IDLE_LOCK = "org.myelin.idle_lock_ms";
const IDLE_MS = 10 * 60_000;

export interface LockSettings {
  hasPin: boolean;
  /** Whether it was opened otherwise, because the PIN was forgotten or opens nothing any more. */
  isPinDoubtful: boolean;
  /** Whether somebody else has a device in this browser too. */
  isShared: boolean;
  /** After how long it locks by itself, and the longest that the hospital allows. */
  idleMs: number;
  longestIdleMs: number;
}

export class DeviceLock {
  readonly settings: Value<LockSettings>;
  private readonly cell: Cell<LockSettings>;
  private wishedMs: number | undefined;

  private constructor(
    private readonly people: KnownPeople,
    private readonly credentials: Credentials,
    private readonly storeKey: StoreKey,
    settings: LockSettings,
  ) {
    this.cell = new Cell(settings);
    this.settings = this.cell;
  }

  static async of(people: KnownPeople, credentials: Credentials, storeKey: StoreKey): Promise<DeviceLock> {
    const everybody = await people.all();
    const person = everybody.find(({ userId }) => userId === credentials.userId);
    const settings: LockSettings = {
      hasPin: person?.byPin !== undefined,
      isPinDoubtful: false,
      isShared: everybody.length > 1,
      idleMs: Math.min(person?.idleMs ?? IDLE_MS, IDLE_MS),
      longestIdleMs: IDLE_MS,
    };
    const lock = new DeviceLock(people, credentials, storeKey, settings);
    lock.wishedMs = person?.idleMs;
    return lock;
  }

  /** Take over what the hospital says about how long a desk may stand open. */
  obey(longestIdleMs: unknown): void {
    if (typeof longestIdleMs !== "number" || !(longestIdleMs > 0)) return;
    const idleMs = Math.min(longestIdleMs, this.wishedMs ?? longestIdleMs);
    this.cell.update((settings) => ({ ...settings, longestIdleMs, idleMs }));
  }

  /** Take note that the password was typed where a PIN would have done. */
  doubtPin(): void {
    this.cell.update((settings) => ({ ...settings, isPinDoubtful: settings.hasPin }));
  }

  /** From now on this PIN opens the device; the browser by itself no longer does. */
  async setPin(pin: string): Promise<void> {
    const { wrapping, half, proof } = await wrappedByPin(this.storeKey, pin);
    // A crash after this leaves a PIN that the server does not know any more: the password opens the device.
    const lockToken = await this.putLock({ half: base64(half), proof: base64(proof) });
    await this.people.change(this.credentials.userId, { byPin: wrapping, byDevice: undefined, lockToken });
    this.cell.update((settings) => ({ ...settings, hasPin: true, isPinDoubtful: false }));
  }

  /** From now on the browser opens the device by itself. */
  async removePin(): Promise<void> {
    const byDevice = await wrappedByDevice(this.storeKey);
    await this.people.change(this.credentials.userId, { byPin: undefined, byDevice, lockToken: undefined });
    this.cell.update((settings) => ({ ...settings, hasPin: false, isPinDoubtful: false }));
    await this.ask("DELETE");
  }

  async setIdleMs(idleMs: number): Promise<void> {
    await this.people.change(this.credentials.userId, { idleMs });
    this.wishedMs = idleMs;
    this.cell.update((settings) => ({ ...settings, idleMs: Math.min(idleMs, settings.longestIdleMs) }));
  }

  /** Let a password open the device, in place of the one before; for signing in, and after it was changed. */
  async setPassword(password: string): Promise<void> {
    const byPassword = await wrappedByPassword(this.storeKey, password);
    await this.people.change(this.credentials.userId, { byPassword });
  }

  /** Have it ask from now on; false where nothing would open it again. */
  async close(): Promise<boolean> {
    const { userId } = this.credentials;
    const person = await this.people.get(userId);
    if (person?.byPin === undefined && person?.byPassword === undefined) return false;
    if (person.byPin !== undefined) return true;
    // Without a network it locks all the same, and only cannot ring.
    const lockToken = await this.putLock({}).catch(() => undefined);
    await this.people.change(userId, { byDevice: undefined, lockToken });
    return true;
  }

  private async putLock(body: object): Promise<string> {
    return (await this.ask<{ lock_token: string }>("PUT", body)).lock_token;
  }

  private ask<Answer>(method: Request["method"], body?: object): Promise<Answer> {
    const { homeserver, accessToken } = this.credentials;
    return ask<Answer>(homeserver, { method, path: PATH, accessToken, ...(body && { body }) });
  }
}

/** What a PIN came to. `gone`: it opens nothing any more, and the password must. */
export type Opened =
  | { storeKey: StoreKey }
  | { refused: "wrong" | "gone" | "unreachable" | "tooSoon"; triesLeft?: number };

export async function openByPin(person: KnownPerson, pin: string): Promise<Opened> {
  const { byPin, lockToken } = person;
  if (byPin === undefined || lockToken === undefined) return { refused: "gone" };
  const parts = await pinParts(pin, byPin);
  try {
    const half = await released(person.homeserver, lockToken, parts.proof);
    const storeKey = await openedByPin(byPin, parts, half);
    return storeKey === undefined ? { refused: "gone" } : { storeKey };
  } catch (fault) {
    return refusalOf(fault);
  }
}

export async function openByPassword(wrapping: Wrapping, password: string): Promise<Opened> {
  const storeKey = await openedByPassword(wrapping, password);
  return storeKey === undefined ? { refused: "wrong" } : { storeKey };
}

/** Return what is kept of somebody who has just signed in. */
export async function newcomer(credentials: Credentials, name: string, storeKey: StoreKey): Promise<KnownPerson> {
  const { accessToken, ...device } = credentials;
  const sealed = await seal(storeKey.key, new TextEncoder().encode(accessToken));
  return { ...device, name, accessToken: sealed, byDevice: await wrappedByDevice(storeKey) };
}

async function released(homeserver: string, accessToken: string, proof: Bytes): Promise<Bytes> {
  const body = { proof: base64(proof) };
  const request: Request = { method: "POST", path: `${PATH}/release`, body, accessToken };
  const { half } = await ask<{ half: string }>(homeserver, request);
  return Uint8Array.from(atob(half), (character) => character.charCodeAt(0));
}

function refusalOf(fault: unknown): Opened {
  if (fault instanceof Unreachable) return { refused: "unreachable" };
  if (!(fault instanceof Refused)) throw fault;
  if (fault.status === 429) return { refused: "tooSoon" };
  const triesLeft = fault.extra["org.myelin.tries_left"];
  if (fault.status !== 403 || typeof triesLeft !== "number") return { refused: "gone" };
  return triesLeft === 0 ? { refused: "gone" } : { refused: "wrong", triesLeft };
}

function base64(bytes: Bytes): string {
  return btoa(String.fromCharCode(...bytes));
}
