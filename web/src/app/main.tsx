import "../platform/polyfills";
import { MantineProvider } from "@mantine/core";
import "@mantine/core/styles.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { theme } from "../design/theme";
import "../design/app.css";
import { ActivateModel } from "../features/signIn/activateState";
import { SignInModel } from "../features/signIn/signInState";
import { activate } from "../matrix/homeserver";
import { KnownPeople } from "../matrix/knownPeople";
import { forgetRooms } from "../matrix/storedRooms";
import { deleteStores } from "../matrix/stores";
import { deviceName } from "../platform/device";
import { applyTextSize, storedTextSize } from "../platform/textSize";
import { Updates } from "../platform/updates";
import { Access } from "../state/access";
import { Leaving } from "../state/leaving";
import { SoleTab } from "../state/soleTab";
import { App } from "./App";
import { startLanguage } from "./i18n";

startLanguage(localStorage);
applyTextSize(document.documentElement, storedTextSize(localStorage));
const leaving = new Leaving();
const people = KnownPeople.in(indexedDB, localStorage);
const access = new Access(people, {
  open: async (credentials, password, storeKey) => {
    const { Session } = await import("../matrix/session");
    return Session.open(credentials, password, storeKey, people);
  },
  deleteStores: (userId) => deleteStores(indexedDB, userId),
  forgetPainted: () => forgetRooms(localStorage),
  settle: () => leaving.settle(),
  reload: () => location.reload(),
});
const signIn = new SignInModel(location.origin, deviceName(navigator.userAgent), ({ credentials, password }) =>
  access.signedIn(credentials, password),
);
const activation = new ActivateModel((...given) => activate(location.origin, ...given));
const updates = new Updates(
  navigator.serviceWorker,
  () => leaving.settle(),
  () => location.reload(),
);
const tab = new SoleTab(navigator.locks, new BroadcastChannel("myelin.tab"), () => stopped(access));
tab.state.subscribe(() => {
  if (tab.state.get() === "here") access.resume();
});
tab.start();

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <App tab={tab} updates={updates} leaving={leaving} access={access} signIn={signIn} activation={activation} />
    </MantineProvider>
  </StrictMode>,
);

// After everything that the page itself needs. Without its worker the client works too, but not without a network.
if (import.meta.env.PROD) addEventListener("load", () => updates.start().catch(console.warn));

/** End once this tab has let go of every store. */
async function stopped(access: Access): Promise<void> {
  await leaving.settle();
  const { kind } = access.state.get();
  if (kind !== "opening" && kind !== "failed") return access.stop();
  // What is half open cannot be closed; a page that is loaded anew holds nothing, and its lock goes with it.
  location.reload();
  await new Promise(() => undefined);
}
