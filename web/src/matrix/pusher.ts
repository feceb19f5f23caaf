/** This browser as a pusher of the person: what rings while the client is closed (docs/api.md, "Web Push"). */
import type { MatrixClient } from "matrix-js-sdk";
import type { Subscription } from "../platform/webPush";
import { ask } from "./homeserver";

const APP_ID = "org.myelin.web";

/** What the hospital's server says of Web Push; without hosts it allows none. */
export interface PushService {
  public_key: string;
  url: string;
  hosts: readonly string[];
}

/** The words that come with every push, for a push has none of its own. */
export interface Wording {
  title: string;
  body: string;
  shows_sender: boolean;
}

export class Pusher {
  constructor(
    private readonly client: MatrixClient,
    private readonly deviceName: string,
  ) {}

  service(): Promise<PushService> {
    const accessToken = this.client.getAccessToken();
    const path = "/_myelin/v1/push/vapid";
    return ask(this.client.baseUrl, { method: "GET", path, ...(accessToken !== null && { accessToken }) });
  }

  async set(service: PushService, { endpoint, p256dh, auth }: Subscription, wording: Wording): Promise<void> {
    await this.client.setPusher({
      app_id: APP_ID,
      app_display_name: "Myelin",
      device_display_name: this.deviceName,
      kind: "http",
      lang: "zh-CN",
      pushkey: p256dh,
      data: { url: service.url, endpoint, auth, default_payload: wording } as never,
    });
  }

  async remove(p256dh: string): Promise<void> {
    await this.client.removePusher(p256dh, APP_ID);
  }
}
