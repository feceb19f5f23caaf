/** The outbox as this device keeps it, sealed: for each message a record, and beside it the files that it sends. */
import type { SealedRecords } from "../platform/sealedRecords";
import type { Outgoing } from "./outbox";
import type { OutgoingFile } from "./outgoingFile";

/** When a method returns, what it did is durable. */
export interface OutboxStore {
  all(): Promise<readonly Outgoing[]>;
  put(entry: Outgoing): Promise<void>;
  delete(txnId: string): Promise<void>;
}

type KeptFile = Omit<OutgoingFile, "blob" | "thumbnail"> & {
  type: string;
  thumbnail?: { type: string; width: number; height: number };
};

interface Kept extends Omit<Outgoing, "file"> {
  file?: KeptFile;
}

const FILE = "/file";
const THUMBNAIL = "/thumbnail";

export class SealedOutboxStore implements OutboxStore {
  // One after the other: a message that was sent at once must not be written down after it was crossed out.
  private latest: Promise<unknown> = Promise.resolve();

  constructor(private readonly records: SealedRecords) {}

  async all(): Promise<readonly Outgoing[]> {
    const names = (await this.records.keys()).filter((name) => !name.includes("/"));
    const entries = await Promise.all(names.map((name) => this.entry(name)));
    return entries.filter((entry) => entry !== undefined);
  }

  put(entry: Outgoing): Promise<void> {
    return this.inTurn(async () => {
      const { file, ...rest } = entry;
      if (file !== undefined) await this.putFiles(entry.txnId, file);
      // Last: a record stands for files that are there.
      await this.records.write(entry.txnId, { ...rest, ...(file && { file: withoutBlobs(file) }) } satisfies Kept);
    });
  }

  delete(txnId: string): Promise<void> {
    return this.inTurn(async () => {
      for (const part of ["", FILE, THUMBNAIL]) await this.records.delete(txnId + part);
    });
  }

  private inTurn<Answer>(act: () => Promise<Answer>): Promise<Answer> {
    const turn = this.latest.then(act);
    this.latest = turn.catch(() => undefined);
    return turn;
  }

  /** Files never change, so that they are written once. */
  private async putFiles(txnId: string, { blob, thumbnail }: OutgoingFile): Promise<void> {
    if ((await this.records.keys()).includes(txnId + FILE)) return;
    if (thumbnail !== undefined) await this.records.put(txnId + THUMBNAIL, await bytesOf(thumbnail.blob));
    await this.records.put(txnId + FILE, await bytesOf(blob));
  }

  /** Nothing for what is not whole, or was sealed by a key that is gone. */
  private async entry(txnId: string): Promise<Outgoing | undefined> {
    const kept = await this.records.read<Kept>(txnId);
    if (kept === undefined) return undefined;
    const { file, ...rest } = kept;
    const stage = rest.stage === "failed" ? "failed" : "waiting";
    const whole = file && (await this.file(txnId, file));
    if (file !== undefined && whole === undefined) return undefined;
    return { ...NOTHING, ...rest, isKept: true, stage, file: whole };
  }

  private async file(txnId: string, { type, thumbnail, ...rest }: KeptFile): Promise<OutgoingFile | undefined> {
    const bytes = await this.records.get(txnId + FILE);
    const small = thumbnail && (await this.records.get(txnId + THUMBNAIL));
    if (bytes === undefined) return undefined;
    const blob = new Blob([bytes], { type });
    if (thumbnail === undefined || small === undefined) return { ...rest, blob };
    const { width, height } = thumbnail;
    return { ...rest, blob, thumbnail: { blob: new Blob([small], { type: thumbnail.type }), width, height } };
  }
}

// JSON leaves out what is not there.
const NOTHING = { content: undefined, accepted: undefined, refusal: undefined };

function withoutBlobs({ blob, thumbnail, ...rest }: OutgoingFile): KeptFile {
  if (thumbnail === undefined) return { ...rest, type: blob.type };
  const { width, height } = thumbnail;
  return { ...rest, type: blob.type, thumbnail: { type: thumbnail.blob.type, width, height } };
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer());
}
