import { lazy, Suspense, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { useIsPhone } from "../design/useIsPhone";
import { useValue } from "../design/useValue";
import { Conversations } from "../features/conversations/Conversations";
import { NewGroup } from "../features/room/NewGroup";
import { RoomView } from "../features/room/RoomView";
import { isStation } from "../matrix/station";
import type { Conversation } from "../state/conversation";
import { FirstSteps } from "./FirstSteps";
import styles from "./RoomsPage.module.css";
import type { Workplace } from "./workplace";

const SearchPanel = lazy(() => import("../features/search/SearchPanel"));

interface Props {
  workplace: Workplace;
  roomId: string | undefined;
  showKeys: () => void;
}

interface Searching {
  /** One conversation, or all. */
  room: { roomId: string; name: string } | undefined;
  words: string;
}

function roomOf({ roomId, timeline }: Conversation) {
  return { roomId, name: timeline.room.name };
}

/** The list of conversations and the one that was chosen; on a phone one of the two. */
export function RoomsPage({ workplace, roomId, showKeys }: Props) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  // A room that was made just now is there only once it has been synced.
  const rooms = useValue(workplace.roomList.rooms);
  const conversation = roomId === undefined ? undefined : workplace.openConversations.of(roomId);
  const ownId = workplace.session.client.getSafeUserId();
  const isPhone = useIsPhone();
  // There the list is the page itself.
  const List = isPhone ? "main" : "div";
  const [isMaking, setIsMaking] = useState(false);
  const [searching, setSearching] = useState<Searching>();
  // What was looked for stands there again, for whoever looks at one message after the other.
  const latest = useRef("");
  const show = ({ roomId: found, eventId }: { roomId: string; eventId: string }) => {
    setSearching(undefined);
    workplace.openConversations.of(found)?.jumpTo.set(eventId);
    choose(found);
  };
  const choose = (chosen: string) => go(`/rooms/${encodeURIComponent(chosen)}`);
  return (
    <div className={styles.page} data-chosen={roomId !== undefined}>
      <List className={styles.list}>
        {isPhone && <h1 className="unseen">{t("conversations.title")}</h1>}
        <Conversations
          rooms={workplace.roomList.rooms}
          chosen={roomId}
          choose={choose}
          changes={workplace.roomList}
          newGroup={isStation(ownId) ? undefined : () => setIsMaking(true)}
          searchWanted={workplace.searchWanted}
          searchMessages={(words) => setSearching({ room: undefined, words })}
        />
      </List>
      <div className={styles.room}>
        {conversation === undefined ? (
          <main className={styles.nothing}>
            <h1 className="unseen">{t("conversations.title")}</h1>
            <FirstSteps isNew={rooms.length === 0} showKeys={showKeys} />
          </main>
        ) : (
          <RoomView
            key={conversation.roomId}
            session={workplace.session}
            staff={workplace.staff}
            conversation={conversation}
            rooms={workplace.roomList}
            back={() => go("/rooms")}
            search={() => setSearching({ room: roomOf(conversation), words: latest.current })}
          />
        )}
      </div>
      {searching !== undefined && (
        <Suspense>
          <SearchPanel
            search={workplace.search}
            room={searching.room}
            words={searching.words}
            nameOf={workplace.nameOf}
            choose={show}
            close={(words) => {
              latest.current = words;
              setSearching(undefined);
            }}
          />
        </Suspense>
      )}
      <NewGroup
        staff={workplace.staff}
        ownId={ownId}
        isOpen={isMaking}
        close={() => setIsMaking(false)}
        make={async (name, userIds) => choose(await workplace.makeGroup(name, userIds))}
      />
    </div>
  );
}
