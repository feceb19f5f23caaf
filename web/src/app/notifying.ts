/** Puts together what tells a person of new messages: the SDK's arrivals, their wishes, and the browser. */
import i18next from "i18next";
import { type Arrival, followArrivals } from "../matrix/arrivals";
import { Pusher, type Wording } from "../matrix/pusher";
import type { Session } from "../matrix/session";
import { ring } from "../platform/bell";
import { deviceName } from "../platform/device";
import { askPermission, type Permission, permission, show } from "../platform/notices";
import { Cell } from "../platform/value";
import { reach, subscribe, unsubscribe } from "../platform/webPush";
import { ClosedRinging } from "../state/closedRinging";
import { Notifier, StoredWishes, type Wishes } from "../state/notifications";

export interface Notifications {
  wishes: StoredWishes;
  ringing: ClosedRinging;
  permission: Cell<Permission>;
  /** Ask the browser's permission, where the person has not answered yet. */
  allow: () => Promise<void>;
  change: (change: Partial<Wishes>) => Promise<void>;
  /** Do once what a message would do. */
  test: () => Promise<void>;
}

export function composeNotifications({ client }: Session): Notifications {
  const wishes = new StoredWishes(localStorage, client.getSafeUserId());
  const pusher = new Pusher(client, deviceName(navigator.userAgent));
  const ringing = new ClosedRinging({
    permission,
    reach,
    service: () => pusher.service(),
    subscribe,
    unsubscribe,
    setPusher: (...given) => pusher.set(...given),
    removePusher: (p256dh) => pusher.remove(p256dh),
  });
  const notifier = new Notifier(wishes, {
    isHidden: () => document.visibilityState === "hidden" || !document.hasFocus(),
    openRoom,
    show,
    ring,
    words,
    now: Date.now,
  });
  followArrivals(client, (arrival) => notifier.arrived(arrival).catch(console.warn));
  const granted = new Cell(permission());
  const ringClosed = () => ringing.want(wishes.get().isOn, wordingOf(wishes.get()));
  const allow = async () => {
    granted.set(await askPermission());
    await ringClosed();
  };
  const change = async (changed: Partial<Wishes>) => {
    wishes.change(changed);
    // Turned on by hand: now is the moment to ask.
    if (changed.isOn === true && permission() === "default") return allow();
    await ringClosed();
  };
  ringClosed();
  return { wishes, ringing, permission: granted, allow, change, test: () => tried(wishes.get()) };
}

async function tried({ hasSound, shows }: Wishes): Promise<void> {
  if (hasSound) await ring();
  const arrival = {
    roomId: "myelin.test",
    roomName: "",
    senderName: i18next.t("notifications.somebody"),
    isDirect: true,
  };
  await show({ ...words(arrival, shows), roomId: arrival.roomId });
}

function words({ senderName, roomName, isDirect }: Arrival, shows: Wishes["shows"]): { title: string; body: string } {
  if (shows === "nothing") return { title: i18next.t("app.name"), body: i18next.t("notifications.something") };
  const body = isDirect ? i18next.t("notifications.something") : i18next.t("notifications.inRoom", { room: roomName });
  return { title: senderName, body };
}

function wordingOf({ shows }: Wishes): Wording {
  const [title, body] = [i18next.t("app.name"), i18next.t("notifications.something")];
  return { title, body, shows_sender: shows === "sender" };
}

function openRoom(): string | undefined {
  const [, roomId] = /^#\/rooms\/([^/?]+)/.exec(location.hash) ?? [];
  return roomId === undefined ? undefined : decodeURIComponent(roomId);
}
