/**
 * Keeps the visitor connected: opens a transport, and opens the next when it ends.
 *
 * Guarantees: at most one transport and one timer at a time; waits as `docs/sockets.md` says; a code of 45xx is not
 * retried but for one fresh session after 4501. Where two sockets in a row never came about it tries the event stream.
 * Does not know what frames mean, `goodbye` apart.
 *
 * @import {Clock} from './clock.js'
 * @import {Handlers, Transport} from './socket.js'
 * @import {ServerFrame, Welcome} from '../wire.js'
 *
 * @typedef {'idle' | 'connecting' | 'online' | 'waiting' | 'draining' | 'stopped'} LinkStatus
 * @typedef {{status: LinkStatus, kind: 'socket' | 'stream' | null, retryAt: number | null, code: number | null}} LinkState
 * @typedef {(credentials: {token: string, cursor: string | null}, on: Handlers) => Transport} Open
 *
 * @typedef {object} Parts
 * @property {Clock} clock
 * @property {() => number} random
 * @property {Open} socket
 * @property {Open} stream
 * @property {() => {token: string, cursor: string | null}} credentials asked anew at every try
 * @property {() => Promise<boolean>} renew makes a fresh session; false if the server refuses one for good
 * @property {(state: LinkState) => void} onState
 * @property {(frame: Welcome | null) => void} onWelcome
 * @property {(frame: ServerFrame) => void} onFrame
 */
import { isFinal, UNAUTHENTICATED, wait } from './backoff.js';

/** A connection that lasted this long was a good one: the next wait begins small again. */
const STABLE_MS = 10_000;
/** So many sockets that never came about before the stream is tried. */
const SOCKET_FAILURES_MAX = 2;
/** How long to live with the stream before a socket is tried again. */
const STREAM_MS_MAX = 5 * 60_000;

/** @param {Parts} parts */
export function createLink(parts) {
  const { clock } = parts;
  /** @type {Transport | null} */
  let transport = null;
  let cancelTimer = () => {};
  let running = false;
  let attempt = 0;
  let socketFailures = 0;
  let welcomedAt = 0;
  let renewed = false;
  let renewing = false;
  /** @type {number | null} */
  let askedToWait = null;

  /** @param {Partial<LinkState> & {status: LinkStatus}} state */
  function tell(state) {
    parts.onState({ kind: null, retryAt: null, code: null, ...state });
  }

  function connect() {
    cancelTimer();
    transport?.close();
    welcomedAt = 0;
    askedToWait = null;
    tell({ status: 'connecting' });
    const open = socketFailures >= SOCKET_FAILURES_MAX ? parts.stream : parts.socket;
    const mine = open(parts.credentials(), {
      welcome(frame) {
        welcomedAt = clock.now();
        renewed = false;
        if (mine.kind === 'socket') socketFailures = 0;
        else cancelTimer = clock.after(STREAM_MS_MAX, trySocket);
        parts.onWelcome(frame);
        if (transport === mine) tell({ status: 'online', kind: mine.kind });
      },
      frame(frame) {
        if (frame.type === 'goodbye') askedToWait = frame.reconnect_after_ms;
        else parts.onFrame(frame);
      },
      ended(code) {
        if (transport !== mine) return;
        transport = null;
        cancelTimer();
        count(mine.kind);
        next(code);
      },
    });
    transport = mine;
  }

  function trySocket() {
    socketFailures = SOCKET_FAILURES_MAX - 1;
    connect();
  }

  /** @param {'socket' | 'stream'} kind */
  function count(kind) {
    if (welcomedAt === 0 && kind === 'socket') socketFailures += 1;
    // A stream that ends leaves it open which of the two works now: the socket gets one try.
    if (kind === 'stream') socketFailures = SOCKET_FAILURES_MAX - 1;
    if (welcomedAt > 0 && clock.now() - welcomedAt >= STABLE_MS) attempt = 0;
  }

  /** @param {number} code */
  function next(code) {
    if (code === UNAUTHENTICATED && !renewed) {
      renewed = true;
      renew();
    } else if (isFinal(code)) {
      running = false;
      tell({ status: 'stopped', code });
    } else {
      pause(code);
    }
  }

  /** @param {number} code */
  function pause(code) {
    const delay = askedToWait ?? wait(attempt, parts.random);
    const status = askedToWait === null && code !== 4000 ? 'waiting' : 'draining';
    attempt += 1;
    tell({ status, retryAt: clock.now() + delay, code });
    cancelTimer = clock.after(delay, connect);
  }

  async function renew() {
    tell({ status: 'connecting' });
    let refused = false;
    renewing = true;
    try {
      refused = !(await parts.renew());
    } catch {
      // No answer: that says nothing about the session, so the next 4501 may ask again.
      renewed = false;
    }
    renewing = false;
    if (!running || transport) return;
    if (refused) {
      running = false;
      tell({ status: 'stopped', code: UNAUTHENTICATED });
    } else if (renewed) {
      connect();
    } else {
      pause(0);
    }
  }

  return {
    /** Connects; from a stopped link, too. */
    start() {
      running = true;
      attempt = 0;
      renewed = false;
      socketFailures = 0;
      connect();
    },
    /** Ends everything. */
    stop() {
      running = false;
      cancelTimer();
      transport?.close();
      transport = null;
      tell({ status: 'idle' });
    },
    /** Ends the transport and resumes from the cursor after the usual wait. */
    resume() {
      if (!transport) return;
      transport.close();
      transport = null;
      cancelTimer();
      if (welcomedAt > 0 && clock.now() - welcomedAt >= STABLE_MS) attempt = 0;
      pause(0);
    },
    /** The network is back or the visitor is: do not sit out a wait. A drain is sat out: the server spreads its clients. */
    hurry() {
      if (running && !renewing && !transport && askedToWait === null) connect();
    },
    /** The network may be gone: find out soon. */
    probe() {
      transport?.probe();
    },
    /**
     * @param {object} frame
     * @returns {boolean} whether it was handed to an open socket
     */
    send: (frame) => welcomedAt > 0 && transport !== null && transport.send(frame),
  };
}

/** @typedef {ReturnType<typeof createLink>} Link */
