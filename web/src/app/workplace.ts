/** The composition root of somebody who is signed in: what the pages are built from, made once for each session. */
import { Actions } from "../matrix/actions";
import { DirectRooms } from "../matrix/directRooms";
import { makeGroup } from "../matrix/groups";
import { Media } from "../matrix/media";
import { openOutbox } from "../matrix/openOutbox";
import { RoomList } from "../matrix/rooms";
import type { Session } from "../matrix/session";
import { Staff } from "../matrix/staff";
import { keepStored } from "../matrix/storedRooms";
import { keepSynced } from "../matrix/storedSync";
import { Traces } from "../matrix/traces";
import { Records } from "../platform/records";
import { Cell } from "../platform/value";
import { Drafts } from "../state/drafts";
import type { Leaving } from "../state/leaving";
import { OpenConversations } from "../state/openConversations";

export interface Workplace {
  session: Session;
  staff: Staff;
  directRooms: DirectRooms;
  roomList: RoomList;
  openConversations: OpenConversations;
  makeGroup: (name: string, userIds: readonly string[]) => Promise<string>;
  /** Whether somebody has pressed the keys for searching the list, which is not shown yet. */
  searchWanted: Cell<boolean>;
  ownName: string;
}

export function composeWorkplace(session: Session, leaving: Leaving): Workplace {
  const { client } = session;
  const drafts = new Drafts(new Records(indexedDB, `myelin-${client.getSafeUserId()}-drafts`), session.storeKey);
  leaving.before(() => drafts.settle());
  keepSynced(client, Date.now);
  const roomList = new RoomList(client);
  keepStored(localStorage, client.getSafeUserId(), roomList.rooms);
  const accessToken = () => client.getAccessToken();
  const staff = new Staff(client.baseUrl, accessToken);
  const media = new Media(client);
  const traces = new Traces(client.baseUrl, accessToken);
  const tools = {
    actions: new Actions(client),
    outbox: openOutbox(session, media, traces),
    media,
    traces,
    staff,
    now: Date.now,
  };
  return {
    session,
    staff,
    directRooms: new DirectRooms(client),
    roomList,
    openConversations: new OpenConversations(session, tools, drafts),
    makeGroup: (name, userIds) => makeGroup(client, name, userIds),
    searchWanted: new Cell(false),
    ownName: client.getUser(client.getSafeUserId())?.displayName ?? client.getSafeUserId(),
  };
}
