import { Button, Center, Loader, Stack, Text } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useValue } from "../design/useValue";
import type { ActivateModel } from "../features/signIn/activateState";
import { Entrance } from "../features/signIn/Entrance";
import { FarewellNote } from "../features/signIn/FarewellNote";
import type { SignInModel } from "../features/signIn/signInState";
import { Elsewhere } from "../features/tab/Elsewhere";
import { UpdateNote } from "../features/update/UpdateNote";
import { Returning } from "../features/ward/Returning";
import { storedRooms } from "../matrix/storedRooms";
import type { Updates } from "../platform/updates";
import type { Access } from "../state/access";
import type { Leaving } from "../state/leaving";
import type { SoleTab } from "../state/soleTab";

// The SDK and everything that needs it is loaded only once somebody is signed in.
const Desk = lazy(() => import("./Desk"));
const LockScreen = lazy(() => import("../features/ward/LockScreen"));
const StoredDesk = lazy(() => import("./StoredDesk"));

interface Props extends Signing {
  tab: SoleTab;
}

interface Signing {
  access: Access;
  updates: Updates;
  leaving: Leaving;
  signIn: SignInModel;
  activation: ActivateModel;
}

export function App({ tab, ...signing }: Props) {
  const state = useValue(tab.state);
  switch (state) {
    case "waiting":
      return null;
    case "elsewhere":
      return <Elsewhere takeOver={() => tab.takeOver()} />;
    case "here":
      return <Here {...signing} />;
  }
}

function Here({ access, signIn, activation, updates, leaving }: Signing) {
  const state = useValue(access.state);
  switch (state.kind) {
    case "signedOut":
      return (
        <>
          {state.others.length > 0 && <Returning back={() => access.resume()} />}
          <UpdateNote updates={updates} />
          <FarewellNote farewell={access.farewell} />
          <Entrance signIn={signIn} activation={activation} />
        </>
      );
    case "locked":
      return (
        <Suspense fallback={<Waiting />}>
          <UpdateNote updates={updates} />
          <FarewellNote farewell={access.farewell} />
          <LockScreen access={access} people={state.people} last={state.last} />
        </Suspense>
      );
    case "opening":
      return <Opening />;
    case "failed":
      return <Failed retry={state.retry} />;
    case "open":
      return (
        <Suspense fallback={<Opening />}>
          <Desk session={state.session} access={access} updates={updates} leaving={leaving} />
        </Suspense>
      );
  }
}

/** What was stored here, where something was; or that there is something to wait for. */
function Opening() {
  const [stored] = useState(() => storedRooms(localStorage));
  if (stored.length === 0) return <Waiting />;
  return (
    <Suspense fallback={<Waiting />}>
      <StoredDesk stored={stored} />
    </Suspense>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Center h="100dvh">
      <Loader aria-label={t("app.opening")} />
    </Center>
  );
}

function Failed({ retry }: { retry: () => void }) {
  const { t } = useTranslation();
  return (
    <Center h="100dvh">
      <Stack align="center">
        <Text>{t("app.failed")}</Text>
        <Button onClick={retry}>{t("app.retry")}</Button>
      </Stack>
    </Center>
  );
}
