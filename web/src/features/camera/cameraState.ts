/** Every state of the camera screen, and the one camera that is open in it: closed again however somebody leaves. */
import type { Facing } from "../../platform/camera";
import { Cell } from "../../platform/value";

export type CameraState<Stream> =
  | { kind: "opening" }
  | { kind: "live"; stream: Stream; facing: Facing; canTurn: boolean }
  | { kind: "taken"; picture: Blob }
  /** The person, or the hospital's settings of the browser, said no. */
  | { kind: "refused" }
  | { kind: "missing" }
  /** Another program holds it, or it broke off. */
  | { kind: "failed" };

export interface CameraDevice<Stream> {
  open: (facing: Facing) => Promise<Stream>;
  stop: (stream: Stream) => void;
  hasOther: () => Promise<boolean>;
}

const REASONS: Record<string, "refused" | "missing"> = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
};

export class CameraModel<Stream> {
  readonly state = new Cell<CameraState<Stream>>({ kind: "opening" });
  private facing: Facing = "environment";
  private attempt = 0;

  constructor(private readonly device: CameraDevice<Stream>) {}

  /** Open the camera; also after a refusal, and to take another picture. */
  async open(): Promise<void> {
    this.close();
    const { attempt, facing } = this;
    try {
      const stream = await this.device.open(facing);
      // Whoever left, or turned the camera meanwhile, must not find this one running.
      if (attempt !== this.attempt) return this.device.stop(stream);
      this.state.set({ kind: "live", stream, facing, canTurn: false });
      const canTurn = await this.device.hasOther().catch(() => false);
      this.state.update((state) => (state.kind === "live" && state.stream === stream ? { ...state, canTurn } : state));
    } catch (fault) {
      if (attempt === this.attempt) this.state.set({ kind: reasonOf(fault) });
    }
  }

  async turn(): Promise<void> {
    this.facing = this.facing === "user" ? "environment" : "user";
    await this.open();
  }

  /** Keep what the camera shows, and let go of the camera. */
  async take(draw: () => Promise<Blob>): Promise<void> {
    const { attempt } = this;
    try {
      const picture = await draw();
      if (attempt !== this.attempt) return;
      this.close();
      this.state.set({ kind: "taken", picture });
    } catch {
      if (attempt !== this.attempt) return;
      this.close();
      this.state.set({ kind: "failed" });
    }
  }

  /** Let go of the camera and of what was taken. */
  close(): void {
    this.attempt += 1;
    const state = this.state.get();
    if (state.kind === "live") this.device.stop(state.stream);
    this.state.set({ kind: "opening" });
  }
}

function reasonOf(fault: unknown): "refused" | "missing" | "failed" {
  const name = fault instanceof Error ? fault.name : "";
  return Object.hasOwn(REASONS, name) ? (REASONS[name] ?? "failed") : "failed";
}
