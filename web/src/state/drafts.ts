/** What somebody is writing, kept on this device under their own key: no reload, crash or change of tab takes it away. */
import type { Records } from "../platform/records";
import { type Sealed, seal, unseal } from "../platform/sealing";
import type { DraftModel, Written } from "./draft";

const AFTER_MS = 300;

export class Drafts {
  private readonly due = new Map<string, { timer: ReturnType<typeof setTimeout>; draft: DraftModel }>();

  constructor(
    private readonly records: Pick<Records<Sealed>, "get" | "put" | "delete">,
    private readonly key: CryptoKey,
  ) {}

  /** Go on with what was written in a room, and keep what is written from now on. */
  async keep(roomId: string, draft: DraftModel): Promise<void> {
    draft.state.subscribe(() => this.changed(roomId, draft));
    const sealed = await this.records.get(roomId);
    const clear = sealed && (await unseal(this.key, sealed));
    if (clear !== undefined) draft.restore(JSON.parse(new TextDecoder().decode(clear)) as Written);
  }

  /** Ends when everything that was written is stored. */
  async settle(): Promise<void> {
    const waiting = [...this.due];
    await Promise.all(waiting.map(([roomId, { draft }]) => this.store(roomId, draft)));
  }

  private changed(roomId: string, draft: DraftModel): void {
    clearTimeout(this.due.get(roomId)?.timer);
    const timer = setTimeout(() => this.store(roomId, draft).catch(() => undefined), AFTER_MS);
    this.due.set(roomId, { timer, draft });
  }

  private async store(roomId: string, draft: DraftModel): Promise<void> {
    clearTimeout(this.due.get(roomId)?.timer);
    this.due.delete(roomId);
    const written = draft.written();
    if (written === undefined) return this.records.delete(roomId);
    await this.records.put(roomId, await seal(this.key, new TextEncoder().encode(JSON.stringify(written))));
  }
}
