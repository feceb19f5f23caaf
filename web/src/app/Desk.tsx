import { Alert } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Redirect, Route, Router, Switch } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { useValue } from "../design/useValue";
import type { Session } from "../matrix/session";
import styles from "./Desk.module.css";
import { Navigation } from "./Navigation";
import { RoomsPage } from "./RoomsPage";
import { composeWorkplace } from "./workplace";

/** What somebody who is signed in sees: the main menu, and one page beside it. */
export default function Desk({ session }: { session: Session }) {
  const [workplace] = useState(() => composeWorkplace(session));
  return (
    // After the hash: which room somebody reads is nothing for the log of a proxy.
    <Router hook={useHashLocation}>
      <div className={styles.desk}>
        <ConnectionNote session={session} />
        <Navigation />
        <Switch>
          <Route path="/rooms/:roomId?">
            {({ roomId }) => <RoomsPage workplace={workplace} roomId={roomId && decodeURIComponent(roomId)} />}
          </Route>
          <Route>
            <Redirect to="/rooms" replace />
          </Route>
        </Switch>
      </div>
    </Router>
  );
}

function ConnectionNote({ session }: { session: Session }) {
  const { t } = useTranslation();
  const connection = useValue(session.connection);
  if (connection !== "offline") return null;
  return (
    <Alert color="orange" radius={0} className={styles.note} role="status">
      {t("app.offline")}
    </Alert>
  );
}
