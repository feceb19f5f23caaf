/** A table in IndexedDB: records by their key, CryptoKeys among them, which no other storage can hold. */

export class Records<Kept> {
  private opened: Promise<IDBDatabase> | undefined;

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
    await this.within("readwrite", (table) => committed(table.put(kept, key)));
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
    await this.within("readwrite", (table) => committed(table.delete(key)));
  }

  private async within<Answer>(
    mode: IDBTransactionMode,
    ask: (table: IDBObjectStore) => IDBRequest<Answer>,
  ): Promise<Answer> {
    const database = await this.open();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction("records", mode, { durability: "strict" });
      const request = ask(transaction.objectStore("records"));
      // Not before the transaction is over: what was put is there for whoever comes next, or this fails.
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  /** Open the table once: a page that goes away has no time to open it for what it writes last. */
  private open(): Promise<IDBDatabase> {
    this.opened ??= new Promise((resolve, reject) => {
      const request = this.factory.open(this.name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore("records");
      request.onsuccess = () => resolve(this.heldOpen(request.result));
      request.onerror = () => {
        this.opened = undefined;
        reject(request.error);
      };
    });
    return this.opened;
  }

  /** Whoever deletes the table need not wait for it. */
  private heldOpen(database: IDBDatabase): IDBDatabase {
    database.onversionchange = () => {
      this.opened = undefined;
      database.close();
    };
    database.onclose = () => {
      this.opened = undefined;
    };
    return database;
  }
}

/** Have it done even where the page goes away meanwhile. */
function committed<Answer>(request: IDBRequest<Answer>): IDBRequest<Answer> {
  request.transaction?.commit();
  return request;
}
