import { useHotkeys } from "@mantine/hooks";
import { useEffect, useMemo, useState } from "react";
import { useValue } from "../../design/useValue";
import { RoomDetails } from "../../matrix/groups";
import type { RoomList } from "../../matrix/rooms";
import type { Session } from "../../matrix/session";
import type { Staff } from "../../matrix/staff";
import type { Conversation } from "../../state/conversation";
import { ConversationView } from "../conversation/ConversationView";
import { StationNote } from "../ward/StationNote";
import { ReadOnlyNote } from "./ReadOnlyNote";
import { RoomDrawer } from "./RoomDrawer";
import { RoomHead } from "./RoomHead";
import styles from "./RoomView.module.css";

interface Props {
  session: Session;
  staff: Staff;
  conversation: Conversation;
  rooms: RoomList;
  back: () => void;
  search: () => void;
}

export function RoomView({ session, staff, conversation, rooms, back, search }: Props) {
  const { timeline } = conversation;
  useEffect(() => {
    conversation.open();
    return () => conversation.close();
  }, [conversation]);
  // In place of the browser's own, which finds only what is on the screen.
  useHotkeys([["mod+F", search]], []);
  const keys = useValue(session.keys.state);
  const [isOpen, setIsOpen] = useState(false);
  const details = useMemo(() => new RoomDetails(session.client, timeline.room), [session, timeline]);
  const { mayWrite } = useValue(details);
  return (
    <main className={styles.room}>
      <RoomHead details={details} back={back} openDetails={() => setIsOpen(true)} search={search} />
      <ConversationView
        conversation={conversation}
        rooms={rooms}
        isReady={keys === "ready"}
        insteadOfComposer={instead(conversation, mayWrite, details)}
      />
      <RoomDrawer
        roomId={conversation.roomId}
        details={details}
        staff={staff}
        isOpen={isOpen}
        close={() => setIsOpen(false)}
        left={back}
      />
    </main>
  );
}

function instead({ mayAct }: Conversation, mayWrite: boolean, details: RoomDetails) {
  if (!mayAct) return <StationNote />;
  return mayWrite ? undefined : <ReadOnlyNote details={details} />;
}
