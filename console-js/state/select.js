// What the screen shows, worked out from the state.
//
// Guarantees: pure; the same state gives the same rows. What the list shows, and in which order, is state/order.js.

import { dayKey } from "./format.js";
import { canBeAnswered, quoteOf } from "./quotes.js";
import { shownIds } from "./order.js";
import { rowAt } from "./rows.js";

/** @typedef {import("./model.js").State} State */
/** @typedef {import("../net/wire.js").Conversation} Conversation */
/** @typedef {import("../net/wire.js").Message} Message */

/** Messages of one author closer than this stand as one group. */
const GROUP_MS_MAX = 5 * 60_000;

/**
 * @param {State} state
 * @returns {Conversation[]} what the list holds, in its order
 */
export function visibleConversations(state) {
  return state.list.order.flatMap((id) => rowAt(state.conversations, id) ?? []);
}

/** @param {State} state @returns {Conversation|undefined} the conversation that is open, if it is known */
export function openRow(state) {
  return state.open_id === null ? undefined : rowAt(state.conversations, state.open_id);
}

/**
 * @typedef {{key: string, type: "day", at: string}
 *   | {key: string, type: "unread"}
 *   | {key: string, type: "line", line: import("./model.js").Line}
 *   | {key: string, type: "message", message: Message, first: boolean, last: boolean, receipt: boolean,
 *       quoted_seq: number|null|undefined, quoted: Message|null, answerable: boolean}
 *   | {key: string, type: "scheduled", message: import("../net/wire.js").ScheduledMessage}
 *   | {key: string, type: "unsent", item: import("./model.js").Unsent, first: boolean}} Row
 */

/**
 * The rows of a conversation's timeline, oldest first.
 * @param {State} state
 * @param {string} id
 * @returns {Row[]}
 */
export function timelineRows(state, id) {
  const timeline = state.timelines[id];
  if (!timeline) return [];
  const receipts = receiptIds(timeline.messages);
  const remote = rowAt(state.conversations, id)?.remote;
  /** @type {Row[]} */
  const rows = [];
  let day = "";
  /** @type {Message|null} */
  let before = null;

  for (const entry of inOrder(timeline)) {
    const at = "message" in entry ? entry.message.created_at : entry.line.at;
    if (dayKey(at) !== day) {
      day = dayKey(at);
      rows.push({ key: `day-${day}`, type: "day", at });
      before = null;
    }
    if ("line" in entry) {
      rows.push({ key: `line-${entry.line.id}`, type: "line", line: entry.line });
      before = null;
      continue;
    }
    const { message } = entry;
    if (message.id === timeline.unread_from) {
      rows.push({ key: "unread", type: "unread" });
      before = null;
    }
    const first = before === null || !sameGroup(before, message);
    const previous = rows.at(-1);
    if (!first && previous?.type === "message") previous.last = false;
    const quote = quoteOf(timeline.messages, message);
    const answerable = state.me.role !== "viewer" && canBeAnswered(remote, message);
    // One level deep, so that two rows can be compared field by field.
    const quoting = { quoted_seq: quote?.seq, quoted: quote?.message ?? null, answerable };
    rows.push({ key: keyOf(message), type: "message", message, first, last: true, receipt: receipts.has(message.id), ...quoting });
    before = message;
  }
  const later = (state.scheduled[id] ?? []).map((message) => ({ key: `later-${message.id}`, type: /** @type {const} */ ("scheduled"), message }));
  return [...rows, ...unsentRows(state, id, timeline), ...later];
}

/**
 * An own message keeps its row from the first key press to its receipt.
 * @param {Message} message
 */
function keyOf(message) {
  return message.direction === "out" && message.client_id ? `own-${message.client_id}` : message.id;
}

/**
 * @param {State} state
 * @param {string} id
 * @param {import("./model.js").Timeline} timeline
 * @returns {Row[]}
 */
function unsentRows(state, id, timeline) {
  const stored = new Set(timeline.messages.map((message) => message.client_id));
  return state.unsent
    .filter((item) => item.conversation_id === id && !stored.has(item.client_id))
    .map((item, index) => ({ key: `own-${item.client_id}`, type: "unsent", item, first: index === 0 }));
}

/**
 * @param {import("./model.js").Timeline} timeline
 * @returns {({message: Message}|{line: import("./model.js").Line})[]}
 */
function inOrder(timeline) {
  const oldest = timeline.messages[0]?.seq ?? 0;
  const lines = timeline.lines.filter((line) => timeline.older_cursor === null || line.seq > oldest);
  /** @type {({message: Message, seq: number}|{line: import("./model.js").Line, seq: number})[]} */
  const entries = [
    ...timeline.messages.map((message) => ({ message, seq: message.seq })),
    ...lines.map((line) => ({ line, seq: line.seq })),
  ];
  return entries.sort((one, other) => one.seq - other.seq);
}

/**
 * @param {Message} one
 * @param {Message} other
 */
function sameGroup(one, other) {
  return (
    one.kind === other.kind &&
    one.author.type === other.author.type &&
    one.author.id === other.author.id &&
    Date.parse(other.created_at) - Date.parse(one.created_at) < GROUP_MS_MAX
  );
}

/**
 * Receipts stand under the last message that was seen and under the last one of all, and under everything that failed.
 * @param {Message[]} messages
 * @returns {Set<string>}
 */
function receiptIds(messages) {
  const said = messages.filter((message) => message.direction === "out" && message.kind === "message" && !message.deleted_at);
  const ids = said.filter((message) => message.status === "failed").map((message) => message.id);
  const last = said.at(-1);
  const seen = said.findLast((message) => message.status === "read");
  return new Set([...ids, ...(last ? [last.id] : []), ...(seen ? [seen.id] : [])]);
}

/**
 * The last place of a conversation that this page has shown: what a reply says it knew of.
 * @param {State} state
 * @param {string} id
 */
export function lastSeenSeq(state, id) {
  return state.timelines[id]?.messages.at(-1)?.seq ?? 0;
}

/**
 * The neighbour of a conversation in the list, as it is shown. Where it is not shown any more, its place counts: the next one is what has
 * moved up there.
 * @param {State} state
 * @param {string|null} id
 * @param {1|-1} step
 * @param {number} [spot] where it stood
 * @returns {string|null}
 */
export function neighbour(state, id, step, spot = 0) {
  const ids = shownIds(state);
  const at = id === null ? -1 : ids.indexOf(id);
  const next = at === -1 ? (step === 1 ? spot : spot - 1) : at + step;
  return ids[Math.min(Math.max(next, 0), ids.length - 1)] ?? null;
}

/** The unread messages that are mine. @param {State} state */
export function unreadTotal(state) {
  return state.unread_mine;
}

/**
 * @param {State} state
 * @param {string|null} id
 */
export function agentName(state, id) {
  return id === null ? null : (state.agents[id]?.name ?? null);
}

/**
 * Whether a message that is not sent is worth a mark elsewhere than in its conversation: not one that is about to be.
 * @param {import("./model.js").Unsent} item
 */
export function stands({ state }) {
  return state !== "held" && state !== "sending";
}
