/** The composition root of somebody who is signed in: what the pages are built from, made once for each session. */
import { Actions } from "../matrix/actions";
import { DirectRooms } from "../matrix/directRooms";
import { Media } from "../matrix/media";
import { RoomList } from "../matrix/rooms";
import type { Session } from "../matrix/session";
import { Staff } from "../matrix/staff";
import { Traces } from "../matrix/traces";
import { OpenConversations } from "../state/openConversations";

export interface Workplace {
  session: Session;
  staff: Staff;
  directRooms: DirectRooms;
  roomList: RoomList;
  openConversations: OpenConversations;
  ownName: string;
}

export function composeWorkplace(session: Session): Workplace {
  const { client } = session;
  const accessToken = () => client.getAccessToken();
  const staff = new Staff(client.baseUrl, accessToken);
  const tools = {
    actions: new Actions(client),
    media: new Media(client),
    traces: new Traces(client.baseUrl, accessToken),
    staff,
    now: Date.now,
  };
  return {
    session,
    staff,
    directRooms: new DirectRooms(client),
    roomList: new RoomList(session.client),
    openConversations: new OpenConversations(session, tools),
    ownName: client.getUser(client.getSafeUserId())?.displayName ?? client.getSafeUserId(),
  };
}
