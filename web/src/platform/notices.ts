/** The notifications of the browser's system. */

export type Permission = "granted" | "denied" | "default" | "unsupported";

export interface Notice {
  title: string;
  body: string;
  roomId: string;
}

export function permission(): Permission {
  return "Notification" in window ? Notification.permission : "unsupported";
}

/** Ask the person; browsers ask once, and then remember. */
export async function askPermission(): Promise<Permission> {
  return "Notification" in window ? Notification.requestPermission() : "unsupported";
}

/** Show a notice; a later one of the same room takes its place. */
export async function show({ title, body, roomId }: Notice): Promise<void> {
  if (permission() !== "granted") return;
  const options = { body, tag: roomId, icon: "/icons/192.png", data: { roomId } };
  const registration = await navigator.serviceWorker?.getRegistration();
  // A tap then finds the page through the worker, also after it was closed; phones know no other way.
  if (registration?.active) return registration.showNotification(title, options);
  const notification = new Notification(title, options);
  notification.onclick = () => {
    window.focus();
    location.hash = `#/rooms/${encodeURIComponent(roomId)}`;
  };
}

/** Call `open` when somebody taps a notification; returns what ends that. */
export function followTaps(open: (roomId: string) => void): () => void {
  const tapped = ({ data }: MessageEvent<{ open?: unknown } | undefined>) => {
    if (typeof data?.open === "string") open(data.open);
  };
  navigator.serviceWorker?.addEventListener("message", tapped);
  return () => navigator.serviceWorker?.removeEventListener("message", tapped);
}

/** Say in the title, and on the icon where there is one, how much is unread. */
export function countUnread(unread: number): void {
  document.title = unread === 0 ? "Myelin" : `(${unread > 99 ? "99+" : unread}) Myelin`;
  const { navigator } = window as { navigator: Partial<Pick<Navigator, "setAppBadge">> };
  navigator.setAppBadge?.(unread).catch(() => undefined);
}
