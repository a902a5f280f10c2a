/**
 * One WebSocket to `/ws/visitor`, from `hello` to its end.
 *
 * Guarantees: `ended` is called exactly once; no token stands in the URL; a socket on which nothing came for
 * {@link SILENT_MS_MAX} although we asked is given up. Does not reconnect: see `link.js`.
 *
 * @import {Clock} from './clock.js'
 * @import {ServerFrame, Welcome} from '../wire.js'
 *
 * @typedef {object} Handlers
 * @property {(frame: Welcome | null) => void} welcome the server has taken us in (null: over a transport that says no welcome)
 * @property {(frame: ServerFrame) => void} frame
 * @property {(code: number) => void} ended a close code, or 0 when the connection was never made or simply broke
 *
 * @typedef {object} Transport
 * @property {'socket' | 'stream'} kind
 * @property {(frame: object) => boolean} send false if it cannot be sent here and now
 * @property {() => void} probe asks for a sign of life soon
 * @property {() => void} close ends it without calling `ended`
 */

const PING_MS = 25_000;
const SILENT_MS_MAX = 60_000;
const WELCOME_MS_MAX = 15_000;
const PROBE_MS_MAX = 5_000;
const TICK_MS = 5_000;

/**
 * @param {{clock: Clock, connect: (url: string) => WebSocket, url: string}} parts
 * @param {{token: string, cursor: string | null}} credentials
 * @param {Handlers} on
 * @returns {Transport}
 */
export function openSocket({ clock, connect, url }, { token, cursor }, on) {
  const socket = connect(url);
  let heardAt = clock.now();
  let askedAt = 0;
  let welcomed = false;
  let over = false;
  let stopProbe = () => {};

  const stopTicks = clock.every(TICK_MS, () => {
    const now = clock.now();
    const quiet = now - heardAt;
    if (!welcomed) {
      if (quiet > WELCOME_MS_MAX) end(0);
      return;
    }
    // Timers of a hidden page may sleep for a minute: silence counts only after a ping that found no answer.
    if (quiet >= SILENT_MS_MAX && askedAt > heardAt) return end(0);
    if (quiet >= PING_MS && now - askedAt >= PING_MS) ask();
  });

  function ask() {
    askedAt = clock.now();
    send({ type: 'ping' });
  }

  /** @param {object} frame */
  function send(frame) {
    if (over || socket.readyState !== socket.OPEN) return false;
    socket.send(JSON.stringify(frame));
    return true;
  }

  /** @param {number} code */
  function end(code) {
    if (over) return;
    close();
    on.ended(code);
  }

  function close() {
    over = true;
    stopTicks();
    stopProbe();
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket.close(1000);
  }

  socket.onopen = () => {
    heardAt = clock.now();
    send(cursor ? { type: 'hello', token, cursor } : { type: 'hello', token });
  };
  socket.onmessage = ({ data }) => {
    heardAt = clock.now();
    /** @type {ServerFrame} */
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      // A frame that cannot be read is one that is missing: begin again from the cursor.
      return end(0);
    }
    if (frame.type === 'welcome') {
      welcomed = true;
      on.welcome(frame);
    } else if (frame.type !== 'pong') {
      on.frame(frame);
    }
  };
  socket.onclose = ({ code }) => end(code >= 4000 ? code : 0);

  return {
    kind: 'socket',
    send,
    close,
    probe() {
      if (!welcomed || over) return;
      const before = heardAt;
      ask();
      stopProbe();
      stopProbe = clock.after(PROBE_MS_MAX, () => heardAt === before && end(0));
    },
  };
}
