/**
 * What goes out: the outbox, the sender that empties it, and the reader that marks messages as read.
 */
import { asCallError } from './net.js';
import { countUnread, lastFromThem } from './state.js';

const START = 'outbox.';
/** Most entries that are taken up at once. */
export const OUTBOX_MAX = 100;

/** @param {Kept} kept */
export function createOutbox(kept) {
  return {
    /** In the order in which they were written; what was being sent when the page ended waits again. @returns {Outgoing[]} */
    load: () => kept
      .names(START)
      .map((name) => kept.get(name))
      .filter((item) => typeof item?.clientId === 'string')
      .map((item) => ({ ...item, state: item.state === 'failed' ? 'failed' : 'waiting' }))
      .sort((a, b) => a.at - b.at)
      .slice(0, OUTBOX_MAX),
    /** @param {Outgoing} item */
    put: (item) => kept.set(START + item.clientId, item),
    /** @param {string} clientId */
    remove: (clientId) => kept.remove(START + clientId),
  };
}

/** No acknowledgement for so long: the socket is not what it seems. */
const ACK_MS_MAX = 20_000;
/** The wait where a refusal names none. */
const HOLD_MS = 3_000;
/** So often a message may be refused with `retry: now` before it is given time. */
const NOW_MAX = 3;

/** @param {SenderParts} parts @returns {Sender} */
export function createSender({ store, outbox, clock, session, say, newId }) {
  /** @type {{clientId: string, ref: string} | null} */
  let inFlight = null;
  let refs = 0;
  let nows = 0;
  let cancelAck = () => {};
  let cancelHold = () => {};

  const stopListening = store.listen((state, before) => {
    before.outgoing.filter(({ clientId }) => !find(clientId)).forEach(forget);
    if (state.link.status !== before.link.status && state.link.status !== 'online') release();
    pump();
  });

  /** @param {string} id */
  const find = (id) => store.get().outgoing.find(({ clientId }) => clientId === id);

  /** @param {string} clientId @param {Outgoing['state']} state @param {string} [code] */
  const mark = (clientId, state, code) => store.dispatch({ type: 'outgoing', clientId, state, code });

  /** Acknowledged, or seen as an event of its own (the acknowledgement may be lost), or thrown away. @param {Outgoing} item */
  function forget({ clientId }) {
    outbox.remove(clientId);
    if (inFlight?.clientId === clientId) land();
  }

  /** Nothing is in flight any more; says what was. */
  function land() {
    const clientId = inFlight?.clientId ?? '';
    inFlight = null;
    cancelAck();
    return clientId;
  }

  /** What was in flight on a lost link waits for the next. */
  function release() {
    if (inFlight) mark(land(), 'waiting');
  }

  function pump() {
    const { outgoing, held, link } = store.get();
    const next = outgoing.find((item) => item.state === 'waiting');
    if (inFlight || held || !next || link.status !== 'online') return;
    refs += 1;
    inFlight = { clientId: next.clientId, ref: String(refs) };
    const attachments = next.attachments.map(({ id }) => id);
    if (link.kind === 'stream') sendByHttp(next, attachments);
    else sendBySocket(next, attachments, inFlight.ref);
  }

  /** @param {Outgoing} item @param {string[]} attachments @param {string} ref */
  function sendBySocket({ clientId, text }, attachments, ref) {
    const { conversationId } = store.get();
    const sent = session().link.send({
      type: 'send',
      ref,
      ...(conversationId && { conversation_id: conversationId }),
      client_id: clientId,
      ...(text && { text }),
      ...(attachments.length && { attachments }),
    });
    if (!sent) {
      inFlight = null;
      return;
    }
    cancelAck = clock.after(ACK_MS_MAX, () => session().link.resume());
    mark(clientId, 'sending');
  }

  /** @param {Outgoing} item @param {string[]} attachments */
  async function sendByHttp({ clientId, text }, attachments) {
    const mine = inFlight;
    mark(clientId, 'sending');
    try {
      const answer = await say({ sessionToken: session().token(), message: text, attachments, clientId });
      if (inFlight === mine) done(answer.messageId, answer.seq, answer.conversationId);
    } catch (error) {
      const { code, status, passing, retryAfterMs } = asCallError(error);
      if (inFlight !== mine) return;
      // 401: the stream is told the same at its next start, and then a fresh session is made.
      if (status === 401) session().link.resume();
      else refuse(code, passing ? 'later' : 'never', retryAfterMs ?? undefined);
    }
  }

  /** @param {string} messageId @param {number} seq @param {string} conversationId */
  function done(messageId, seq, conversationId) {
    nows = 0;
    store.dispatch({ type: 'acked', clientId: land(), messageId, seq, conversationId, now: clock.now() });
  }

  /** @param {string} code @param {Refused['retry']} retry @param {number} [afterMs] */
  function refuse(code, retry, afterMs = HOLD_MS) {
    const clientId = land();
    if (retry === 'never') {
      const item = find(clientId);
      if (item) outbox.put({ ...item, state: 'failed', code });
      mark(clientId, 'failed', code);
      return;
    }
    nows += 1;
    if (retry === 'later' || nows > NOW_MAX) hold(code, afterMs);
    mark(clientId, 'waiting');
  }

  /** @param {string} code @param {number} ms */
  function hold(code, ms) {
    cancelHold();
    cancelHold = clock.after(ms, () => store.set({ held: null }));
    store.set({ held: { until: clock.now() + ms, code } });
  }

  return {
    write(text, attachments) {
      /** @type {Outgoing} */
      const item = { clientId: newId(), text, attachments, at: clock.now(), state: 'waiting' };
      outbox.put(item);
      store.set({ outgoing: [...store.get().outgoing, item] });
    },
    resend(clientId) {
      const item = find(clientId);
      if (item) outbox.put({ ...item, state: 'waiting' });
      mark(clientId, 'waiting');
    },
    discard: (id) => store.set({ outgoing: store.get().outgoing.filter(({ clientId }) => clientId !== id) }),
    answer(frame) {
      if (!inFlight || frame.ref !== inFlight.ref) return;
      if (frame.type === 'ack') done(frame.message_id, frame.seq, frame.conversation_id);
      else refuse(frame.code, frame.retry, frame.retry_after_ms);
    },
    stop() {
      stopListening();
      cancelAck();
      cancelHold();
    },
  };
}

/** @param {ReaderParts} parts @returns {Reader} */
export function createReader({ store, kept, looking, send, onUnread }) {
  let told = -1;
  let sentUpTo = Number(kept.get('read')) || 0;

  function sync() {
    const state = store.get();
    const last = lastFromThem(state);
    if (last > state.seenByUs && looking()) {
      kept.set('read', last);
      // Changing the state calls this again.
      store.set({ seenByUs: last });
      return;
    }
    const { conversationId: conversation_id, seenByUs: seq } = state;
    if (conversation_id && seq > sentUpTo && last >= seq && send({ type: 'read', conversation_id, seq })) sentUpTo = seq;
    const count = countUnread(state);
    if (count !== told) onUnread(count);
    told = count;
  }

  return {
    sync,
    stop: store.listen(sync),
    tellAgain() {
      told = -1;
      sync();
    },
    forget() {
      sentUpTo = 0;
    },
  };
}
