import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Redirect, Route, Router, Switch, useLocation } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { Boundary } from "../design/Boundary";
import { BrokenPage } from "../design/BrokenPage";
import { NoteLine } from "../design/NoteLine";
import { useValue } from "../design/useValue";
import { SilentNote } from "../features/cards/SilentNote";
import { useWatch } from "../features/cards/useWatch";
import { KeysNotes } from "../features/keys/KeysNotes";
import { UnreadTitle } from "../features/notifications/UnreadTitle";
import { UpdateNote } from "../features/update/UpdateNote";
import { DeskLock, PinNote } from "../features/ward/DeskLock";
import type { Session } from "../matrix/session";
import { isStation } from "../matrix/station";
import type { Updates } from "../platform/updates";
import type { Access } from "../state/access";
import type { Leaving } from "../state/leaving";
import styles from "./Desk.module.css";
import { Navigation } from "./Navigation";
import navigationStyles from "./Navigation.module.css";
import { RoomsPage } from "./RoomsPage";
import { useShortcuts } from "./useShortcuts";
import { composeWorkplace, type Workplace } from "./workplace";

const PeoplePage = lazy(() => import("../features/people/PeoplePage").then((file) => ({ default: file.PeoplePage })));
const DutyPage = lazy(() => import("../features/duty/DutyPage").then((file) => ({ default: file.DutyPage })));
const ShortcutsDialog = lazy(() =>
  import("../features/shortcuts/ShortcutsDialog").then((file) => ({ default: file.ShortcutsDialog })),
);
const SettingsPage = lazy(() =>
  import("../features/settings/SettingsPage").then((file) => ({ default: file.SettingsPage })),
);

const Station = lazy(() => import("../features/ward/Station"));

interface Props {
  session: Session;
  access: Access;
  updates: Updates;
  leaving: Leaving;
}

/** What somebody who is signed in sees: the main menu, and one page beside it. */
export default function Desk({ session, access, updates, leaving }: Props) {
  const [queries] = useState(() => new QueryClient());
  const [workplace] = useState(() => composeWorkplace(session, leaving));
  useWatch(workplace.serviceWatch);
  const isHere = isStation(session.client.getSafeUserId());
  const [isScreenLocked, setIsScreenLocked] = useState(isHere);
  const [lock] = useState(() => async () => {
    if (!isHere) return access.lock();
    setIsScreenLocked(true);
    return true;
  });
  return (
    // After the hash: which room somebody reads is nothing for the log of a proxy.
    <Router hook={useHashLocation}>
      <QueryClientProvider client={queries}>
        <div className={styles.desk}>
          <div className={styles.notes}>
            {isHere && (
              <Suspense>
                <Station
                  session={session}
                  access={access}
                  isLocked={isScreenLocked}
                  unlock={() => setIsScreenLocked(false)}
                />
              </Suspense>
            )}
            <UpdateNote updates={updates} />
            <ConnectionNote session={session} />
            {!isHere && <KeysNotes session={session} />}
            <SilentNote silent={workplace.serviceWatch.silent} />
            {!isHere && <PinNote session={session} />}
          </div>
          {!isScreenLocked && (
            <>
              <Navigation>
                <DeskLock session={session} lock={lock} className={navigationStyles.lock ?? ""} />
              </Navigation>
              <Boundary fallback={<BrokenPage />}>
                <Pages workplace={workplace} access={access} lock={lock} />
              </Boundary>
            </>
          )}
        </div>
      </QueryClientProvider>
    </Router>
  );
}

interface PagesProps {
  workplace: Workplace;
  access: Access;
  lock: () => Promise<boolean>;
}

function Pages({ workplace, access, lock }: PagesProps) {
  const { session } = workplace;
  const [, go] = useLocation();
  const [areKeysShown, setAreKeysShown] = useState(false);
  useShortcuts(workplace, () => setAreKeysShown(true));
  const write = async (userId: string) => {
    const roomId = await workplace.directRooms.with(userId);
    go(`/rooms/${encodeURIComponent(roomId)}`);
  };
  return (
    <Suspense>
      <UnreadTitle rooms={workplace.roomList.rooms} />
      <Switch>
        <Route path="/rooms/:roomId?">
          {({ roomId }) => (
            <RoomsPage
              workplace={workplace}
              roomId={roomId && decodeURIComponent(roomId)}
              showKeys={() => setAreKeysShown(true)}
            />
          )}
        </Route>
        <Route path="/people">
          <PeoplePage staff={workplace.staff} write={write} />
        </Route>
        <Route path="/duty">
          <DutyPage staff={workplace.staff} write={write} />
        </Route>
        <Route path="/settings">
          <SettingsPage
            name={workplace.ownName}
            session={session}
            notifications={workplace.notifications}
            lock={lock}
            signOut={() => access.signOut()}
          />
        </Route>
        <Route>
          <Redirect to="/rooms" replace />
        </Route>
      </Switch>
      {areKeysShown && <ShortcutsDialog opened close={() => setAreKeysShown(false)} />}
    </Suspense>
  );
}

function ConnectionNote({ session }: { session: Session }) {
  const { t } = useTranslation();
  const connection = useValue(session.connection);
  if (connection !== "offline") return null;
  return <NoteLine isWarning>{t("app.offline")}</NoteLine>;
}
