/** Files of messages: opened for views as addresses that last as long as a view wants them, and sent encrypted. */
import type { MatrixClient } from "matrix-js-sdk";
import type { EncryptedFile, MediaSource } from "./attachment";
import { decrypt, encrypt } from "./encryptedFile";

/** Where an uploaded file lies: `file` in encrypted rooms, `url` in others. */
export type Uploaded = { file: EncryptedFile } | { url: string };

// What a browser may draw; anything else that says to be a picture, above all SVG, is only downloaded.
const DRAWN = /^(image\/(png|jpeg|gif|webp|avif|bmp)|(audio|video)\/[\w.+-]+)$/;
const KEPT = 30;
// Beyond this a file that was sent from here is loaded again rather than kept.
const KEPT_BYTES = 1_000_000;

interface Opened {
  address: Promise<string>;
  users: number;
}

export class Media {
  private readonly opened = new Map<string, Opened>();

  constructor(private readonly client: MatrixClient) {}

  /** Return an address for a view, which gives it back by `release`. */
  acquire(source: MediaSource): Promise<string> {
    const known = this.opened.get(source.url);
    if (known !== undefined) {
      known.users += 1;
      return known.address;
    }
    const address = this.load(source).then((blob) => URL.createObjectURL(blob));
    this.opened.set(source.url, { address, users: 1 });
    address.catch(() => this.opened.delete(source.url));
    return address;
  }

  release(source: MediaSource): void {
    const known = this.opened.get(source.url);
    if (known !== undefined) known.users -= 1;
    // A video is too large to be kept for the next who looks.
    if (known?.users === 0 && source.mimetype.startsWith("video/")) this.forget(source.url, known);
    if (this.opened.size > KEPT) this.sweep();
  }

  /** Return a file as it was sent; of a type that no browser runs. */
  async load({ url, encrypted, mimetype, local }: MediaSource): Promise<Blob> {
    if (local !== undefined) return local.slice(0, local.size, typeOf(mimetype));
    const stored = await this.download(url);
    const plain = encrypted === undefined ? stored : await decrypt(stored, encrypted);
    return new Blob([plain], { type: typeOf(mimetype) });
  }

  /** Store a file, encrypted where the room is; `progressed` hears the part that is done, from 0 to 1. */
  async upload(
    roomId: string,
    blob: Blob,
    progressed: (part: number) => void,
    abort: AbortController,
  ): Promise<Uploaded> {
    const options = {
      abortController: abort,
      includeFilename: false,
      progressHandler: ({ loaded, total }: { loaded: number; total: number }) =>
        progressed(total > 0 ? loaded / total : 0),
    };
    if (this.client.getRoom(roomId)?.hasEncryptionStateEvent() !== true) {
      const { content_uri: url } = await this.client.uploadContent(blob, { ...options, type: blob.type });
      this.keep(url, blob);
      return { url };
    }
    const { ciphertext, describe } = await encrypt(await blob.arrayBuffer());
    const stored = new Blob([ciphertext]);
    const { content_uri: url } = await this.client.uploadContent(stored, {
      ...options,
      type: "application/octet-stream",
    });
    this.keep(url, blob);
    return { file: describe(url) };
  }

  /** What was sent from here is not loaded again to be shown. */
  private keep(url: string, blob: Blob): void {
    if (blob.size > KEPT_BYTES || !isDrawn(blob.type)) return;
    this.opened.set(url, { address: Promise.resolve(URL.createObjectURL(blob)), users: 0 });
  }

  private async download(url: string): Promise<ArrayBuffer> {
    const address = this.client.mxcUrlToHttp(url, undefined, undefined, undefined, false, true, true);
    if (address === null) throw new Error("not the address of a file");
    const headers = { Authorization: `Bearer ${this.client.getAccessToken()}` };
    const response = await fetch(address, { headers });
    if (!response.ok) throw new Error(`the file is not to be had: ${response.status}`);
    return response.arrayBuffer();
  }

  private sweep(): void {
    for (const [url, { users, address }] of this.opened) {
      if (users > 0) continue;
      this.forget(url, { address, users });
    }
  }

  private forget(url: string, { address }: Opened): void {
    this.opened.delete(url);
    address.then(URL.revokeObjectURL, () => undefined);
  }
}

function typeOf(mimetype: string): string {
  return isDrawn(mimetype) ? mimetype : "application/octet-stream";
}

export function isDrawn(mimetype: string): boolean {
  return DRAWN.test(mimetype);
}
