/** Files on their way into one conversation: each with its progress, until it is a message, was cancelled or failed. */
import { MsgType } from "matrix-js-sdk";
import type { RoomMessageEventContent } from "matrix-js-sdk/lib/types";
import { Cell, type Value } from "../platform/value";
import type { Actions } from "./actions";
import type { Media, Uploaded } from "./media";
import { type Refusal, refusalOf } from "./refusal";

/** What is ready to be sent: pictures without what the camera wrote into them. */
export interface Outgoing {
  name: string;
  blob: Blob;
  kind: "image" | "file" | "voice";
  width?: number;
  height?: number;
  durationMs?: number;
  thumbnail?: { blob: Blob; width: number; height: number };
}

export interface Upload {
  id: number;
  name: string;
  part: number;
  refusal: Refusal | undefined;
}

export class Uploads {
  readonly current: Value<readonly Upload[]>;
  private readonly cell = new Cell<readonly Upload[]>([]);
  private readonly running = new Map<number, { outgoing: Outgoing; abort: AbortController }>();
  private latest = 0;

  constructor(
    private readonly media: Media,
    private readonly actions: Actions,
    private readonly roomId: string,
  ) {
    this.current = this.cell;
  }

  async send(outgoing: Outgoing): Promise<void> {
    this.latest += 1;
    const id = this.latest;
    this.cell.update((uploads) => [...uploads, { id, name: outgoing.name, part: 0, refusal: undefined }]);
    await this.run(id, outgoing);
  }

  cancel(id: number): void {
    this.running.get(id)?.abort.abort();
    this.forget(id);
  }

  async retry(id: number): Promise<void> {
    const known = this.running.get(id);
    this.change(id, { part: 0, refusal: undefined });
    if (known !== undefined) await this.run(id, known.outgoing);
  }

  private async run(id: number, outgoing: Outgoing): Promise<void> {
    const abort = new AbortController();
    this.running.set(id, { outgoing, abort });
    try {
      const content = await this.uploaded(id, outgoing, abort);
      if (abort.signal.aborted) return;
      this.forget(id);
      await this.actions.send(this.roomId, content);
    } catch (fault) {
      if (!abort.signal.aborted) this.change(id, { refusal: refusalOf(fault) });
    }
  }

  private async uploaded(id: number, outgoing: Outgoing, abort: AbortController): Promise<RoomMessageEventContent> {
    const { thumbnail } = outgoing;
    const progressed = (part: number) => this.change(id, { part });
    const small = thumbnail && (await this.media.upload(this.roomId, thumbnail.blob, () => undefined, abort));
    const large = await this.media.upload(this.roomId, outgoing.blob, progressed, abort);
    return contentOf(outgoing, large, small);
  }

  private change(id: number, change: Partial<Upload>): void {
    this.cell.update((uploads) => uploads.map((upload) => (upload.id === id ? { ...upload, ...change } : upload)));
  }

  private forget(id: number): void {
    this.running.delete(id);
    this.cell.update((uploads) => uploads.filter((upload) => upload.id !== id));
  }
}

const MESSAGE_TYPES = { image: MsgType.Image, file: MsgType.File, voice: MsgType.Audio } as const;

export function contentOf(outgoing: Outgoing, large: Uploaded, small: Uploaded | undefined): RoomMessageEventContent {
  const { blob, name, kind, width, height, durationMs, thumbnail } = outgoing;
  const about = {
    mimetype: blob.type || "application/octet-stream",
    size: blob.size,
    ...(width !== undefined && { w: width, h: height }),
    ...(durationMs !== undefined && { duration: durationMs }),
    ...(thumbnail !== undefined && small !== undefined && thumbnailOf(thumbnail, small)),
  };
  const voice = kind === "voice" ? { "org.matrix.msc3245.voice": {} } : {};
  const content = { msgtype: MESSAGE_TYPES[kind], body: name, filename: name, info: about, "m.mentions": {} };
  return { ...content, ...large, ...voice } as unknown as RoomMessageEventContent;
}

function thumbnailOf({ blob, width, height }: NonNullable<Outgoing["thumbnail"]>, small: Uploaded) {
  const place = "file" in small ? { thumbnail_file: small.file } : { thumbnail_url: small.url };
  return { ...place, thumbnail_info: { mimetype: blob.type, size: blob.size, w: width, h: height } };
}
