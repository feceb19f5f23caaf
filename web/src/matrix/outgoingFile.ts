/** Files that are ready to be sent, and what a message says of them: pictures without what the camera wrote into them. */
import type { Content } from "./content";
import type { Uploaded } from "./media";

export interface OutgoingFile {
  name: string;
  blob: Blob;
  kind: "image" | "file" | "voice" | "video";
  width?: number;
  height?: number;
  durationMs?: number;
  thumbnail?: { blob: Blob; width: number; height: number };
}

const MESSAGE_TYPES = { image: "m.image", file: "m.file", voice: "m.audio", video: "m.video" } as const;

export function contentOf(file: OutgoingFile, large: Uploaded, small: Uploaded | undefined): Content {
  const { blob, name, kind, width, height, durationMs, thumbnail } = file;
  const about = {
    mimetype: blob.type || "application/octet-stream",
    size: blob.size,
    ...(width !== undefined && { w: width, h: height }),
    ...(durationMs !== undefined && { duration: durationMs }),
    ...(thumbnail !== undefined && small !== undefined && thumbnailOf(thumbnail, small)),
  };
  const voice = kind === "voice" ? { "org.matrix.msc3245.voice": {} } : {};
  return {
    msgtype: MESSAGE_TYPES[kind],
    body: name,
    filename: name,
    info: about,
    "m.mentions": {},
    ...large,
    ...voice,
  };
}

function thumbnailOf({ blob, width, height }: NonNullable<OutgoingFile["thumbnail"]>, small: Uploaded) {
  const place = "file" in small ? { thumbnail_file: small.file } : { thumbnail_url: small.url };
  return { ...place, thumbnail_info: { mimetype: blob.type, size: blob.size, w: width, h: height } };
}
