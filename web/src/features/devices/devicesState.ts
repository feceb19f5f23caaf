/** The list of a person's devices, as it is being looked at and changed. */
import type { Device } from "../../matrix/devices";
import { Cell } from "../../platform/value";

export type DevicesState = { kind: "loading" } | { kind: "failed" } | { kind: "loaded"; devices: readonly Device[] };

/** What came of an attempt; the interface has a sentence for each but `done`. */
export type Outcome = "done" | "wrongPassword" | "failed";

export interface DeviceActs {
  list(): Promise<readonly Device[]>;
  rename(deviceId: string, name: string): Promise<void>;
  end(deviceIds: string[], password: string): Promise<void>;
}

export class DevicesModel {
  readonly state = new Cell<DevicesState>({ kind: "loading" });

  constructor(private readonly acts: DeviceActs) {}

  async load(): Promise<void> {
    try {
      this.state.set({ kind: "loaded", devices: await this.acts.list() });
    } catch {
      // What is shown already is better than nothing.
      if (this.state.get().kind !== "loaded") this.state.set({ kind: "failed" });
    }
  }

  get others(): readonly Device[] {
    const state = this.state.get();
    return state.kind === "loaded" ? state.devices.filter(({ isOwn }) => !isOwn) : [];
  }

  rename(device: Device, name: string): Promise<Outcome> {
    const trimmed = name.trim();
    if (trimmed === "" || trimmed === device.name) return Promise.resolve("done");
    return this.trying(() => this.acts.rename(device.deviceId, trimmed));
  }

  end(devices: readonly Device[], password: string): Promise<Outcome> {
    return this.trying(() =>
      this.acts.end(
        devices.map(({ deviceId }) => deviceId),
        password,
      ),
    );
  }

  private async trying(act: () => Promise<void>): Promise<Outcome> {
    try {
      await act();
    } catch (fault) {
      return isRefusal(fault) ? "wrongPassword" : "failed";
    }
    await this.load();
    return "done";
  }
}

/** Asked for a confirmation again, the server says what was wrong with the last one. */
function isRefusal(fault: unknown): boolean {
  return typeof fault === "object" && fault !== null && "httpStatus" in fault && fault.httpStatus === 401;
}
