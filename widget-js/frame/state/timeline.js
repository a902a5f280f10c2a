/**
 * What the log shows, in order: days, messages in groups, what is on its way. Pure.
 *
 * @import {Author, State} from './store.js'
 * @import {Attachment, Node} from '../wire.js'
 *
 * @typedef {'waiting' | 'sending' | 'sent' | 'seen' | 'failed'} Delivery
 * @typedef {{kind: 'day', key: string, at: number}} DayItem
 *
 * @typedef {object} MessageItem
 * @property {'message'} kind
 * @property {string} key stays the same from the moment of writing on
 * @property {Author} author
 * @property {boolean} ours
 * @property {Node | null} content
 * @property {string} text
 * @property {Attachment[]} attachments
 * @property {number} at
 * @property {Delivery | null} delivery of our own messages
 * @property {string | null} pending the client id, while it is not acknowledged
 * @property {boolean} first in its group
 * @property {boolean} last in its group
 * @property {boolean} telling the delivery is worth showing: it differs from that of the next, or there is none
 */

/** Messages of one author this close together are one group. */
const GROUP_MS = 5 * 60_000;

/**
 * @param {State} state
 * @returns {(DayItem | MessageItem)[]}
 */
export function timeline(state) {
  /** @type {(DayItem | MessageItem)[]} */
  const items = [];
  const messages = collect(state);
  messages.forEach((item, index) => {
    const before = messages[index - 1];
    const after = messages[index + 1];
    if (!before || !sameDay(before, item)) items.push({ kind: 'day', key: `day-${item.key}`, at: item.at });
    items.push({
      ...item,
      first: !before || !together(before, item),
      last: !after || !together(item, after),
      telling: item.ours && !(after && together(item, after) && after.delivery === item.delivery && !item.pending),
    });
  });
  return items;
}

/**
 * @param {State} state
 * @returns {MessageItem[]}
 */
function collect(state) {
  const grouping = { kind: /** @type {const} */ ('message'), first: false, last: false, telling: false };
  const said = state.messages.map((message) => {
    const ours = message.author.kind === 'visitor';
    return {
      ...grouping,
      key: message.clientId ?? message.id,
      author: message.author,
      ours,
      content: message.content,
      text: message.text,
      attachments: message.attachments,
      at: message.at,
      delivery: ours ? delivery(message, state.seenByThem) : null,
      pending: null,
    };
  });
  const outgoing = state.outgoing.map((item) => ({
    ...grouping,
    key: item.clientId,
    author: { kind: /** @type {const} */ ('visitor'), id: null, name: null, avatarUrl: null },
    ours: true,
    content: null,
    text: item.text,
    attachments: item.attachments,
    at: item.at,
    delivery: item.state,
    pending: item.clientId,
  }));
  return [...said, ...outgoing];
}

/**
 * @param {{seq: number, seen: boolean, failed: boolean}} message
 * @param {number} seenByThem
 * @returns {Delivery}
 */
function delivery(message, seenByThem) {
  if (message.failed) return 'failed';
  return message.seen || message.seq <= seenByThem ? 'seen' : 'sent';
}

/** @param {number} at */
function dayOf(at) {
  return new Date(at).toDateString();
}

/**
 * @param {MessageItem} one
 * @param {MessageItem} other
 */
function sameDay(one, other) {
  return dayOf(one.at) === dayOf(other.at);
}

/**
 * @param {MessageItem} one
 * @param {MessageItem} next
 */
function together(one, next) {
  const sameAuthor = one.author.kind === next.author.kind && one.author.name === next.author.name;
  return (one.ours ? next.ours : sameAuthor) && next.at - one.at < GROUP_MS && sameDay(one, next);
}
