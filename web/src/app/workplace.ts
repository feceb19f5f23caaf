/** The composition root of somebody who is signed in: what the pages are built from, made once for each session. */
import { Actions } from "../matrix/actions";
import { RoomList } from "../matrix/rooms";
import type { Session } from "../matrix/session";

export interface Workplace {
  session: Session;
  roomList: RoomList;
  actions: Actions;
}

export function composeWorkplace(session: Session): Workplace {
  return { session, roomList: new RoomList(session.client), actions: new Actions(session.client) };
}
