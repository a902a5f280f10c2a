// The conversations of the list, and what each event does to one.
//
// Guarantees: a conversation that has heard every event since it was read equals the same conversation read afresh; an event
// whose `seq` it already has changes nothing. Where an event tells less than the row shows, the row is marked as wanted and
// the loader reads it; nothing is guessed.

import { heardFrom } from "./remote.js";
import { later, seenUpTo } from "./messages.js";
import { belongs, putRows } from "./order.js";
import { allRows, rowAt } from "./rows.js";

/** @typedef {import("./model.js").State} State */
/** @typedef {import("../net/wire.js").Conversation} Conversation */
/** @typedef {import("../net/wire.js").EventFrame} EventFrame */

/**
 * Takes in a conversation that was read over HTTP, unless the page already knows later things about it.
 * @param {State} state
 * @param {Conversation} fresh
 * @returns {State}
 */
export function takeConversation(state, fresh) {
  return takeConversations(state, [fresh]);
}

/**
 * Takes in one page of the list; one change of the state, however long the page.
 * @param {State} state
 * @param {Conversation[]} page
 * @returns {State}
 */
export function takeConversations(state, page) {
  const news = page.filter((fresh) => (rowAt(state.conversations, fresh.id)?.seq ?? 0) <= fresh.seq);
  return news.reduce((next, fresh) => unwant(next, fresh.id), putRows(state, news));
}

/**
 * Applies a conversation's event to its row.
 * @param {State} state
 * @param {EventFrame} frame
 * @returns {State}
 */
export function applyToConversation(state, frame) {
  const id = frame.conversation_id;
  if (id === null || frame.seq === null) return state;
  const row = rowAt(state.conversations, id);
  if (row && frame.seq <= row.seq) return state;

  switch (frame.event) {
    case "conversation.created":
      return put(state, { ...rowOf(frame.data), unread_count: 0, last_message: null });
    case "conversation.updated":
    case "conversation.assigned":
    case "conversation.deleted":
      if (!row) return belongs(state, frame.data) ? want(state, id) : state;
      return put(state, { ...rowOf(frame.data), unread_count: row.unread_count, last_message: row.last_message });
    case "conversation.message_created":
      return row ? withMessage(state, row, frame) : want(state, id);
    case "message.status_changed":
      return row ? put(state, withStatus(row, frame)) : state;
    case "conversation.read":
      return row ? withRead(state, row, frame) : state;
    case "ticket.created":
    case "ticket.updated":
      return row ? put(state, withTicket(row, frame)) : state;
    default:
      return row ? put(state, numbered(row, frame)) : state;
  }
}

/**
 * Writes a changed contact into every conversation that shows it.
 * @param {State} state
 * @param {import("../net/wire.js").Contact} contact
 * @returns {State}
 */
export function applyContact(state, contact) {
  const brief = { id: contact.id, name: contact.name, email: contact.email, avatar_url: contact.avatar_url ?? null };
  const changed = allRows(state.conversations)
    .filter((row) => row.contact.id === contact.id && !sameBrief(row.contact, brief))
    .map((row) => ({ ...row, contact: brief }));
  return changed.length === 0 ? state : putRows(state, changed);
}

/**
 * @param {State} state
 * @param {string} id
 * @returns {State}
 */
export function want(state, id) {
  if (state.wanted[id]) return state;
  return { ...state, wanted: { ...state.wanted, [id]: true } };
}

/**
 * @param {State} state
 * @param {string} id
 * @returns {State}
 */
export function unwant(state, id) {
  if (!state.wanted[id]) return state;
  const { [id]: _done, ...wanted } = state.wanted;
  return { ...state, wanted };
}

/**
 * @param {State} state
 * @param {Conversation} row
 * @returns {State}
 */
function put(state, row) {
  return putRows(state, [row]);
}

/** @param {import("../net/wire.js").ConversationFact} fact */
function rowOf(fact) {
  const { changes: _changes, permanent: _permanent, ...row } = fact;
  return row;
}

/**
 * The row one event later, its fields unchanged. The version of a conversation is its `seq`.
 * @param {Conversation} row
 * @param {EventFrame} frame
 * @returns {Conversation}
 */
function numbered(row, frame) {
  const seq = frame.seq ?? row.seq;
  return { ...row, seq, version: Math.max(row.version, seq) };
}

/**
 * @param {State} state
 * @param {Conversation} row
 * @param {EventFrame} frame
 * @returns {State}
 */
function withMessage(state, row, frame) {
  const message = /** @type {import("../net/wire.js").Message} */ (frame.data);
  const heard = row.remote ? { remote: heardFrom(row.remote, message) } : {};
  const said = { ...numbered(row, frame), ...heard, updated_at: message.created_at };
  const unread = message.direction === "in" ? row.unread_count + 1 : row.unread_count;
  const next = put(state, message.kind === "note" ? said : { ...said, last_message: message, unread_count: unread });
  // The list does not hear of tickets: a message on another one than the row shows says that there is a new one.
  return message.ticket_id && message.ticket_id !== row.ticket?.id ? want(next, row.id) : next;
}

/**
 * @param {Conversation} row
 * @param {EventFrame} frame
 * @returns {Conversation}
 */
function withStatus(row, frame) {
  const next = numbered(row, frame);
  const last = row.last_message;
  return last !== null && last.id === frame.data.id ? { ...next, last_message: later(last, frame.data) } : next;
}

/**
 * @param {Conversation} row
 * @param {EventFrame} frame
 * @returns {Conversation}
 */
function withTicket(row, frame) {
  const { id, number, subject, status } = frame.data;
  const next = numbered(row, frame);
  const isCurrent = frame.event === "ticket.created" || row.ticket?.id === id;
  return isCurrent ? { ...next, ticket: { id, number, subject, status } } : next;
}

/**
 * What I have read to the end is read; what was read only in part must be counted by the server.
 * @param {State} state
 * @param {Conversation} row
 * @param {EventFrame} frame
 * @returns {State}
 */
function withRead(state, row, frame) {
  const fact = /** @type {import("../net/wire.js").ReadFact} */ (frame.data);
  const next = { ...numbered(row, frame), last_message: row.last_message === null ? null : seenUpTo(row.last_message, fact) };
  if (fact.by.type !== "agent" || fact.by.id !== state.me.id || row.unread_count === 0) return put(state, next);
  const last = row.last_message;
  if (!last || fact.seq >= last.seq) return put(state, { ...next, unread_count: 0 });
  return want(put(state, next), row.id);
}

/**
 * @param {import("../net/wire.js").ContactBrief} one
 * @param {import("../net/wire.js").ContactBrief} other
 */
function sameBrief(one, other) {
  return one.name === other.name && one.email === other.email && (one.avatar_url ?? null) === (other.avatar_url ?? null);
}
