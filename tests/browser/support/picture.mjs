/**
 * Files that a test sends: a real picture, made here, and bytes of any length.
 */
import { deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** CRC-32 as PNG wants it (ISO 3309); Node has one of its own only from 22 on. @param {Buffer} bytes */
function checksum(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(checksum(body), body.length + 4);
  return out;
}

/** A green frame, say: a gradient with a circle, as PNG. @param {number} [width] @param {number} [height] */
export function picture(width = 480, height = 320) {
  const rows = Buffer.alloc(height * (width * 3 + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * (width * 3 + 1) + 1 + x * 3;
      const far = Math.hypot(x - width / 2, y - height / 2) / (height / 2.6);
      const ring = far > 0.85 && far < 1;
      rows[at] = ring ? 250 : 20 + Math.round((x / width) * 60);
      rows[at + 1] = ring ? 250 : 110 + Math.round((y / height) * 80);
      rows[at + 2] = ring ? 245 : 90;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

/** @param {string} name @param {number} size */
export const bytes = (name, size) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.alloc(size, 7) });

/** @param {string} name */
export const photo = (name) => ({ name, mimeType: 'image/png', buffer: picture() });
