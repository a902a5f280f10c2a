/**
 * The network: HTTP calls, the two transports, and the link that keeps one of them open.
 *
 * Guarantees: every call goes to the frame's own origin, and no token stands in a URL; a failed call throws a
 * {@link CallError} and nothing else. Does not repeat calls: callers know which may be repeated.
 */

const CALL_MS_MAX = 20_000;
/** Largest file that the server takes. */
export const FILE_BYTES_MAX = 10 * 1024 * 1024;

/** A call that did not succeed; status 0: no answer came. */
export class CallError extends Error {
  /** @param {number} status @param {string} code @param {string} [detail] @param {number | null} [retryAfterMs] */
  constructor(status, code, detail, retryAfterMs = null) {
    super(detail || code);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }

  /** The same call may succeed later, unchanged. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** @param {unknown} error @returns {CallError} */
export const asCallError = (error) => (error instanceof CallError ? error : new CallError(0, 'network', String(error)));

/** @param {number} status @param {string} body @param {string | null} retryAfter */
function readAnswer(status, body, retryAfter) {
  const fine = status >= 200 && status < 300;
  let parsed;
  try {
    parsed = JSON.parse(body);
  } catch {
    // Not ours (a proxy's page, say): the status alone has to do.
  }
  if (fine && parsed) return parsed;
  const ms = retryAfter ? Number(retryAfter) * 1000 : NaN;
  throw new CallError(fine ? 0 : status, parsed?.code ?? `http_${status}`, parsed?.detail, ms >= 0 ? ms : null);
}

/** @param {string} path @param {RequestInit} options @returns {Promise<any>} */
async function call(path, options) {
  try {
    const signal = AbortSignal.timeout(CALL_MS_MAX);
    const response = await fetch(path, { ...options, signal, credentials: 'omit', cache: 'no-store' });
    return readAnswer(response.status, await response.text(), response.headers.get('Retry-After'));
  } catch (error) {
    throw asCallError(error);
  }
}

/** @param {string} path @param {object} body */
const post = (path, body) =>
  call(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

/** @param {string} token */
const bearer = (token) => ({ Authorization: `Bearer ${token}` });

/** @param {InitRequest} request @returns {Promise<SessionAnswer>} */
export const init = (request) => post('/api/widget/init', request);

/** @param {SayRequest} request @returns {Promise<SayAnswer>} */
export const say = (request) => post('/api/widget/message', request);

/** So many messages come at once. */
export const HISTORY_PAGE = 100;

/** The newest messages, or those before a `seq`. @param {string} token @param {number} [before] @returns {Promise<HistoryAnswer>} */
export const history = (token, before) =>
  call(`/api/widget/message?limit=${HISTORY_PAGE}${before ? `&before=${before}` : ''}`, { headers: bearer(token) });

/** The address of a file, good for an hour. @param {string} token @param {string} id @returns {Promise<{url: string}>} */
export const attachment = (token, id) => call(`/api/attachments/${id}/download`, { headers: bearer(token) });

/** @param {string} token @param {File} file @param {string | null} conversationId @param {(part: number) => void} onProgress @returns {Upload} */
export function upload(token, file, conversationId, onProgress) {
  // fetch reports no progress of an upload; XMLHttpRequest does.
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append('file', file, file.name);
  if (conversationId) form.append('conversationId', conversationId);
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / (total || 1));
    request.onerror = request.onabort = () => reject(new CallError(0, 'network'));
    request.onload = () => {
      try {
        resolve(readAnswer(request.status, request.responseText, null));
      } catch (error) {
        reject(error);
      }
    };
  });
  request.open('POST', '/api/upload');
  request.setRequestHeader('Authorization', `Bearer ${token}`);
  request.send(form);
  return { done, abort: () => request.abort() };
}

const PING_MS = 25_000;
const SILENT_MS_MAX = 60_000;
const WELCOME_MS_MAX = 15_000;
const PROBE_MS_MAX = 5_000;
const TICK_MS = 5_000;

