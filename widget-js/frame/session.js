/**
 * The visitor's session: begins it, loads what was said, keeps the link, and turns what comes into the state.
 *
 * Guarantees: a session that the server refuses for a passing reason is asked for again, with growing waits, until it is
 * there; a gap in the events is healed from the cursor, and where that does not help from the history; whatever began
 * before `restart` or `stop` has no effect after it. Does not: send messages (`sender.js`) or draw.
 *
 * @import {Clock} from './net/clock.js'
 * @import {Open} from './net/link.js'
 * @import {Store} from './state/store.js'
 * @import {Kept} from './state/storage.js'
 * @import {Ack, EventFrame, Limits, Refused, ServerFrame, Session, WireMessage} from './wire.js'
 *
 * @typedef {object} Calls the HTTP calls that a session makes
 * @property {(request: {apiKey: string, visitorId?: string, metadata?: object, identity?: object}) => Promise<Session>} init
 * @property {(token: string, after: number | null) => Promise<{messages: WireMessage[], cursor: string}>} history
 *
 * @typedef {object} Parts
 * @property {string} apiKey
 * @property {Store} store
 * @property {Kept} kept
 * @property {Clock} clock
 * @property {() => number} random
 * @property {Calls} calls
 * @property {Open} socket
 * @property {Open} stream
 * @property {() => object} metadata of the page, for `init`
 * @property {(frame: Ack | Refused) => void} onAnswer an answer to something that was sent
 * @property {(error: {code: string, detail: string}) => void} onError something the page's owner may want to know
 */
import { asCallError } from './net/api.js';
import { wait } from './net/backoff.js';
import { createLink } from './net/link.js';
import { joinCursor } from './state/cursor.js';
import { judge } from './state/store.js';

/** A full page of history has at least so many messages: a shorter answer is the last. */
const PAGE_MESSAGES_MIN = 25;
/** Most pages that are read in a row. */
const PAGES_MAX = 40;
/** How long somebody is shown to be typing after the last word of it. */
const TYPING_MS_MAX = 8_000;

