/** Taking away everything that one person has left in this browser beside the databases, whichever part put it there. */

// Holds the client's own files, and nothing of anybody.
const SHELL = "myelin-shell-";

/** What is in storage is known by the person's id, or number, in its name; caches and notifications are whoever's was here. */
export async function forgetPerson(userId: string): Promise<void> {
  for (const storage of [localStorage, sessionStorage]) forgetIn(storage, userId);
  await Promise.all([forgetCaches(), forgetNotifications(), endSubscription()]);
}

function forgetIn(storage: Storage, userId: string): void {
  const number = userId.slice(1).split(":", 1)[0] ?? "";
  const places = Object.keys(storage).filter((place) => place.includes(userId) || place.endsWith(`.${number}`));
  for (const place of places) storage.removeItem(place);
}

async function forgetCaches(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => !name.startsWith(SHELL)).map((name) => caches.delete(name)));
}

async function forgetNotifications(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  for (const notification of (await registration?.getNotifications()) ?? []) notification.close();
}

/** The server removes the pusher with the session. */
async function endSubscription(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  const subscription = await registration?.pushManager?.getSubscription();
  await subscription?.unsubscribe();
}
