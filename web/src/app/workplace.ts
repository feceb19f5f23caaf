/** The composition root of somebody who is signed in: what the pages are built from, made once for each session. */
import { Actions } from "../matrix/actions";
import { RoomDelivery } from "../matrix/delivery";
import { DirectRooms } from "../matrix/directRooms";
import { makeGroup } from "../matrix/groups";
import { Media } from "../matrix/media";
import { openOutbox } from "../matrix/openOutbox";
import { Presses } from "../matrix/presses";
import { RoomList } from "../matrix/rooms";
import { askForServices } from "../matrix/services";
import type { Session } from "../matrix/session";
import { Staff } from "../matrix/staff";
import { keepStored } from "../matrix/storedRooms";
import { keepSynced } from "../matrix/storedSync";
import { Traces } from "../matrix/traces";
import { Records } from "../platform/records";
import { ServerClock } from "../platform/serverClock";
import { Cell } from "../platform/value";
import { Drafts } from "../state/drafts";
import type { Leaving } from "../state/leaving";
import { OpenConversations } from "../state/openConversations";
import type { Search } from "../state/search/search";
import { ServiceWatch } from "../state/serviceWatch";
import { composeNotifications, type Notifications } from "./notifying";

export interface Workplace {
  session: Session;
  staff: Staff;
  directRooms: DirectRooms;
  roomList: RoomList;
  openConversations: OpenConversations;
  serviceWatch: ServiceWatch;
  makeGroup: (name: string, userIds: readonly string[]) => Promise<string>;
  /** Whether somebody has pressed the keys for searching the list, which is not shown yet. */
  searchWanted: Cell<boolean>;
  /** There as soon as it is loaded, which waits for the first screen. */
  search: Cell<Search | undefined>;
  /** What somebody is called in a conversation. */
  nameOf: (roomId: string, userId: string) => string;
  notifications: Notifications;
  ownName: string;
}

export function composeWorkplace(session: Session, leaving: Leaving): Workplace {
  const { client } = session;
  const drafts = new Drafts(new Records(indexedDB, `myelin-${client.getSafeUserId()}-drafts`), session.storeKey);
  leaving.before(() => drafts.settle());
  keepSynced(client, Date.now);
  const roomList = new RoomList(client);
  keepStored(localStorage, client.getSafeUserId(), roomList.rooms, session.lock.settings);
  const accessToken = () => client.getAccessToken();
  const staff = new Staff(client.baseUrl, accessToken);
  const media = new Media(client);
  const traces = new Traces(client.baseUrl, accessToken);
  const clock = new ServerClock(Date.now);
  const serviceWatch = new ServiceWatch({
    ask: () => askForServices(client.baseUrl, accessToken(), clock, Date.now),
    directory: staff,
    serverNow: () => clock.now(),
    later,
  });
  const delivery = new RoomDelivery(client, media, traces);
  const outbox = openOutbox(session, media, traces);
  leaving.before(async () => outbox.stop());
  const tools = {
    actions: new Actions(client),
    outbox,
    media,
    traces,
    staff,
    presses: new Presses(
      (...event) => delivery.send(...event),
      () => crypto.randomUUID(),
    ),
    now: () => clock.now() ?? Date.now(),
    clock,
    keys: session.keys.state,
    identityChanges: session.trust.changes,
    linkHosts: serviceWatch.linkHosts,
  };
  return {
    session,
    staff,
    directRooms: new DirectRooms(client),
    roomList,
    openConversations: new OpenConversations(session, tools, drafts),
    serviceWatch,
    makeGroup: (name, userIds) => makeGroup(client, name, userIds),
    searchWanted: new Cell(false),
    search: searchOf(session, leaving),
    nameOf: (roomId, userId) =>
      client.getRoom(roomId)?.getMember(userId)?.name ?? client.getUser(userId)?.displayName ?? userId,
    notifications: composeNotifications(session),
    ownName: client.getUser(client.getSafeUserId())?.displayName ?? client.getSafeUserId(),
  };
}

function later(act: () => void, ms: number): () => void {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
}
const FIRST_SCREEN_MS = 1_500;

function searchOf(session: Session, leaving: Leaving): Cell<Search | undefined> {
  const search = new Cell<Search | undefined>(undefined);
  const open = async () => {
    if (!session.client.clientRunning) return;
    const { Search } = await import("../state/search/search");
    const opened = await Search.open(session);
    leaving.before(() => opened.stop());
    search.set(opened);
  };
  setTimeout(() => open().catch((fault) => console.warn("the search could not be opened", fault)), FIRST_SCREEN_MS);
  return search;
}