/** One WebSocket. @param {Clock} clock @param {() => WebSocket} connect @param {Credentials} credentials @param {TransportHandlers} on @returns {Transport} */
export function openSocket(clock, connect, { token, cursor }, on) {
  const socket = connect();
  let heardAt = clock.now();
  let askedAt = 0;
  let welcomed = false;
  let over = false;
  let stopProbe = () => {};

  const stopTicks = clock.every(TICK_MS, () => {
    const now = clock.now();
    const quiet = now - heardAt;
    // Timers of a hidden page may sleep for a minute: silence counts only after a ping that found no answer.
    if (!welcomed ? quiet > WELCOME_MS_MAX : quiet >= SILENT_MS_MAX && askedAt > heardAt) end(0);
    else if (welcomed && quiet >= PING_MS && now - askedAt >= PING_MS) ask();
  });

  function ask() {
    askedAt = clock.now();
    send({ type: 'ping' });
  }

  /** @param {object} frame */
  function send(frame) {
    if (over || socket.readyState !== 1) return false;
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
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000);
  }

  socket.onopen = () => send({ type: 'hello', token, ...(cursor && { cursor }) });
  socket.onclose = ({ code }) => end(code >= 4000 ? code : 0);
  socket.onmessage = ({ data }) => {
    heardAt = clock.now();
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
    return undefined;
  };

  return {
    kind: 'socket',
    send,
    close,
    probe() {
      const before = heardAt;
      if (!welcomed || over) return;
      ask();
      stopProbe();
      stopProbe = clock.after(PROBE_MS_MAX, () => heardAt === before && end(0));
    },
  };
}

/** Longest unfinished event that is kept; a server's frame is 64 KiB at most. */
const EVENT_CHARS_MAX = 128 * 1024;

/** A reader of `text/event-stream`: text in as it comes, the data of every finished event out. */
export function eventReader() {
  let rest = '';
  return (/** @type {string} */ text) => {
    rest = (rest + text).replace(/\r\n/g, '\n');
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    if (rest.length > EVENT_CHARS_MAX) throw new Error('an event is longer than a frame may be');
    return blocks
      .map((block) => block.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trim()).join('\n'))
      .filter((data) => data !== '');
  };
}

/** The same events over one long HTTP answer. It cannot send. @param {Clock} clock @param {(path: string, options: RequestInit) => Promise<Response>} request @param {Credentials} credentials @param {TransportHandlers} on @returns {Transport} */
export function openStream(clock, request, { token, cursor }, on) {
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
    const after = cursor ? `?after=${cursor}` : '';
    const headers = { ...bearer(token), Accept: 'text/event-stream' };
    const { ok, status, body } = await request(`/api/widget/events${after}`,
      { headers, credentials: 'omit', cache: 'no-store', signal: stop.signal });
    if (over) return;
    if (status === 410) on.frame({ type: 'resync_required', reason: 'too_old' });
    // The close codes of sockets that mean the same.
    if (!ok || !body) return end(status === 401 ? UNAUTHENTICATED : status === 403 ? 4502 : 0);
    on.welcome(null);
    const read = eventReader();
    const text = body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await text.read(); !over && !part.done; part = await text.read()) {
      heardAt = clock.now();
      read(part.value).forEach((data) => over || on.frame(JSON.parse(data)));
    }
    end(0);
  }

  // Whatever breaks here (the network, an unreadable event) has one cure: begin again from the cursor.
  run().catch(() => end(0));
  return { kind: 'stream', send: () => false, probe() {}, close };
}

/** The token was not accepted: worth one fresh session. */
const UNAUTHENTICATED = 4501;
const WAIT_MS_MAX = 30_000;
const WAIT_MS_FIRST = 500;

/** A wait at random, so that clients cut at once do not come back at once. @param {number} attempt from 0 @param {() => number} random */
export const wait = (attempt, random) => Math.round(random() * Math.min(WAIT_MS_MAX, WAIT_MS_FIRST * 2 ** Math.min(attempt, 16)));

