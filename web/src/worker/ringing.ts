/** What a push shows, and where a tap on it leads. A push holds no text of a message, so none can be shown. */

/** What the server pushes (docs/api.md); the words are those that this client has asked to be sent along. */
interface Push {
  title?: string;
  body?: string;
  room_id?: string;
  /** Only where the hospital lets names leave. */
  sender_display_name?: string;
  shows_sender?: boolean;
  counts?: { unread?: number };
}

export async function pushed(worker: ServiceWorkerGlobalScope, data: PushMessageData | null): Promise<void> {
  const push = read(data);
  const pages = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  // Whoever looks at the client sees it there.
  if (pages.some((page) => page.visibilityState === "visible")) return;
  const sender = push.shows_sender === true ? push.sender_display_name : undefined;
  await worker.registration.showNotification(sender ?? push.title ?? "Myelin", {
    body: push.body ?? "",
    icon: "/icons/192.png",
    tag: push.room_id ?? "myelin",
    data: { roomId: push.room_id },
  });
  await badge(worker, push.counts?.unread);
}

/** Show the room in the page that is open, or in a new one. */
export async function tapped(worker: ServiceWorkerGlobalScope, notification: Notification): Promise<void> {
  notification.close();
  const { roomId } = (notification.data ?? {}) as { roomId?: string };
  const [page] = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (page === undefined) {
    await worker.clients.openWindow(roomId === undefined ? "/" : `/#/rooms/${encodeURIComponent(roomId)}`);
    return;
  }
  page.postMessage({ open: roomId });
  await page.focus();
}

function read(data: PushMessageData | null): Push {
  try {
    return (data?.json() as Push | null) ?? {};
  } catch {
    // Something came that is not from our server; a push must show something all the same.
    return {};
  }
}

async function badge(worker: ServiceWorkerGlobalScope, unread: number | undefined): Promise<void> {
  const { navigator } = worker as { navigator: Partial<Pick<WorkerNavigator, "setAppBadge">> };
  await navigator.setAppBadge?.(unread ?? 0)?.catch(() => undefined);
}
