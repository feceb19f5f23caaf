/** The composition root of somebody who is signed in: what the pages are built from, made once for each session. */
import { Actions } from "../matrix/actions";
import { DirectRooms } from "../matrix/directRooms";
import { RoomList } from "../matrix/rooms";
import type { Session } from "../matrix/session";
import { Staff } from "../matrix/staff";

export interface Workplace {
  session: Session;
  staff: Staff;
  directRooms: DirectRooms;
  roomList: RoomList;
  actions: Actions;
  ownName: string;
}

export function composeWorkplace(session: Session): Workplace {
  const { client } = session;
  return {
    session,
    staff: new Staff(client.baseUrl, () => client.getAccessToken()),
    directRooms: new DirectRooms(client),
    roomList: new RoomList(session.client),
    actions: new Actions(session.client),
    ownName: client.getUser(client.getSafeUserId())?.displayName ?? client.getSafeUserId(),
  };
}