/** A connection that lasted this long was a good one: the next wait begins small again. */
const STABLE_MS = 10_000;
/** So many sockets that never came about before the stream is tried. */
const SOCKET_FAILURES_MAX = 2;
/** How long to live with the stream before a socket is tried again. */
const STREAM_MS_MAX = 300_000;

/** @param {LinkParts} parts @returns {Link} */
export function createLink(parts) {
  const { clock } = parts;
  /** @type {Transport | null} */
  let transport = null;
  let cancelTimer = () => {};
  let running = false;
  let attempt = 0;
  let socketFailures = 0;
  let welcomedAt = 0;
  /** After 4501: a fresh session was asked for, and is being made. */
  let renewed = false;
  let renewing = false;
  /** @type {number | null} */
  let askedToWait = null;

  /** @param {LinkStatus} status @param {Partial<LinkState>} [more] */
  const tell = (status, more) => parts.onState({ status, kind: null, retryAt: null, code: null, ...more });

  function connect() {
    cancelTimer();
    transport?.close();
    welcomedAt = 0;
    askedToWait = null;
    tell('connecting');
    const open = socketFailures >= SOCKET_FAILURES_MAX ? parts.stream : parts.socket;
    const mine = open(parts.credentials(), {
      welcome(frame) {
        welcomedAt = clock.now();
        renewed = false;
        if (mine.kind === 'socket') socketFailures = 0;
        else cancelTimer = clock.after(STREAM_MS_MAX, trySocket);
        parts.onWelcome(frame);
        if (transport === mine) tell('online', { kind: mine.kind });
      },
      frame(frame) {
        if (frame.type === 'goodbye') askedToWait = frame.reconnect_after_ms;
        else parts.onFrame(frame);
      },
      ended(code) {
        if (transport !== mine) return;
        forget();
        if (mine.kind === 'stream') socketFailures = SOCKET_FAILURES_MAX - 1;
        else if (!welcomedAt) socketFailures += 1;
        next(code);
      },
    });
    transport = mine;
  }

  function trySocket() {
    socketFailures = SOCKET_FAILURES_MAX - 1;
    connect();
  }

  function forget() {
    cancelTimer();
    transport?.close();
    transport = null;
    if (welcomedAt && clock.now() - welcomedAt >= STABLE_MS) attempt = 0;
  }

  /** @param {number} code */
  function next(code) {
    if (code === UNAUTHENTICATED && !renewed) renew();
    else if (code >= 4500 && code <= 4999) refused(code);
    else pause(code);
  }

  /** @param {number} code */
  function refused(code) {
    running = false;
    tell('stopped', { code });
  }

  /** @param {number} code */
  function pause(code) {
    const delay = askedToWait ?? wait(attempt, parts.random);
    attempt += 1;
    tell(askedToWait === null && code !== 4000 ? 'waiting' : 'draining', { retryAt: clock.now() + delay, code });
    cancelTimer = clock.after(delay, connect);
  }

  async function renew() {
    tell('connecting');
    renewed = renewing = true;
    let granted = true;
    try {
      granted = await parts.renew();
    } catch {
      // No answer says nothing about the session: the next 4501 may ask again.
      renewed = false;
    }
    renewing = false;
    if (!running || transport) return;
    if (!granted) refused(UNAUTHENTICATED);
    else if (renewed) connect();
    else pause(0);
  }

  return {
    start() {
      running = true;
      renewed = false;
      attempt = socketFailures = 0;
      connect();
    },
    stop() {
      running = false;
      forget();
      tell('idle');
    },
    resume() {
      if (!transport) return;
      forget();
      pause(0);
    },
    hurry() {
      if (running && !renewing && !transport && askedToWait === null) connect();
    },
    probe: () => transport?.probe(),
    send: (frame) => welcomedAt > 0 && transport !== null && transport.send(frame),
  };
}
