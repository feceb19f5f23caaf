/**
 * The people of this browser: everybody who has a device here, and what opens each of their stores.
 *
 * Nothing here reads a message by itself: the token is sealed under the store key, and that is wrapped.
 */
import { Records } from "../platform/records";
import type { Sealed } from "../platform/sealing";
import type { Credentials } from "./credentials";
import { type DeviceWrapping, type StoreKey, wrappedByDevice } from "./storeKey";
import type { Wrapping } from "./wrappings";

export interface KnownPerson extends Omit<Credentials, "accessToken"> {
  name: string;
  accessToken: Sealed;
  byDevice?: DeviceWrapping | undefined;
  byPin?: Wrapping | undefined;
  byPassword?: Wrapping | undefined;
  /** Opens nothing but the release of the server's half, and the alerts. */
  lockToken?: string | undefined;
  /** After how long this person wants the device to lock by itself. */
  idleMs?: number | undefined;
}

const PRESENT = "myelin.person";

export class KnownPeople {
  constructor(
    private readonly table: Records<KnownPerson>,
    private readonly storage: Storage,
  ) {}

  static in(factory: IDBFactory, storage: Storage): KnownPeople {
    return new KnownPeople(new Records<KnownPerson>(factory, "myelin-people"), storage);
  }

  /** Whose desk this is, or was last. */
  get present(): string | undefined {
    return presentPerson(this.storage);
  }

  set present(userId: string | undefined) {
    if (userId === undefined) this.storage.removeItem(PRESENT);
    else this.storage.setItem(PRESENT, userId);
  }

  get(userId: string): Promise<KnownPerson | undefined> {
    return this.table.get(userId);
  }

  all(): Promise<readonly KnownPerson[]> {
    return this.table.all();
  }

  put(person: KnownPerson): Promise<void> {
    return this.table.put(person.userId, person);
  }

  change(userId: string, change: Partial<KnownPerson>): Promise<void> {
    return this.table.change(userId, (person) => ({ ...person, ...change }));
  }

  /** Let the browser open a store by itself. */
  async openByDevice(userId: string, storeKey: StoreKey): Promise<void> {
    await this.change(userId, { byDevice: await wrappedByDevice(storeKey) });
  }

  async forget(userId: string): Promise<void> {
    await this.table.delete(userId);
    if (this.present === userId) this.present = undefined;
  }
}

export function presentPerson(storage: Storage): string | undefined {
  return storage.getItem(PRESENT) ?? undefined;
}
