/** What the server knows of a message: whom it reached, who read it and who answered 收到; plain REST, no SDK. */
import { ask, type Request } from "./homeserver";

export interface Recipient {
  user_id: string;
  state: "joined" | "invited";
  no_device: boolean;
  delivered: readonly { device_id: string; at: number }[];
  read: { at: number } | null;
}

export interface Trace {
  accepted_at: number;
  recipients: readonly Recipient[];
}

export interface AckList {
  until: number;
  asked: readonly string[];
  acked: readonly { user_id: string; at: number }[];
  missing: readonly string[];
}

export class Traces {
  constructor(
    private readonly homeserver: string,
    private readonly accessToken: () => string | null,
  ) {}

  trace(roomId: string, eventId: string): Promise<Trace> {
    return this.ask({ method: "GET", path: `${pathOf(roomId, eventId)}/trace` });
  }

  /** Who has answered 收到 and who has not. */
  acks(roomId: string, eventId: string): Promise<AckList> {
    return this.ask({ method: "GET", path: `${pathOf(roomId, eventId)}/ack` });
  }

  /** Ask everybody who is in the room for 收到, until then (ms since the epoch). */
  async request(roomId: string, eventId: string, until: number): Promise<void> {
    await this.ask({ method: "PUT", path: `${pathOf(roomId, eventId)}/ack_request`, body: { everybody: true, until } });
  }

  async acknowledge(roomId: string, eventId: string): Promise<void> {
    await this.ask({ method: "PUT", path: `${pathOf(roomId, eventId)}/ack`, body: {} });
  }

  /** Remind whoever is missing, and return how many that are. */
  async remind(roomId: string, eventId: string): Promise<number> {
    const path = `${pathOf(roomId, eventId)}/ack_request/remind`;
    const { missing } = await this.ask<{ missing: readonly string[] }>({ method: "POST", path, body: {} });
    return missing.length;
  }

  private ask<Answer>(request: Request): Promise<Answer> {
    const accessToken = this.accessToken();
    return ask(this.homeserver, accessToken === null ? request : { ...request, accessToken });
  }
}

function pathOf(roomId: string, eventId: string): string {
  return `/_myelin/v1/rooms/${encodeURIComponent(roomId)}/events/${encodeURIComponent(eventId)}`;
}
