// What the screen shows, worked out from the state.
//
// Guarantees: pure; the same state gives the same rows. The list follows the server's own filter and order, so a row that
// changed by an event stands where a fresh load would put it.

import { dayKey } from "./format.js";

/** @typedef {import("./model.js").State} State */
/** @typedef {import("./model.js").ViewName} ViewName */
/** @typedef {import("../net/wire.js").Conversation} Conversation */
/** @typedef {import("../net/wire.js").Message} Message */

/** Messages of one author closer than this stand as one group. */
const GROUP_MS_MAX = 5 * 60_000;

/**
 * What each view asks the server.
 * @type {Record<ViewName, {status: string, assignee_id?: "me"|"none"}>}
 */
export const VIEWS = {
  mine: { status: "open", assignee_id: "me" },
  unassigned: { status: "open", assignee_id: "none" },
  open: { status: "open" },
  resolved: { status: "resolved" },
};

/**
 * @param {State} state
 * @returns {Conversation[]} newest change first
 */
export function visibleConversations(state) {
  const { list } = state;
  const filter = VIEWS[list.view];
  if (list.hits) {
    return list.hits.flatMap((id) => state.conversations[id] ?? []).filter((row) => passes(state, filter, row));
  }
  return Object.values(state.conversations)
    .filter((row) => passes(state, filter, row) && aboveFloor(list.floor, row))
    .sort(newestFirst);
}

/**
 * Whether a conversation belongs into the view that is shown.
 * @param {State} state
 * @param {Pick<Conversation, "status"|"assignee_id">} row
 */
export function belongs(state, row) {
  return passes(state, VIEWS[state.list.view], row);
}

/**
 * @param {State} state
 * @param {{status: string, assignee_id?: "me"|"none"}} filter
 * @param {Pick<Conversation, "status"|"assignee_id">} row
 */
function passes(state, filter, row) {
  if (row.status !== filter.status) return false;
  if (filter.assignee_id === "me") return row.assignee_id === state.me.id;
  return filter.assignee_id !== "none" || row.assignee_id === null;
}

/**
 * @param {import("./model.js").List["floor"]} floor
 * @param {Conversation} row
 */
function aboveFloor(floor, row) {
  if (floor === null) return true;
  return row.updated_at > floor.updated_at || (row.updated_at === floor.updated_at && row.id >= floor.id);
}

/**
 * @param {Conversation} one
 * @param {Conversation} other
 */
function newestFirst(one, other) {
  if (one.updated_at !== other.updated_at) return one.updated_at < other.updated_at ? 1 : -1;
  return one.id < other.id ? 1 : -1;
}

/**
 * @typedef {{key: string, type: "day", at: string}
 *   | {key: string, type: "unread"}
 *   | {key: string, type: "line", line: import("./model.js").Line}
 *   | {key: string, type: "message", message: Message, first: boolean, last: boolean, receipt: boolean}
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
    rows.push({ key: keyOf(message), type: "message", message, first, last: true, receipt: receipts.has(message.id) });
    before = message;
  }
  return [...rows, ...unsentRows(state, id, timeline)];
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
 * The neighbour of a conversation in the list.
 * @param {State} state
 * @param {string|null} id
 * @param {1|-1} step
 * @returns {string|null}
 */
export function neighbour(state, id, step) {
  const rows = visibleConversations(state);
  const at = rows.findIndex((row) => row.id === id);
  const next = at === -1 ? (step === 1 ? 0 : rows.length - 1) : at + step;
  return rows[Math.min(Math.max(next, 0), rows.length - 1)]?.id ?? null;
}

/** @param {State} state */
export function unreadTotal(state) {
  return Object.values(state.conversations).reduce(
    (sum, row) => (row.status === "open" && row.assignee_id === state.me.id ? sum + row.unread_count : sum),
    0,
  );
}

/**
 * @param {State} state
 * @param {string|null} id
 */
export function agentName(state, id) {
  return id === null ? null : (state.agents[id]?.name ?? null);
}
