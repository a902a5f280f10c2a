/**
 * Files that a test sends: a real picture, made here, and bytes of any length; and screenshots made small.
 */
import { deflateSync, inflateSync } from 'node:zlib';

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

/** A green frame, say: two greens and a ring, as PNG. @param {number} [width] @param {number} [height] */
export function picture(width = 480, height = 320) {
  const rows = Buffer.alloc(height * (width * 3 + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * (width * 3 + 1) + 1 + x * 3;
      const far = Math.hypot(x - width / 2, y - height / 2) / (height / 2.6);
      const ring = far > 0.85 && far < 1;
      rows.set(ring ? [250, 250, 245] : y > height / 2 ? [24, 105, 72] : [36, 138, 96], at);
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

/** Channels are rounded to this step: no eye sees it, and there is less to keep. */
const STEP = 2;

/** The byte that PNG's filter 4 expects (PNG 1.2, section 6.6). @param {number} left @param {number} above @param {number} corner */
function paeth(left, above, corner) {
  const guess = left + above - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? above : corner;
}

/** The same picture (8 bits a channel, no interlace) in fewer bytes. @param {Buffer} png */
export function squeeze(png) {
  const parts = [];
  for (let at = SIGNATURE.length; at < png.length; at += 12 + png.readUInt32BE(at)) {
    parts.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + png.readUInt32BE(at)) });
  }
  const header = parts[0].data;
  const wide = header[9] === 6 ? 4 : 3;
  const stride = header.readUInt32BE(0) * wide;
  const raw = inflateSync(Buffer.concat(parts.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
  const rounded = Buffer.alloc(raw.length);
  let above = Buffer.alloc(stride);
  for (let start = 0; start < raw.length; start += stride + 1) {
    const line = Buffer.from(raw.subarray(start + 1, start + 1 + stride));
    for (let index = 0; index < stride; index += 1) {
      const left = index < wide ? 0 : line[index - wide];
      const corner = index < wide ? 0 : above[index - wide];
      const expected = [0, left, above[index], (left + above[index]) >> 1, paeth(left, above[index], corner)][raw[start]];
      line[index] = (line[index] + expected) & 255;
      rounded[start + 1 + index] = Math.min(255, Math.round(line[index] / STEP) * STEP);
    }
    above = line;
  }
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(rounded, { level: 9, memLevel: 9 })), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([SIGNATURE, ...chunks]);
}
