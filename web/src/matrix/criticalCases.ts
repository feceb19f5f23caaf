/** What is critical and unread, as a station may show it: where, and since when; never what. */
import {
  ClientEvent,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  NotificationCountType,
  type Room,
  RoomEvent,
} from "matrix-js-sdk";
import { Cell, type Value } from "../platform/value";

export interface CriticalCase {
  eventId: string;
  /** Ward and bed as the service names them; empty where it does not. */
  place: string;
  at: number;
}

const CHANGES = [RoomEvent.Timeline, RoomEvent.Receipt, RoomEvent.MyMembership] as const;
const LONGEST_PLACE = 60;

export class CriticalCases {
  readonly cases: Value<readonly CriticalCase[]>;
  private readonly cell = new Cell<readonly CriticalCase[]>([]);
  private isDue = false;

  constructor(private readonly client: MatrixClient) {
    this.cases = this.cell;
  }

  /** Follow what comes until what this returns is called. */
  start(): () => void {
    for (const change of CHANGES) this.client.on(change, this.changed);
    this.client.on(ClientEvent.Room, this.changed);
    this.client.on(MatrixEventEvent.Decrypted, this.changed);
    this.changed();
    return () => {
      for (const change of CHANGES) this.client.off(change, this.changed);
      this.client.off(ClientEvent.Room, this.changed);
      this.client.off(MatrixEventEvent.Decrypted, this.changed);
    };
  }

  private changed = (): void => {
    if (this.isDue) return;
    this.isDue = true;
    queueMicrotask(() => {
      this.isDue = false;
      const critical = this.client.getRooms().filter(isCritical);
      this.cell.set(critical.flatMap(unreadIn).sort((a, b) => b.at - a.at));
    });
  };
}

function isCritical(room: Room): boolean {
  const content = room.currentState.getStateEvents("org.myelin.room" as never, "")?.getContent();
  return content?.feed === "critical" && room.getMyMembership() === "join";
}

/** As many of the latest of others as the server counts unread. */
function unreadIn(room: Room): CriticalCase[] {
  const count = room.getUnreadNotificationCount(NotificationCountType.Total);
  if (count === 0) return [];
  const said = room
    .getLiveTimeline()
    .getEvents()
    .filter((event) => isSaid(event, room));
  return said
    .slice(-count)
    .map((event) => ({ eventId: event.getId() ?? "", place: placeIn(event), at: event.getTs() }));
}

function isSaid(event: MatrixEvent, room: Room): boolean {
  const isMessage = event.getType() === "m.room.message" || event.isEncrypted();
  return isMessage && event.getSender() !== room.myUserId && !event.isRedacted();
}

/** Ward and bed, by a service's word alone: anybody's text may hold anything. */
export function placeIn(event: Pick<MatrixEvent, "getSender" | "getContent">): string {
  if (!event.getSender()?.startsWith("@_")) return "";
  const card: unknown = event.getContent()["org.myelin.card"];
  const patient = typeof card === "object" && card !== null && "patient" in card ? card.patient : undefined;
  const place = typeof patient === "object" && patient !== null && "place" in patient ? patient.place : undefined;
  return typeof place === "string" ? place.replace(/[\p{Cc}\p{Cf}]/gu, "").slice(0, LONGEST_PLACE) : "";
}
