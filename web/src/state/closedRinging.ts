/** Whether this device rings while the client is closed, and what stands in the way. */

import { Refused } from "../matrix/homeserver";
import type { PushService, Wording } from "../matrix/pusher";
import type { Permission } from "../platform/notices";
import { Cell, type Value } from "../platform/value";
import type { Reach, Subscription } from "../platform/webPush";

export type Ringing =
  | "unknown"
  | "rings"
  | "off"
  | "noPermission"
  | "noWorker"
  | "needsInstalling"
  | "notOffered"
  | "notReachable"
  | "failed";

export interface PushTools {
  permission: () => Permission;
  reach: () => Reach;
  service: () => Promise<PushService>;
  subscribe: (publicKey: string) => Promise<Subscription>;
  unsubscribe: () => Promise<Subscription | undefined>;
  setPusher: (service: PushService, subscription: Subscription, wording: Wording) => Promise<void>;
  removePusher: (p256dh: string) => Promise<void>;
}

export class ClosedRinging {
  readonly state: Value<Ringing>;
  private readonly cell = new Cell<Ringing>("unknown");

  constructor(private readonly tools: PushTools) {
    this.state = this.cell;
  }

  /** Have this device rung while the client is closed, or not any more; the state says what came of it. */
  async want(isWanted: boolean, wording: Wording): Promise<void> {
    try {
      if (!isWanted) await this.end();
      this.cell.set(isWanted ? await this.begin(wording) : "off");
    } catch (fault) {
      console.warn("ringing could not be set", fault);
      this.cell.set("failed");
    }
  }

  /** Nothing rings this device any more. */
  async end(): Promise<void> {
    const subscription = await this.tools.unsubscribe();
    if (subscription !== undefined) await this.tools.removePusher(subscription.p256dh);
  }

  private async begin(wording: Wording): Promise<Ringing> {
    const { tools } = this;
    const reach = tools.reach();
    if (reach !== "possible") return reach;
    const service = await tools.service();
    if (service.hosts.length === 0) return "notOffered";
    if (tools.permission() !== "granted") return "noPermission";
    const subscription = await tools.subscribe(service.public_key).catch(() => undefined);
    if (subscription === undefined) return "notReachable";
    try {
      await tools.setPusher(service, subscription, wording);
      return "rings";
    } catch (fault) {
      // The hospital allows other push services than this browser's.
      await tools.unsubscribe();
      if (isRefusal(fault)) return "notOffered";
      throw fault;
    }
  }
}

function isRefusal(fault: unknown): boolean {
  if (fault instanceof Refused) return fault.status === 400;
  return typeof fault === "object" && fault !== null && "httpStatus" in fault && fault.httpStatus === 400;
}
