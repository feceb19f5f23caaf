// A PNG of one colour, made here: stories need a picture that is nobody's.

import { crc32, deflateSync } from "node:zlib";
import { Buffer } from "node:buffer";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The bytes of a picture in greys. */
export function picture(width, height) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8; // bits for each sample, and one sample of grey a pixel
  const rows = Buffer.from(Array.from({ length: height }, (_, y) => [0, ...Array.from({ length: width }, (_, x) => (x * y) % 251)]).flat());
  return Buffer.concat([SIGNATURE, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type, body) {
  const named = Buffer.concat([Buffer.from(type), body]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}
