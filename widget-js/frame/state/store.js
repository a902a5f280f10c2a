/**
 * The widget's state and the one pure function that changes it.
 *
 * Guarantees: `reduce` touches nothing outside and returns the same object when nothing changed; applying an event twice
 * is applying it once; `place` moves by applied events alone, never by an acknowledgement or a history answer, so the cursor
 * built from it never skips anything. Does not: await, store, or know the screen.
 *
 * @import {Attachment, Config, EventFrame, Node, WireAuthor, WireMessage} from '../wire.js'
 * @import {LinkState} from '../net/link.js'
 * @import {Outgoing} from './outbox.js'
 *
 * @typedef {{kind: 'visitor' | 'agent' | 'system' | 'service', id: string | null, name: string | null, avatarUrl: string | null}} Author
 *
 * @typedef {object} Message
 * @property {string} id
 * @property {number} seq
 * @property {Author} author
 * @property {Node | null} content
 * @property {string} text
 * @property {Attachment[]} attachments
 * @property {string | null} clientId
 * @property {number} at
 * @property {boolean} seen read by the other side
 * @property {boolean} failed
 * @property {boolean} [stale] from before a resync, until the history confirms it
 *
 * @typedef {object} State
 * @property {'starting' | 'ready' | 'refused'} phase
 * @property {string | null} refusal why the session was refused, a problem code
 * @property {Config} config
 * @property {string | null} visitorId
 * @property {string | null} conversationId
 * @property {string} epoch
 * @property {number | null} place `seq` of the last event applied
 * @property {Message[]} messages by `seq`
 * @property {boolean} loaded the history is here
 * @property {boolean} shortened older messages than these exist
 * @property {Outgoing[]} outgoing
 * @property {number} seenByThem `seq` up to which the other side has read
 * @property {number} seenByUs `seq` up to which the visitor has read
 * @property {Author | null} typist who is typing on the other side
 * @property {LinkState} link
 * @property {{until: number, code: string} | null} held nothing may be sent before
 * @property {boolean} answered the pre-chat form was answered
 */
import { splitCursor } from './cursor.js';
import { mergeMessages, readAuthor, readMessage } from './message.js';

/** @returns {State} */
export function initialState() {
  return {
    phase: 'starting',
    refusal: null,
    config: {},
    visitorId: null,
    conversationId: null,
    epoch: '',
    place: null,
    messages: [],
    loaded: false,
    shortened: false,
    outgoing: [],
    seenByThem: 0,
    seenByUs: 0,
    typist: null,
    link: { status: 'idle', kind: null, retryAt: null, code: null },
    held: null,
    answered: false,
  };
}

/**
 * @typedef {{type: 'session', config: Config, visitorId: string, conversationId: string | null, cursor: string}
 *   | {type: 'refused', code: string}
 *   | {type: 'history', messages: WireMessage[]}
 *   | {type: 'resync', cursor: string}
 *   | {type: 'event', frame: EventFrame}
 *   | {type: 'typing', on: boolean, author: WireAuthor}
 *   | {type: 'written', item: Outgoing}
 *   | {type: 'outgoing', clientId: string, state: Outgoing['state'], code?: string}
 *   | {type: 'discarded', clientId: string}
 *   | {type: 'acked', clientId: string, messageId: string, seq: number, conversationId: string, now: number}
 *   | {type: 'link', link: LinkState}
 *   | {type: 'held', held: State['held']}
 *   | {type: 'read', seq: number}
 *   | {type: 'answered'}
 *   | {type: 'restored', part: Partial<State>}} Action
 */

/**
 * @param {State} state
 * @param {Action} action
 * @returns {State}
 */
export function reduce(state, action) {
  switch (action.type) {
    case 'session': return takeSession(state, action);
    case 'refused': return { ...state, phase: 'refused', refusal: action.code };
    case 'history': return takeHistory(state, action.messages);
    case 'resync': return resync(state, action.cursor);
    case 'event': return takeEvent(state, action.frame);
    case 'typing': return { ...state, typist: action.on ? readAuthor(action.author) : null };
    case 'written': return { ...state, outgoing: [...state.outgoing, action.item] };
    case 'outgoing': return changeOutgoing(state, action);
    case 'discarded': return { ...state, outgoing: without(state.outgoing, action.clientId) };
    case 'acked': return takeAck(state, action);
    case 'link': return { ...state, link: action.link, typist: action.link.status === 'online' ? state.typist : null };
    case 'held': return { ...state, held: action.held };
    case 'read': return action.seq > state.seenByUs ? { ...state, seenByUs: action.seq } : state;
    case 'answered': return { ...state, answered: true };
    case 'restored': return { ...state, ...action.part };
  }
}

/**
 * What to make of an event: `apply` it; it is a `repeat` of one that was applied; something before it is `missing`; or it
 * belongs to `another` conversation than the one shown.
 * @param {State} state
 * @param {EventFrame} frame
 * @returns {'apply' | 'repeat' | 'missing' | 'another'}
 */
export function judge(state, frame) {
  if (state.conversationId && frame.conversation_id !== state.conversationId) return 'another';
  if (state.place === null) return 'apply';
  if (frame.seq <= state.place) return 'repeat';
  return frame.prev === state.place ? 'apply' : 'missing';
}

