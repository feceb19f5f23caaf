import { Center, Loader } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Router, useLocation, useRoute } from "wouter";
import { useHashLocation } from "wouter/use-hash-location";
import { Conversations } from "../features/conversations/Conversations";
import type { RoomSummary } from "../matrix/rooms";
import { Cell } from "../platform/value";
import styles from "./Desk.module.css";
import { Navigation } from "./Navigation";
import pageStyles from "./RoomsPage.module.css";

/** The desk as it was left, while the SDK and its stores are still being opened: a room can be chosen already. */
export default function StoredDesk({ stored }: { stored: readonly RoomSummary[] }) {
  return (
    <Router hook={useHashLocation}>
      <div className={styles.desk}>
        <Navigation />
        <StoredRooms stored={stored} />
      </div>
    </Router>
  );
}

function StoredRooms({ stored }: { stored: readonly RoomSummary[] }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const [, route] = useRoute("/rooms/:roomId");
  const [isElsewhere] = useRoute("/:place(people|duty|settings)/*?");
  const [rooms] = useState(() => new Cell(stored));
  const chosen = route?.roomId === undefined ? undefined : decodeURIComponent(route.roomId);
  return (
    <div className={pageStyles.page} data-chosen={chosen !== undefined || isElsewhere}>
      <div className={pageStyles.list}>
        <Conversations rooms={rooms} chosen={chosen} choose={(roomId) => go(`/rooms/${encodeURIComponent(roomId)}`)} />
      </div>
      <Center component="main" className={pageStyles.room ?? ""}>
        <Loader aria-label={t("app.opening")} />
      </Center>
    </div>
  );
}
