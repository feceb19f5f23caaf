/** What a message says of its file, as far as it can be believed. */
import { type Content, numberIn, recordIn, textIn } from "./content";

/** Where a file lies, and what opens it where it is encrypted. */
export interface MediaSource {
  url: string;
  encrypted: EncryptedFile | undefined;
  mimetype: string;
  /** What is not uploaded yet lies here. */
  local?: Blob;
}

/** The specification's `EncryptedFile`, version 2. */
export interface EncryptedFile {
  url: string;
  key: { kty: string; key_ops: string[]; alg: string; k: string; ext: boolean };
  iv: string;
  hashes: { sha256: string };
  v: "v2";
}

export interface Attachment {
  name: string;
  size: number | undefined;
  source: MediaSource;
  thumbnail: MediaSource | undefined;
  width: number | undefined;
  height: number | undefined;
  durationMs: number | undefined;
  isVoice: boolean;
}

const MXC = /^mxc:\/\/[^/\s]+\/[\w-]+$/;
const VOICE = "org.matrix.msc3245.voice";

export function attachmentOf(content: Content): Attachment | undefined {
  const about = recordIn(content, "info");
  const source = sourceOf(content.file, content.url, textIn(about, "mimetype"));
  if (source === undefined) return undefined;
  const thumbnailType = textIn(recordIn(about, "thumbnail_info"), "mimetype");
  return {
    name: textIn(content, "filename") || textIn(content, "body"),
    size: numberIn(about, "size"),
    source,
    thumbnail: sourceOf(about.thumbnail_file, about.thumbnail_url, thumbnailType),
    width: numberIn(about, "w"),
    height: numberIn(about, "h"),
    durationMs: numberIn(about, "duration"),
    isVoice: VOICE in content,
  };
}

function sourceOf(file: unknown, url: unknown, mimetype: string): MediaSource | undefined {
  if (isEncryptedFile(file)) return { url: file.url, encrypted: file, mimetype };
  return typeof url === "string" && MXC.test(url) ? { url, encrypted: undefined, mimetype } : undefined;
}

function isEncryptedFile(value: unknown): value is EncryptedFile {
  if (typeof value !== "object" || value === null) return false;
  const file = value as Content;
  const texts = [file.url, file.iv, recordIn(file, "key").k, recordIn(file, "hashes").sha256];
  return file.v === "v2" && texts.every((text) => typeof text === "string") && MXC.test(String(file.url));
}
