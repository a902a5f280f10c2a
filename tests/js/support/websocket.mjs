/**
 * The server's side of RFC 6455, as much of it as a test needs: text frames whole, ping, pong, close.
 *
 * Does not: fragments, extensions, frames over 64 KiB.
 */
import { createHash } from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** @param {number} opcode @param {Buffer} payload */
function frame(opcode, payload) {
  const head = payload.length < 126
    ? Buffer.from([0x80 | opcode, payload.length])
    : Buffer.from([0x80 | opcode, 126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([head, payload]);
}

/**
 * Reads one whole frame from the front of the buffer; null if it is not all there.
 * @param {Buffer} data
 */
function readFrame(data) {
  if (data.length < 2) return null;
  let length = data[1] & 127;
  let at = 2;
  if (length === 126) {
    if (data.length < 4) return null;
    length = data.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (data.length < 10) return null;
    length = Number(data.readBigUInt64BE(2));
    at = 10;
  }
  if (data.length < at + 4 + length) return null;
  const mask = data.subarray(at, at + 4);
  const payload = Buffer.from(data.subarray(at + 4, at + 4 + length)).map((byte, index) => byte ^ mask[index % 4]);
  return { opcode: data[0] & 15, payload, size: at + 4 + length };
}

/**
 * Answers an upgrade and hands back the socket as an object with `send`, `close`, `cut`, `onText`, `onEnd`.
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:stream').Duplex} stream
 */
export function accept(request, stream) {
  const key = createHash('sha1').update(request.headers['sec-websocket-key'] + GUID).digest('base64');
  stream.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
  let rest = Buffer.alloc(0);
  let over = false;
  const socket = {
    onText(_text) {},
    onEnd() {},
    send(object) {
      if (!over) stream.write(frame(TEXT, Buffer.from(JSON.stringify(object))));
    },
    close(code) {
      if (!over) stream.write(frame(CLOSE, Buffer.from([code >> 8, code & 255])));
      end();
    },
    /** As a lost network does it: no close frame. */
    cut() {
      stream.destroy();
      end();
    },
  };
  function end() {
    if (over) return;
    over = true;
    stream.end();
    socket.onEnd();
  }
  stream.on('data', (data) => {
    rest = Buffer.concat([rest, data]);
    for (let one = readFrame(rest); one; one = readFrame(rest)) {
      rest = rest.subarray(one.size);
      if (one.opcode === CLOSE) socket.close(1000);
      else if (one.opcode === PING) stream.write(frame(PONG, one.payload));
      else if (one.opcode === TEXT && !over) socket.onText(one.payload.toString());
    }
  });
  stream.on('error', end);
  stream.on('close', end);
  return socket;
}
