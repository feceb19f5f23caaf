/**
 * The service worker: the client's own files without a network, and what rings while no page is open.
 *
 * It holds files alone: nothing of a person, no token, no key. A new version waits until somebody asks for it.
 */
import { pushed, tapped } from "./ringing";
import { Shell } from "./shell";

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] };

const shell = new Shell(self.caches, self.__WB_MANIFEST);

self.addEventListener("install", (event) => event.waitUntil(shell.store()));

self.addEventListener("activate", (event) => {
  event.waitUntil(shell.dropOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  // Whatever is not a file of the client goes to the server as if nobody stood between.
  if (event.request.method !== "GET" || origin !== self.location.origin || !shell.has(pathname)) return;
  event.respondWith(shell.answer(event.request, pathname));
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("push", (event) => event.waitUntil(pushed(self, event.data)));

self.addEventListener("notificationclick", (event) => event.waitUntil(tapped(self, event.notification)));
