/**
 * What the widget knows, the one pure function that changes it, and what the log shows of it.
 *
 * Guarantees: `reduce` touches nothing outside; applying an event twice is applying it once; `place` moves by applied
 * events alone, never by an acknowledgement or a history answer.
 */

/** The most messages that are held; older ones stay on the server. */
export const MESSAGES_MAX = 1_000;
/** Messages of one author this close together are one group. */
const GROUP_MS = 5 * 60_000;

/** @returns {State} */
export const initialState = () => ({
  phase: 'starting',
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
});

/** @param {State} state @param {Action} action @returns {State} */
export function reduce(state, action) {
  switch (action.type) {
    case 'session': return takeSession(state, action);
    case 'history': return takeHistory(state, action);
    case 'resync': return { ...state, ...splitCursor(action.cursor), messages: outdated(state), typist: null };
    case 'event': return takeEvent(state, action.frame);
    case 'outgoing': return {
      ...state,
      outgoing: state.outgoing.map((item) =>
        (item.clientId === action.clientId ? { ...item, state: action.state, code: action.code } : item)),
    };
    case 'acked': return takeAck(state, action);
    case 'set': return { ...state, ...action.part };
  }
}

/**
 * What to make of an event: `apply` it; it is a `repeat`; something before it is `missing`; or it belongs to `another`
 * conversation than the one shown. @param {State} state @param {EventFrame} frame
 */
export function judge({ conversationId, place }, frame) {
  if (conversationId && frame.conversation_id !== conversationId) return 'another';
  if (place !== null && frame.seq <= place) return 'repeat';
  return place === null || frame.prev === place ? 'apply' : 'missing';
}

/** `{epoch}-{place}`; the epoch is opaque. @param {string} cursor @returns {{epoch: string, place: number | null}} */
export function splitCursor(cursor) {
  const dash = cursor.lastIndexOf('-');
  const place = Number(cursor.slice(dash + 1));
  return dash > 0 && Number.isSafeInteger(place) ? { epoch: cursor.slice(0, dash), place } : { epoch: '', place: null };
}

/** @param {State} state @returns {string | null} null where no place is known yet */
export const cursorOf = ({ epoch, place }) => (place === null ? null : `${epoch}-${place}`);

/** @param {State} state @returns {Message[]} */
const outdated = (state) => state.messages.map((message) => ({ ...message, stale: true }));

/** @param {State} state @param {Extract<Action, {type: 'session'}>} action @returns {State} */
function takeSession(state, { config, visitorId, conversationId, cursor }) {
  const { epoch, place } = splitCursor(cursor);
  const now = { ...state, phase: /** @type {const} */ ('ready'), config, visitorId, conversationId };
  const same = state.conversationId === conversationId;
  // A fresh token for what is on the screen: go on from what was applied, not from the server's head.
  if (same && state.epoch === epoch && state.place !== null) return now;
  return {
    ...now,
    epoch,
    place,
    messages: same ? outdated(state) : [],
    loaded: conversationId === null,
    seenByThem: same ? state.seenByThem : 0,
    typist: null,
  };
}

/** @param {State} state @param {Extract<Action, {type: 'history'}>} action */
function takeHistory(state, { messages, more }) {
  const merged = mergeMessages(state.messages, messages.map(readMessage));
  return settle({ ...state, loaded: true, shortened: more }, merged.filter((message) => !message.stale));
}

/** @param {State} state @param {EventFrame} frame @returns {State} */
function takeEvent(state, { event, data, seq, conversation_id }) {
  const now = { ...state, conversationId: conversation_id, place: seq };
  if (event === 'conversation.message_created') {
    const message = readMessage(data);
    const typist = now.typist?.kind === message.author.kind ? null : now.typist;
    return settle({ ...now, typist }, mergeMessages(now.messages, [message]));
  }
  if (event === 'message.status_changed') {
    const { id = data.message_id, status } = data;
    const messages = now.messages.map((message) =>
      (message.id === id ? { ...message, seen: message.seen || status === 'read', failed: status === 'failed' } : message));
    return { ...now, messages };
  }
  if (event === 'conversation.read') {
    const who = data.by?.type === 'visitor' ? 'seenByUs' : 'seenByThem';
    return { ...now, [who]: Math.max(now[who], Number(data.seq) || 0) };
  }
  // An event of a later version: it has its place in the order, and nothing to show.
  return now;
}

/** @param {State} state @param {Extract<Action, {type: 'acked'}>} action @returns {State} */
function takeAck(state, { clientId, messageId, seq, conversationId, now }) {
  const item = state.outgoing.find((one) => one.clientId === clientId);
  const outgoing = state.outgoing.filter((one) => one !== item);
  const next = { ...state, outgoing, conversationId: state.conversationId ?? conversationId };
  if (!item || state.messages.some((message) => message.id === messageId)) return next;
  const author = readAuthor({ type: 'visitor' });
  const { text, attachments } = item;
  return settle(next, mergeMessages(next.messages, [
    { id: messageId, seq, author, content: null, text, attachments, clientId, at: now, seen: false, failed: false },
  ]));
}