/** @param {Parts} parts */
export function createSession(parts) {
  const { store, kept, clock, calls } = parts;
  let token = '';
  /** Grows with every restart: a step that finds another number than it began with has nothing to say any more. */
  let life = 0;
  let cancelTyping = () => {};
  let cancelRetry = () => {};
  /** @type {object | undefined} */
  let identity;
  /** @type {string | null} */
  let welcomeCursor = null;
  /** The place before which something was missing, when we last resumed because of it. @type {number | null} */
  let missedAt = null;
  /** @type {Limits} */
  let limits = { frame_bytes_max: 65_536, text_chars_max: 10_000, attachments_max: 10 };

  const link = createLink({
    clock,
    random: parts.random,
    socket: parts.socket,
    stream: parts.stream,
    credentials: () => ({ token, cursor: joinCursor(store.get().epoch, store.get().place) }),
    renew,
    onState: (state) => store.dispatch({ type: 'link', link: state }),
    onWelcome(frame) {
      if (!frame) return;
      welcomeCursor = frame.cursor;
      limits = { ...limits, ...frame.limits };
      if (store.get().place === null) store.dispatch({ type: 'resync', cursor: frame.cursor });
    },
    onFrame: take,
  });

  /** @returns {Promise<Session>} */
  async function init() {
    const mine = life;
    const visitorId = kept.get('visitor');
    const session = await calls.init({
      apiKey: parts.apiKey,
      ...(visitorId && { visitorId }),
      metadata: parts.metadata(),
      ...(identity && { identity }),
    });
    if (mine === life) {
      token = session.sessionToken;
      kept.set('visitor', session.visitorId);
      kept.set('config', session.config);
    }
    return session;
  }

  /**
   * Waits as `backoff.js` says, or as long as the server asked for.
   * @param {number} attempt
   * @param {number | null} atLeastMs
   * @returns {Promise<void>}
   */
  function pause(attempt, atLeastMs) {
    const delay = Math.max(wait(attempt, parts.random), atLeastMs ?? 0, 250);
    return new Promise((resolve) => {
      cancelRetry = clock.after(delay, resolve);
    });
  }

  /**
   * Repeats a call until it succeeds, is refused for good (then throws) or this life ends (then gives undefined).
   * @template T
   * @param {() => Promise<T>} step
   * @param {(retryAt: number) => void} onWait
   * @returns {Promise<T | undefined>}
   */
  async function persist(step, onWait) {
    const mine = life;
    for (let attempt = 1; mine === life; attempt += 1) {
      try {
        const result = await step();
        return mine === life ? result : undefined;
      } catch (error) {
        const failure = asCallError(error);
        if (mine !== life) return undefined;
        if (!failure.passing) throw failure;
        const pausing = pause(attempt, failure.retryAfterMs);
        onWait(clock.now() + (failure.retryAfterMs ?? 0));
        await pausing;
      }
    }
    return undefined;
  }

  async function begin() {
    const mine = life;
    try {
      const session = await persist(init, waitingForServer);
      if (session && mine === life) enter(session);
    } catch (error) {
      if (mine === life) refuse(asCallError(error));
    }
  }

  function waitingForServer() {
    const link = { status: /** @type {const} */ ('waiting'), kind: null, retryAt: null, code: 0 };
    store.dispatch({ type: 'link', link });
  }

  /** @param {import('./net/api.js').CallError} failure */
  function refuse(failure) {
    if (identity) {
      // A wrong identity must not silence the visitor: go on as nobody in particular.
      identity = undefined;
      parts.onError({ code: failure.code, detail: failure.message });
      begin();
      return;
    }
    parts.onError({ code: failure.code, detail: failure.message });
    store.dispatch({ type: 'refused', code: failure.code });
  }

  /** @param {Session} session */
  function enter({ config, visitorId, conversationId, cursor }) {
    store.dispatch({ type: 'session', config, visitorId, conversationId, cursor });
    if (conversationId) loadHistory();
    link.start();
  }

  /** @returns {Promise<boolean>} false if the server refuses a new session for good */
  async function renew() {
    const mine = life;
    try {
      const { config, visitorId, conversationId, cursor } = await init();
      if (mine !== life) return true;
      store.dispatch({ type: 'session', config, visitorId, conversationId, cursor });
      if (!store.get().loaded) loadHistory();
      return true;
    } catch (error) {
      if (asCallError(error).passing) throw error;
      return false;
    }
  }

  async function loadHistory() {
    const mine = life;
    try {
      const messages = await persist(readHistory, () => {});
      if (messages && mine === life) store.dispatch({ type: 'history', messages });
    } catch (error) {
      // Refused for good: the live link goes on, and says itself what is wrong with the session if anything is.
      const { code, message } = asCallError(error);
      parts.onError({ code, detail: message });
    }
  }

  async function readHistory() {
    /** @type {WireMessage[]} */
    const messages = [];
    /** @type {number | null} */
    let after = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const answer = await calls.history(token, after);
      const fresh = answer.messages.filter((message) => after === null || message.seq > after);
      messages.push(...fresh);
      if (fresh.length < PAGE_MESSAGES_MIN) break;
      after = fresh[fresh.length - 1]?.seq ?? null;
    }
    return messages;
  }

  /** @param {ServerFrame} frame */
  function take(frame) {
    switch (frame.type) {
      case 'event': return takeEvent(frame);
      case 'ack': return parts.onAnswer(frame);
      case 'refused': return parts.onAnswer(frame);
      case 'typing': return takeTyping(frame);
      case 'resync_required': return resync();
      default: return undefined;
    }
  }

  /** @param {EventFrame} frame */
  function takeEvent(frame) {
    const verdict = judge(store.get(), frame);
    if (verdict === 'repeat') return;
    if (verdict === 'another') return restart();
    const { place } = store.get();
    if (verdict === 'missing' && missedAt !== place) {
      missedAt = place;
      link.resume();
      return;
    }
    store.dispatch({ type: 'event', frame });
    // Resuming did not bring what is missing: the history holds every message, so take this event and read that.
    if (verdict === 'missing') loadHistory();
    missedAt = null;
  }

  /** @param {import('./wire.js').Typing} frame */
  function takeTyping(frame) {
    if (frame.author.type === 'visitor') return;
    cancelTyping();
    store.dispatch({ type: 'typing', on: frame.on, author: frame.author });
    if (frame.on) {
      cancelTyping = clock.after(TYPING_MS_MAX, () => store.dispatch({ type: 'typing', on: false, author: frame.author }));
    }
  }

  function resync() {
    if (welcomeCursor) {
      store.dispatch({ type: 'resync', cursor: welcomeCursor });
      loadHistory();
    } else {
      // The stream says no welcome, so the head comes with a fresh session.
      restart();
    }
  }

  function restart() {
    stop();
    begin();
  }

  function stop() {
    life += 1;
    cancelRetry();
    cancelTyping();
    link.stop();
    welcomeCursor = null;
    missedAt = null;
  }

  return {
    link,
    restart,
    stop,
    token: () => token,
    limits: () => limits,
    start: begin,
    /**
     * Says who the visitor is; the conversation goes on, or becomes the one of the person who was recognised.
     * @param {object} who
     */
    identify(who) {
      identity = who;
      restart();
    },
    /**
     * Hands in the answers of the pre-chat form.
     * @param {Record<string, string>} answers
     * @returns {Promise<import('./net/api.js').CallError | null>} what went wrong
     */
    async introduce(answers) {
      const before = identity;
      identity = { ...identity, ...answers };
      try {
        const session = await init();
        stop();
        kept.set('answered', true);
        store.dispatch({ type: 'answered' });
        enter(session);
        return null;
      } catch (error) {
        return asCallError(error);
      } finally {
        // Said once is enough: the server keeps it.
        identity = before;
      }
    },
    /** Forgets the visitor and begins as a new one. */
    reset() {
      stop();
      identity = undefined;
      kept.names('').forEach((name) => name !== 'config' && kept.remove(name));
      store.reset();
      begin();
    },
  };
}

/** @typedef {ReturnType<typeof createSession>} VisitorSession */
