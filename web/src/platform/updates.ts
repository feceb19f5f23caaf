/**
 * Whether a newer version of the client is ready, and the change to it.
 *
 * The browser's service worker fetches it beside the running one; only a person's wish changes over, and loads the page anew.
 */
import { Cell, type Value } from "./value";

export type Version = "current" | "newer";

/** What of the browser's service workers is used. */
export interface Workers {
  readonly controller: unknown;
  register(url: string, options: RegistrationOptions): Promise<Registration>;
  addEventListener(type: "controllerchange", changed: () => void): void;
}

interface Registration {
  readonly waiting: { postMessage(message: unknown): void } | null;
  readonly installing: Installing | null;
  addEventListener(type: "updatefound", found: () => void): void;
  update(): Promise<unknown>;
}

interface Installing {
  readonly state: string;
  addEventListener(type: "statechange", changed: () => void): void;
}

const AGAIN_MS = 60 * 60_000;

export class Updates {
  readonly version: Value<Version>;
  private readonly cell = new Cell<Version>("current");
  private registration: Registration | undefined;
  private isWanted = false;

  /** `settle` ends once nothing would be lost by a reload. */
  constructor(
    private readonly workers: Workers,
    private readonly settle: () => Promise<void>,
    private readonly reload: () => void,
  ) {
    this.version = this.cell;
  }

  async start(): Promise<void> {
    // The first worker of all takes over a page that is as new as itself.
    let isControlled = this.workers.controller !== null;
    this.workers.addEventListener("controllerchange", () => {
      if (this.isWanted) this.reload();
      // Another tab has changed over.
      else if (isControlled) this.cell.set("newer");
      isControlled = true;
    });
    const registration = await this.workers.register("/sw.js", { scope: "/", updateViaCache: "none" });
    this.registration = registration;
    registration.addEventListener("updatefound", () => this.follow(registration));
    if (registration.waiting !== null && isControlled) this.cell.set("newer");
    // Without a network there is nothing newer to find.
    setInterval(() => registration.update().catch(() => undefined), AGAIN_MS);
  }

  /** Change over, after everything that is being written has been stored. */
  async apply(): Promise<void> {
    await this.settle();
    this.isWanted = true;
    const waiting = this.registration?.waiting;
    if (waiting) waiting.postMessage("take over");
    else this.reload();
  }

  private follow({ installing }: Registration): void {
    if (installing === null || this.workers.controller === null) return;
    installing.addEventListener("statechange", () => {
      if (installing.state === "installed") this.cell.set("newer");
    });
  }
}