/**
 * @param {State} state
 * @param {Extract<Action, {type: 'session'}>} action
 * @returns {State}
 */
function takeSession(state, { config, visitorId, conversationId, cursor }) {
  const { epoch, place } = splitCursor(cursor);
  const session = { phase: /** @type {const} */ ('ready'), refusal: null, config, visitorId, conversationId };
  if (state.conversationId === conversationId && state.epoch === epoch && state.place !== null) {
    // A fresh token for what is on the screen: go on from what was applied, not from the server's head.
    return { ...state, ...session };
  }
  const same = state.conversationId === conversationId;
  return {
    ...state,
    ...session,
    epoch,
    place,
    messages: same ? state.messages.map((message) => ({ ...message, stale: true })) : [],
    loaded: conversationId === null,
    seenByThem: same ? state.seenByThem : 0,
    typist: null,
  };
}

/**
 * @param {State} state
 * @param {string} cursor
 * @returns {State}
 */
function resync(state, cursor) {
  const messages = state.messages.map((message) => ({ ...message, stale: true }));
  return { ...state, ...splitCursor(cursor), messages, typist: null };
}

/**
 * @param {State} state
 * @param {WireMessage[]} wire
 * @returns {State}
 */
function takeHistory(state, wire) {
  const merged = mergeMessages(state.messages, wire.map(readMessage));
  return settle({ ...state, loaded: true }, merged.filter((message) => !message.stale));
}

/**
 * @param {State} state
 * @param {EventFrame} frame
 * @returns {State}
 */
function takeEvent(state, frame) {
  const at = { ...state, conversationId: state.conversationId ?? frame.conversation_id, place: frame.seq };
  const { data } = frame;
  if (frame.event === 'conversation.message_created') {
    const message = readMessage(data);
    const typist = at.typist?.kind === message.author.kind ? null : at.typist;
    return settle({ ...at, typist, loaded: true }, mergeMessages(at.messages, [message]));
  }
  if (frame.event === 'message.status_changed') {
    const id = data.id ?? data.message_id;
    const seen = data.status === 'read';
    const failed = data.status === 'failed';
    return { ...at, messages: at.messages.map((m) => (m.id === id ? { ...m, seen: m.seen || seen, failed } : m)) };
  }
  if (frame.event === 'conversation.read') {
    const seq = Number(data.seq) || 0;
    return data.by?.type === 'visitor'
      ? { ...at, seenByUs: Math.max(at.seenByUs, seq) }
      : { ...at, seenByThem: Math.max(at.seenByThem, seq) };
  }
  // An event of a later version: it has its place in the order, and nothing to show.
  return at;
}

/**
 * @param {State} state
 * @param {Extract<Action, {type: 'acked'}>} action
 * @returns {State}
 */
function takeAck(state, { clientId, messageId, seq, conversationId, now }) {
  const item = state.outgoing.find((one) => one.clientId === clientId);
  const at = { ...state, conversationId: state.conversationId ?? conversationId, loaded: true };
  if (!item || at.messages.some((message) => message.id === messageId)) {
    return { ...at, outgoing: without(at.outgoing, clientId) };
  }
  /** @type {Message} */
  const message = {
    id: messageId,
    seq,
    author: { kind: 'visitor', id: null, name: null, avatarUrl: null },
    content: null,
    text: item.text,
    attachments: item.attachments,
    clientId,
    at: now,
    seen: false,
    failed: false,
  };
  return settle(at, mergeMessages(at.messages, [message]));
}

/** The most messages that are shown; older ones stay on the server. */
export const MESSAGES_MAX = 1_000;

/**
 * @param {State} state
 * @param {Message[]} messages
 * @returns {State}
 */
function settle(state, messages) {
  const arrived = new Set(messages.map((message) => message.clientId));
  return {
    ...state,
    messages: messages.slice(-MESSAGES_MAX),
    shortened: state.shortened || messages.length > MESSAGES_MAX,
    outgoing: state.outgoing.filter((item) => !arrived.has(item.clientId)),
  };
}

/**
 * @param {State} state
 * @param {Extract<Action, {type: 'outgoing'}>} action
 * @returns {State}
 */
function changeOutgoing(state, action) {
  const outgoing = state.outgoing.map((item) =>
    item.clientId === action.clientId ? { ...item, state: action.state, code: action.code } : item);
  return { ...state, outgoing };
}

/**
 * @param {Outgoing[]} outgoing
 * @param {string} clientId
 */
function without(outgoing, clientId) {
  return outgoing.filter((item) => item.clientId !== clientId);
}

/**
 * Holds the state and tells who listens.
 */
export function createStore() {
  let state = initialState();
  /** @type {Set<(state: State, before: State) => void>} */
  const listeners = new Set();
  return {
    get: () => state,
    /** @param {Action} action */
    dispatch(action) {
      const before = state;
      state = reduce(state, action);
      if (state !== before) listeners.forEach((listener) => listener(state, before));
    },
    /** @param {(state: State, before: State) => void} listener */
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    reset() {
      const before = state;
      state = initialState();
      listeners.forEach((listener) => listener(state, before));
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
