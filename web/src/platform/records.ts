/** A table in IndexedDB: records by their key, CryptoKeys among them, which no other storage can hold. */

export class Records<Kept> {
  constructor(
    private readonly factory: IDBFactory,
    private readonly name: string,
  ) {}

  get(key: string): Promise<Kept | undefined> {
    return this.within("readonly", (table) => table.get(key));
  }

  all(): Promise<Kept[]> {
    return this.within("readonly", (table) => table.getAll());
  }

  /** What the records are called, in order. */
  async keys(): Promise<string[]> {
    return (await this.within("readonly", (table) => table.getAllKeys())) as string[];
  }

  async put(key: string, kept: Kept): Promise<void> {
    await this.within("readwrite", (table) => table.put(kept, key));
  }

  /** Change what is there, in one step with reading it; nothing where there is nothing. */
  async change(key: string, change: (kept: Kept) => Kept): Promise<void> {
    await this.within("readwrite", (table) => {
      const request: IDBRequest<Kept | undefined> = table.get(key);
      request.onsuccess = () => {
        if (request.result !== undefined) table.put(change(request.result), key);
      };
      return request;
    });
  }

  async delete(key: string): Promise<void> {
    await this.within("readwrite", (table) => table.delete(key));
  }

  private async within<Answer>(
    mode: IDBTransactionMode,
    ask: (table: IDBObjectStore) => IDBRequest<Answer>,
  ): Promise<Answer> {
    const database = await this.open();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction("records", mode, { durability: "strict" });
        const request = ask(transaction.objectStore("records"));
        // Not before the transaction is over: what was put is there for whoever comes next, or this fails.
        transaction.oncomplete = () => resolve(request.result);
        transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  }

  private open(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      const request = this.factory.open(this.name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore("records");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }
}
