/**
 * The visitor's session: begins it, loads what was said, keeps the link, and turns what comes into the state.
 * Does not send messages (`outgoing.js`) or draw.
 */
import { asCallError, createLink, HISTORY_PAGE, wait } from './net.js';
import { cursorOf, judge, readAuthor } from './state.js';

/** The most pages of history that are read in a row. */
const PAGES_MAX = 5;
/** How long somebody is shown to be typing after the last word of it. */
const TYPING_MS_MAX = 8_000;
const RETRY_MS_MIN = 250;

/** @param {SessionParts} parts @returns {VisitorSession} */
export function createSession(parts) {
  const { store, kept, clock, calls, random } = parts;
  let token = '';
  /** Grows with every restart: a step that finds another number than it began with has nothing to say any more. */
  let life = 0;
  let cancelTyping = () => {};
  let cancelRetry = () => {};
  /** @type {object | undefined} */
  let identity;
  let welcomeCursor = '';
  /** The place after which something was missing, when we last resumed because of it. @type {number | null} */
  let missedAt = null;
  /** @type {Limits} */
  let limits = { frame_bytes_max: 65_536, text_chars_max: 10_000, attachments_max: 10 };

  const link = createLink({
    clock,
    random,
    socket: parts.socket,
    stream: parts.stream,
    credentials() {
      // The head that an earlier connection began at says nothing about this one.
      welcomeCursor = '';
      return { token, cursor: cursorOf(store.get()) };
    },
    renew,
    onState: (state) => store.set({ link: state, ...(state.status !== 'online' && { typist: null }) }),
    onWelcome(frame) {
      if (!frame) return;
      welcomeCursor = frame.cursor;
      limits = { ...limits, ...frame.limits };
      if (store.get().place === null) store.dispatch({ type: 'resync', cursor: welcomeCursor });
    },
    onFrame: take,
  });

  /** @returns {Promise<SessionAnswer>} */
  async function init() {
    const mine = life;
    const visitorId = kept.get('visitor');
    const metadata = parts.metadata();
    const request = { apiKey: parts.apiKey, metadata, ...(visitorId && { visitorId }), ...(identity && { identity }) };
    const answer = await calls.init(request);
    if (mine === life) {
      token = answer.sessionToken;
      kept.set('visitor', answer.visitorId);
      kept.set('config', answer.config);
    }
    return answer;
  }

  /**
   * Repeats a step until it succeeds or is refused for good; what comes of it after this life is dropped.
   * @template T @param {() => Promise<T>} step @param {(result: T) => void} then @param {(failure: CallError) => void} refused
   */
  async function persist(step, then, refused) {
    const mine = life;
    for (let attempt = 1; mine === life; attempt += 1) {
      let failure;
      try {
        const result = await step();
        if (mine === life) then(result);
        return;
      } catch (error) {
        failure = asCallError(error);
      }
      if (mine !== life) return;
      if (!failure.passing) {
        refused(failure);
        return;
      }
      await pause(Math.max(wait(attempt, random), failure.retryAfterMs ?? 0, RETRY_MS_MIN));
    }
  }

  /** @param {number} ms @returns {Promise<void>} */
  function pause(ms) {
    if (store.get().phase === 'starting') {
      store.set({ link: { status: 'waiting', kind: null, retryAt: clock.now() + ms, code: null } });
    }
    return new Promise((resolve) => {
      cancelRetry = clock.after(ms, resolve);
    });
  }

  function start() {
    persist(init, enter, (failure) => {
      complain(failure);
      // A wrong identity must not silence the visitor: go on as nobody in particular.
      if (identity) {
        identity = undefined;
        start();
      } else if (failure.status === 422 && kept.get('visitor')) {
        // Nor must an id that is none: somebody else wrote into our storage.
        kept.remove('visitor');
        start();
      } else {
        store.set({ phase: 'refused' });
      }
    });
  }

  /** @param {CallError} failure */
  const complain = ({ code, message }) => parts.onError({ code, detail: message });

  /** @param {SessionAnswer} answer */
  function enter(answer) {
    store.dispatch({ type: 'session', ...answer });
    loadHistory();
    link.start();
  }

  async function renew() {
    const mine = life;
    try {
      const answer = await init();
      if (mine !== life) return true;
      store.dispatch({ type: 'session', ...answer });
      if (!store.get().loaded) loadHistory();
      return true;
    } catch (error) {
      if (asCallError(error).passing) throw error;
      return false;
    }
  }

  function loadHistory() {
    if (!store.get().conversationId) return;
    // Refused for good: the link says what is wrong with the session, if anything is.
    persist(readHistory, (history) => store.dispatch({ type: 'history', ...history }), complain);
  }

  async function readHistory() {
    let { messages } = await calls.history(token);
    let more = messages.length >= HISTORY_PAGE;
    for (let page = 1; more && page < PAGES_MAX; page += 1) {
      const older = (await calls.history(token, messages[0]?.seq)).messages;
      messages = [...older, ...messages];
      more = older.length >= HISTORY_PAGE;
    }
    return { messages, more };
  }

  /** @param {ServerFrame} frame */
  function take(frame) {
    if (frame.type === 'event') takeEvent(frame);
    else if (frame.type === 'ack' || frame.type === 'refused') parts.onAnswer(frame);
    else if (frame.type === 'typing') takeTyping(frame);
    else if (frame.type === 'resync_required') resync();
  }

  /** @param {EventFrame} frame */
  function takeEvent(frame) {
    const verdict = judge(store.get(), frame);
    if (verdict === 'repeat') return;
    if (verdict === 'another') {
      restart();
      return;
    }
    const { place } = store.get();
    if (verdict === 'missing' && missedAt !== place) {
      missedAt = place;
      link.resume();
      return;
    }
    missedAt = null;
    store.dispatch({ type: 'event', frame });
    // Resuming did not bring what is missing: the history holds every message, so take this event and read that.
    if (verdict === 'missing') loadHistory();
  }

  /** @param {TypingFrame} frame */
  function takeTyping({ on, author }) {
    if (author.type === 'visitor') return;
    cancelTyping();
    store.set({ typist: on ? readAuthor(author) : null });
    if (on) cancelTyping = clock.after(TYPING_MS_MAX, () => store.set({ typist: null }));
  }

  function resync() {
    // The stream says no welcome: there the head comes with a fresh session.
    if (!welcomeCursor) {
      store.set({ epoch: '' });
      restart();
      return;
    }
    store.dispatch({ type: 'resync', cursor: welcomeCursor });
    loadHistory();
  }

  function restart() {
    stop();
    start();
  }

  function stop() {
    life += 1;
    cancelRetry();
    cancelTyping();
    link.stop();
    welcomeCursor = '';
    missedAt = null;
  }

  return {
    link,
    start,
    restart,
    stop,
    token: () => token,
    limits: () => limits,
    identify(who) {
      identity = who;
      restart();
    },
    async introduce(answers) {
      const before = identity;
      identity = { ...identity, ...answers };
      try {
        const answer = await init();
        stop();
        kept.set('answered', true);
        store.set({ answered: true });
        enter(answer);
        return null;
      } catch (error) {
        return asCallError(error);
      } finally {
        // Said once is enough: the server keeps it.
        identity = before;
      }
    },
    reset() {
      stop();
      identity = undefined;
      kept.names('').forEach((name) => name !== 'config' && kept.remove(name));
      store.reset();
      start();
    },
  };
}
