/** The devices that the person is signed in on. */
import type { MatrixClient } from "matrix-js-sdk";
import { confirmation } from "./heldKeys";

export interface Device {
  deviceId: string;
  name: string;
  /** Nothing where the server has not seen it yet. */
  lastSeenAt: number | undefined;
  isOwn: boolean;
  /** Whether the person's identity vouches for it; others encrypt for no other device. */
  isSigned: boolean;
}

export class Devices {
  constructor(private readonly client: MatrixClient) {}

  /** This one first, then the latest seen. */
  async list(): Promise<readonly Device[]> {
    const { client } = this;
    const userId = client.getSafeUserId();
    const [{ devices }, known] = await Promise.all([
      client.getDevices(),
      client.getCrypto()?.getUserDeviceInfo([userId], true),
    ]);
    const keys = known?.get(userId);
    // What stands in for devices that are off is none that somebody uses.
    const used = devices.filter(({ device_id }) => keys?.get(device_id)?.dehydrated !== true);
    const listed = used.map(async ({ device_id, display_name, last_seen_ts }) => ({
      deviceId: device_id,
      name: display_name ?? device_id,
      lastSeenAt: last_seen_ts,
      isOwn: device_id === client.getDeviceId(),
      isSigned: await this.isSigned(userId, device_id),
    }));
    return (await Promise.all(listed)).sort(inOrder);
  }

  async rename(deviceId: string, name: string): Promise<void> {
    await this.client.setDeviceDetails(deviceId, { display_name: name });
  }

  /** Sign these devices out; throws where the password is wrong. */
  async end(deviceIds: string[], password: string): Promise<void> {
    await this.client.deleteMultipleDevices(deviceIds, confirmation(this.client, password));
  }

  private async isSigned(userId: string, deviceId: string): Promise<boolean> {
    const status = await this.client.getCrypto()?.getDeviceVerificationStatus(userId, deviceId);
    return status?.signedByOwner === true;
  }
}

function inOrder(a: Device, b: Device): number {
  return Number(b.isOwn) - Number(a.isOwn) || (b.lastSeenAt ?? 0) - (a.lastSeenAt ?? 0);
}
