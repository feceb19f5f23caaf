import { useValue } from "../../design/useValue";
import type { Item } from "../../matrix/item";
import type { RoomList } from "../../matrix/rooms";
import type { Conversation } from "../../state/conversation";
import { AcksPanel } from "../conversation/AcksPanel";
import { ForwardDialog } from "../conversation/ForwardDialog";
import { PictureViewer } from "../conversation/PictureViewer";
import { ReadersPanel } from "../conversation/ReadersPanel";
import { Watermark } from "../watermark/Watermark";
import { MessageMenu } from "./MessageMenu";

/** What is open over the timeline, of which message. `line` gets the focus back when a menu closes. */
export type Open =
  | { kind: "menu"; item: Item; x: number; y: number; line: HTMLElement }
  | { kind: "readers" | "acks" | "forward" | "picture"; item: Item };

interface Props {
  opened: Open | undefined;
  conversation: Conversation;
  rooms: RoomList;
  show: (next: Open) => void;
  close: () => void;
}

export function Overlays({ opened, conversation, rooms, show, close }: Props) {
  const { items } = useValue(conversation.timeline.state);
  if (opened === undefined) return null;
  // As it is now: what was still being sent when a menu opened has arrived since.
  const item = items.find(({ id }) => id === opened.item.id) ?? opened.item;
  switch (opened.kind) {
    case "menu":
      return <MessageMenu opened={{ ...opened, item }} conversation={conversation} show={show} close={close} />;
    case "readers":
      return <ReadersPanel conversation={conversation} item={item} close={close} />;
    case "acks":
      return <AcksPanel conversation={conversation} item={item} close={close} />;
    case "forward":
      return <ForwardDialog conversation={conversation} rooms={rooms} item={item} close={close} />;
    case "picture":
      return item.attachment ? (
        <PictureViewer
          media={conversation.media}
          attachment={item.attachment}
          close={close}
          over={<Watermark conversation={conversation} />}
        />
      ) : null;
  }
}
