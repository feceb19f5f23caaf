/** Subscribing this browser at its maker's push service, which is all that can wake a closed client. */

/** What the server needs to wake this browser. */
export interface Subscription {
  endpoint: string;
  p256dh: string;
  auth: string;
}

export type Reach = "possible" | "noWorker" | "needsInstalling";

/** Whether this browser could be rung while the client is closed, as far as it says so itself. */
export function reach(): Reach {
  if ("PushManager" in window && navigator.serviceWorker !== undefined) return "possible";
  // Apple's phones have it only where the client was put on the home screen.
  return "standalone" in navigator && navigator.standalone !== true ? "needsInstalling" : "noWorker";
}

/** Throws where the push service cannot be reached, as in a network without the internet. */
export async function subscribe(publicKey: string): Promise<Subscription> {
  const registration = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: publicKey };
  const subscription = await registration.pushManager.subscribe(options).catch(async () => {
    // One for a key that the server had before is in the way.
    await (await registration.pushManager.getSubscription())?.unsubscribe();
    return registration.pushManager.subscribe(options);
  });
  return partsOf(subscription);
}

/** End the subscription; returns what it was. */
export async function unsubscribe(): Promise<Subscription | undefined> {
  const registration = await navigator.serviceWorker?.getRegistration();
  const subscription = await registration?.pushManager?.getSubscription();
  if (!subscription) return undefined;
  await subscription.unsubscribe();
  return partsOf(subscription);
}

function partsOf(subscription: PushSubscription): Subscription {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint: endpoint ?? "", p256dh: keys?.p256dh ?? "", auth: keys?.auth ?? "" };
}