/** @param {State} state @param {Message[]} messages @returns {State} */
function settle(state, messages) {
  const arrived = new Set(messages.map((message) => message.clientId));
  return {
    ...state,
    messages: messages.slice(-MESSAGES_MAX),
    shortened: state.shortened || messages.length > MESSAGES_MAX,
    outgoing: state.outgoing.filter((item) => !arrived.has(item.clientId)),
  };
}

/** @param {WireAuthor} wire @returns {Author} */
export const readAuthor = ({ type, role, id = null, name = null, avatar_url: avatarUrl = null }) =>
  ({ kind: type ?? role ?? 'agent', id, name, avatarUrl });

/** @param {WireMessage} wire @returns {Message} */
const readMessage = (wire) => ({
  id: wire.id,
  seq: wire.seq,
  author: readAuthor(wire.author),
  content: wire.content ?? null,
  text: wire.content_text,
  attachments: wire.attachments ?? [],
  clientId: wire.client_id ?? null,
  at: Date.parse(wire.created_at),
  seen: wire.status === 'read',
  failed: wire.status === 'failed',
});

/**
 * The messages of both lists by `seq`, each once; the newer reading wins, but nothing is unlearnt.
 * @param {Message[]} old @param {Message[]} fresh
 */
function mergeMessages(old, fresh) {
  const byId = new Map(old.map((message) => [message.id, message]));
  for (const message of fresh) {
    const before = byId.get(message.id);
    const clientId = message.clientId ?? before?.clientId ?? null;
    byId.set(message.id, { ...message, seen: message.seen || !!before?.seen, clientId });
  }
  return [...byId.values()].sort((a, b) => a.seq - b.seq);
}

/** @param {Message} message */
const theirs = ({ author }) => author.kind !== 'visitor';

/** The `seq` of the other side's last message, 0 if there is none. @param {State} state */
export const lastFromThem = ({ messages }) => messages.findLast(theirs)?.seq ?? 0;

/** How many of their messages are unread; who answers has read what stood before. @param {State} state */
export function countUnread({ messages, seenByUs }) {
  const read = Math.max(seenByUs, messages.findLast((message) => !theirs(message))?.seq ?? 0);
  return messages.filter((message) => theirs(message) && message.seq > read).length;
}

export function createStore() {
  let state = initialState();
  /** @type {Set<(state: State, before: State) => void>} */
  const listeners = new Set();
  /** @param {State} next */
  const become = (next) => {
    const before = state;
    state = next;
    listeners.forEach((listener) => listener(state, before));
  };
  return {
    get: () => state,
    /** @param {Action} action */
    dispatch: (action) => become(reduce(state, action)),
    /** @param {Partial<State>} part */
    set: (part) => become(reduce(state, { type: 'set', part })),
    /** @param {(state: State, before: State) => void} listener */
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    reset: () => become({ ...initialState(), config: state.config }),
  };
}

/** Days, messages in groups, and what is on its way, in order. @param {State} state */
export function timeline(state) {
  /** @type {Item[]} */
  const items = [];
  const all = [...state.messages.map((message) => said(message, state.seenByThem)), ...state.outgoing.map(unsaid)];
  all.forEach((item, index) => {
    const before = all[index - 1];
    const after = all[index + 1];
    const followed = after !== undefined && together(item, after);
    if (!before || !sameDay(before, item)) items.push({ kind: 'day', key: `day-${item.key}`, at: item.at });
    items.push({
      ...item,
      first: !before || !together(before, item),
      last: !followed,
      telling: item.ours && !(followed && after.delivery === item.delivery && !item.pending),
    });
  });
  return items;
}

const ALONE = { kind: /** @type {const} */ ('message'), first: true, last: true, telling: false };

/** @param {Message} message @param {number} seenByThem @returns {MessageItem} */
function said({ id, clientId, seq, seen, failed, ...message }, seenByThem) {
  const ours = message.author.kind === 'visitor';
  const delivery = failed ? 'failed' : seen || seq <= seenByThem ? 'seen' : 'sent';
  return { ...ALONE, ...message, key: clientId ?? id, ours, delivery: ours ? delivery : null, pending: null };
}

/** @param {Outgoing} item @returns {MessageItem} */
const unsaid = ({ clientId, text, attachments, at, state }) => ({
  ...ALONE, key: clientId, author: readAuthor({ type: 'visitor' }), ours: true, content: null, text, attachments, at,
  delivery: state, pending: clientId,
});

/** @param {MessageItem} one @param {MessageItem} next */
const sameDay = (one, next) => new Date(one.at).toDateString() === new Date(next.at).toDateString();

/** @param {MessageItem} one @param {MessageItem} next */
const together = (one, next) => one.author.kind === next.author.kind && (one.ours || one.author.name === next.author.name)
  && next.at - one.at < GROUP_MS && sameDay(one, next);
