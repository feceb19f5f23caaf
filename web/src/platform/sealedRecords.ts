/** A table of records that only a key opens; what they are called, and how large they are, can be seen without it. */
import { Records } from "./records";
import { type Bytes, type Sealed, seal, unseal } from "./sealing";

export class SealedRecords {
  private readonly records: Records<Sealed>;

  constructor(
    factory: IDBFactory,
    name: string,
    private readonly key: CryptoKey,
  ) {
    this.records = new Records(factory, name);
  }

  keys(): Promise<string[]> {
    return this.records.keys();
  }

  /** Return a record; nothing where there is none, or where the key does not open it. */
  async get(name: string): Promise<Bytes | undefined> {
    const sealed = await this.records.get(name);
    return sealed && unseal(this.key, sealed);
  }

  async put(name: string, clear: Bytes): Promise<void> {
    await this.records.put(name, await seal(this.key, clear));
  }

  async delete(name: string): Promise<void> {
    await this.records.delete(name);
  }

  /** Return a record that was put as JSON. */
  async read<Kept>(name: string): Promise<Kept | undefined> {
    const clear = await this.get(name);
    return clear && (JSON.parse(new TextDecoder().decode(clear)) as Kept);
  }

  async write(name: string, kept: unknown): Promise<void> {
    await this.put(name, new TextEncoder().encode(JSON.stringify(kept)));
  }
}
