import { MantineProvider } from "@mantine/core";
import "@mantine/core/styles.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { theme } from "../design/theme";
import "../design/app.css";
import { ActivateModel } from "../features/signIn/activateState";
import { SignInModel } from "../features/signIn/signInState";
import { activate } from "../matrix/homeserver";
import { deviceName } from "../platform/device";
import { Access } from "../state/access";
import { App } from "./App";
import { startLanguage } from "./i18n";

startLanguage(localStorage);
const access = new Access(localStorage, async (credentials, password) => {
  const { Session } = await import("../matrix/session");
  return Session.open(credentials, password);
});
const signIn = new SignInModel(location.origin, deviceName(navigator.userAgent), ({ credentials, password }) =>
  access.signedIn(credentials, password),
);
const activation = new ActivateModel((...given) => activate(location.origin, ...given));
access.resume();

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <App access={access} signIn={signIn} activation={activation} />
    </MantineProvider>
  </StrictMode>,
);
