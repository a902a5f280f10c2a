/**
 * The server's events over one long HTTP answer, for browsers whose WebSocket is blocked.
 *
 * Guarantees: the same handlers and the same single `ended` as `socket.js`. Does not send: messages then go by
 * `POST /api/widget/message`, and typing and read marks wait for a socket.
 *
 * @import {Clock} from './clock.js'
 * @import {Handlers, Transport} from './socket.js'
 */
import { UNAUTHENTICATED } from './backoff.js';

const SILENT_MS_MAX = 60_000;
const TICK_MS = 5_000;
/** Longest unfinished event that is kept; a server's frame is 64 KiB at most. */
const EVENT_CHARS_MAX = 128 * 1024;

/**
 * A reader of `text/event-stream`: give it text as it comes, it gives back the data of every finished event.
 * @returns {(text: string) => string[]}
 */
export function eventReader() {
  let rest = '';
  return (text) => {
    rest = (rest + text).replace(/\r\n?/g, '\n');
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    if (rest.length > EVENT_CHARS_MAX) throw new Error('an event is longer than a frame may be');
    return blocks
      .map((block) => block.split('\n').filter((line) => line.startsWith('data:')))
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.map((line) => line.slice(5).replace(/^ /, '')).join('\n'));
  };
}

/** @param {number} status the answer's status, as the close code that means the same */
function closeCode(status) {
  if (status === 401) return UNAUTHENTICATED;
  return status === 403 ? 4502 : 0;
}

/**
 * @param {{clock: Clock, request: (path: string, init: RequestInit) => Promise<Response>}} parts
 * @param {{token: string, cursor: string | null}} credentials
 * @param {Handlers} on
 * @returns {Transport}
 */
export function openStream({ clock, request }, { token, cursor }, on) {
  const stop = new AbortController();
  let heardAt = clock.now();
  let over = false;
  const stopTicks = clock.every(TICK_MS, () => clock.now() - heardAt >= SILENT_MS_MAX && end(0));

  function close() {
    over = true;
    stopTicks();
    stop.abort();
  }

  /** @param {number} code */
  function end(code) {
    if (over) return;
    close();
    on.ended(code);
  }

  async function run() {
    const after = cursor ? `?after=${encodeURIComponent(cursor)}` : '';
    const response = await request(`/api/widget/events${after}`, {
      headers: { Authorization: `Bearer ${token}`, Accept: 'text/event-stream' },
      credentials: 'omit',
      cache: 'no-store',
      signal: stop.signal,
    });
    if (over) return;
    if (response.status === 410) on.frame({ type: 'resync_required', reason: 'too_old' });
    if (!response.ok || !response.body) return end(closeCode(response.status));
    on.welcome(null);
    const read = eventReader();
    const text = response.body.pipeThrough(new TextDecoderStream()).getReader();
    while (!over) {
      const { done, value } = await text.read();
      if (done) break;
      heardAt = clock.now();
      for (const data of read(value)) {
        if (!over) on.frame(JSON.parse(data));
      }
    }
    end(0);
  }

  // Whatever breaks here (the network, an unreadable event) has one cure: begin again from the cursor.
  run().catch(() => end(0));
  return { kind: 'stream', send: () => false, probe() {}, close };
}
