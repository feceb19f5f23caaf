/** The databases of one person in this browser, whoever of the client's parts made them. */

/** What the names of all of them begin with, or hold: nobody opens another's. */
export function prefixOf(userId: string): string {
  return `myelin-${userId}`;
}

/** Delete all of them. What is still open elsewhere goes as soon as it is closed. */
export async function deleteStores(factory: IDBFactory, userId: string): Promise<void> {
  const names = (await factory.databases()).map(({ name }) => name ?? "");
  const own = names.filter((name) => name.includes(prefixOf(userId)));
  await Promise.all(own.map((name) => deleted(factory, name)));
}

function deleted(factory: IDBFactory, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = factory.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onblocked = () => resolve();
    request.onerror = () => reject(request.error);
  });
}
