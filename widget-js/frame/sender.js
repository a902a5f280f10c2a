/**
 * Sends what was written: one message after the other, each until the server has acknowledged it.
 *
 * Guarantees: messages go out in the order in which they were written, one in flight at a time; every try of a message
 * carries the same `clientId`; what is refused for good stays on the screen with a way to send it again or throw it away.
 * Sends over the socket, and by HTTP while the link is a stream.
 *
 * @import {Clock} from './net/clock.js'
 * @import {Store} from './state/store.js'
 * @import {Outbox, Outgoing} from './state/outbox.js'
 * @import {VisitorSession} from './session.js'
 * @import {Ack, Attachment, Refused} from './wire.js'
 *
 * @typedef {object} Parts
 * @property {Store} store
 * @property {Outbox} outbox
 * @property {Clock} clock
 * @property {() => VisitorSession} session
 * @property {(request: {sessionToken: string, message: string, attachments: string[], clientId: string}) =>
 *   Promise<{messageId: string, seq: number, conversationId: string}>} say
 * @property {() => string} newId a random UUID
 */
import { asCallError } from './net/api.js';

/** No acknowledgement for so long: the socket is not what it seems. */
const ACK_MS_MAX = 20_000;
/** The wait where a refusal names none. */
const HOLD_MS = 3_000;
/** So often a message may be refused with `retry: now` before it is given time. */
const NOW_MAX = 3;

/** @param {Parts} parts */
export function createSender({ store, outbox, clock, session, say, newId }) {
  /** @type {{clientId: string, ref: string} | null} */
  let inFlight = null;
  let refs = 0;
  let nows = 0;
  let stopped = false;
  let cancelAck = () => {};
  let cancelHold = () => {};

  const stopListening = store.listen((state, before) => {
    before.outgoing.filter((item) => !state.outgoing.some((one) => one.clientId === item.clientId)).forEach(forget);
    if (state.link.status !== before.link.status && state.link.status !== 'online') release();
    if (state.link.status === 'online' || state.outgoing !== before.outgoing) pump();
  });

  /**
   * It is no longer outgoing: acknowledged, seen as an event of its own (the acknowledgement may be lost), or thrown away.
   * @param {Outgoing} item
   */
  function forget({ clientId }) {
    outbox.remove(clientId);
    if (inFlight?.clientId !== clientId) return;
    inFlight = null;
    cancelAck();
  }

  /** What was in flight on a lost link waits for the next. */
  function release() {
    cancelAck();
    if (!inFlight) return;
    const { clientId } = inFlight;
    inFlight = null;
    store.dispatch({ type: 'outgoing', clientId, state: 'waiting' });
  }

  function pump() {
    const state = store.get();
    const next = state.outgoing.find((item) => item.state === 'waiting');
    if (stopped || inFlight || state.held || !next || state.link.status !== 'online') return;
    refs += 1;
    inFlight = { clientId: next.clientId, ref: String(refs) };
    if (state.link.kind === 'stream') sendByHttp(next);
    else sendBySocket(next, inFlight.ref);
  }

  /**
   * @param {Outgoing} item
   * @param {string} ref
   */
  function sendBySocket(item, ref) {
    const { conversationId } = store.get();
    const frame = {
      type: 'send',
      ref,
      ...(conversationId && { conversation_id: conversationId }),
      client_id: item.clientId,
      ...(item.text && { text: item.text }),
      ...(item.attachments.length > 0 && { attachments: item.attachments.map((one) => one.id) }),
    };
    if (!session().link.send(frame)) {
      inFlight = null;
      return;
    }
    cancelAck = clock.after(ACK_MS_MAX, () => session().link.resume());
    store.dispatch({ type: 'outgoing', clientId: item.clientId, state: 'sending' });
  }

  /** @param {Outgoing} item */
  async function sendByHttp(item) {
    const mine = inFlight;
    store.dispatch({ type: 'outgoing', clientId: item.clientId, state: 'sending' });
    try {
      const answer = await say({
        sessionToken: session().token(),
        message: item.text,
        attachments: item.attachments.map((one) => one.id),
        clientId: item.clientId,
      });
      if (inFlight === mine) done(answer.messageId, answer.seq, answer.conversationId);
    } catch (error) {
      const failure = asCallError(error);
      if (inFlight !== mine) return;
      // 401: the stream will be told the same at its next start, and then makes a fresh session.
      if (failure.status === 401) return session().link.resume();
      refuse(failure.code, failure.passing ? 'later' : 'never', failure.retryAfterMs ?? undefined);
    }
  }

  /**
   * @param {string} messageId
   * @param {number} seq
   * @param {string} conversationId
   */
  function done(messageId, seq, conversationId) {
    if (!inFlight) return;
    const { clientId } = inFlight;
    inFlight = null;
    nows = 0;
    cancelAck();
    store.dispatch({ type: 'acked', clientId, messageId, seq, conversationId, now: clock.now() });
    pump();
  }

  /**
   * @param {string} code
   * @param {Refused['retry']} retry
   * @param {number} [afterMs]
   */
  function refuse(code, retry, afterMs) {
    if (!inFlight) return;
    const { clientId } = inFlight;
    inFlight = null;
    cancelAck();
    if (retry === 'never') {
      fail(clientId, code);
      return;
    }
    nows += 1;
    if (retry === 'later' || nows > NOW_MAX) hold(code, afterMs ?? HOLD_MS);
    store.dispatch({ type: 'outgoing', clientId, state: 'waiting' });
    pump();
  }

  /**
   * @param {string} clientId
   * @param {string} code
   */
  function fail(clientId, code) {
    store.dispatch({ type: 'outgoing', clientId, state: 'failed', code });
    const item = store.get().outgoing.find((one) => one.clientId === clientId);
    if (item) outbox.put(item);
    pump();
  }

  /**
   * @param {string} code
   * @param {number} ms
   */
  function hold(code, ms) {
    cancelHold();
    store.dispatch({ type: 'held', held: { until: clock.now() + ms, code } });
    cancelHold = clock.after(ms, () => {
      store.dispatch({ type: 'held', held: null });
      pump();
    });
  }

  return {
    /**
     * Writes a message down and sends it as soon as it can be sent.
     * @param {string} text
     * @param {Attachment[]} attachments
     */
    write(text, attachments) {
      /** @type {Outgoing} */
      const item = { clientId: newId(), text, attachments, at: clock.now(), state: 'waiting' };
      outbox.put(item);
      store.dispatch({ type: 'written', item });
    },

    /** @param {string} clientId */
    resend(clientId) {
      const item = store.get().outgoing.find((one) => one.clientId === clientId);
      if (item) outbox.put({ ...item, state: 'waiting' });
      store.dispatch({ type: 'outgoing', clientId, state: 'waiting' });
    },

    /** @param {string} clientId */
    discard(clientId) {
      store.dispatch({ type: 'discarded', clientId });
    },

    /** @param {Ack | Refused} frame an answer from the socket */
    answer(frame) {
      if (!inFlight || frame.ref !== inFlight.ref) return;
      if (frame.type === 'ack') done(frame.message_id, frame.seq, frame.conversation_id);
      else refuse(frame.code, frame.retry, frame.retry_after_ms);
    },

    stop() {
      stopped = true;
      stopListening();
      cancelAck();
      cancelHold();
    },
  };
}

/** @typedef {ReturnType<typeof createSender>} Sender */
