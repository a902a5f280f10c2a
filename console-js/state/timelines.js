// The messages of a conversation, and what each event does to them.
//
// Guarantees: messages stand in order of `seq`, each once, whether it came by HTTP, by event or by acknowledgement, in any
// order and however often; a message never goes back to an earlier state. Timelines that the page no longer hears everything
// about are kept a while, marked as not fresh, and read again before they are trusted.

import { plainOf } from "./marks.js";
import { mergeMessages, replaceMessage, seenUpTo } from "./messages.js";
import { rowAt } from "./rows.js";
import { emptyTimeline, LINES_KEPT_MAX, TIMELINES_KEPT_MAX } from "./model.js";

/** @typedef {import("./model.js").State} State */
/** @typedef {import("./model.js").Timeline} Timeline */
/** @typedef {import("./model.js").Unsent} Unsent */
/** @typedef {import("../net/wire.js").Message} Message */
/** @typedef {import("../net/wire.js").EventFrame} EventFrame */

/** Changes that are shown as a line between the messages. */
const LINE_FIELDS = ["status", "assignee_id", "priority", "labels"];

/**
 * Takes in the newest page, which came from the server after the topic was subscribed.
 * @param {State} state
 * @param {string} id
 * @param {import("../net/wire.js").Page<Message>} page newest first
 * @returns {State}
 */
export function takeNewest(state, id, page) {
  const known = state.timelines[id] ?? emptyTimeline();
  const arrived = [...page.data].reverse();
  const oldest = arrived[0];
  // Older messages stay only if the page reaches down to them: otherwise there would be a hole between. Messages that events
  // brought before the first page reach down to nothing.
  const touches = known.whole && oldest !== undefined && known.messages.some((message) => message.id === oldest.id);
  const kept = touches ? known.messages : known.messages.filter((message) => !oldest || message.seq > oldest.seq);
  const messages = mergeMessages(kept, arrived);
  return put(state, id, {
    ...known,
    messages,
    older_cursor: touches ? known.older_cursor : page.next_cursor,
    status: "ready",
    error: null,
    loading_older: false,
    fresh: true,
    whole: true,
    ...(known.unread_from === null ? unreadMark(messages, rowAt(state.conversations, id)?.unread_count ?? 0) : {}),
  });
}

/**
 * Takes in a page before the ones that are loaded.
 * @param {State} state
 * @param {string} id
 * @param {import("../net/wire.js").Page<Message>} page
 * @returns {State}
 */
export function takeOlder(state, id, page) {
  const known = state.timelines[id];
  if (!known) return state;
  return put(state, id, {
    ...known,
    messages: mergeMessages(known.messages, page.data),
    older_cursor: page.next_cursor,
    loading_older: false,
    ...(known.unread_above > 0 ? unreadMark([...page.data].reverse(), known.unread_above) : {}),
  });
}

/**
 * Applies a conversation's event to its timeline, if that is loaded.
 * @param {State} state the state before the event, with the conversation's row as it was
 * @param {EventFrame} frame
 * @returns {State}
 */
export function applyToTimeline(state, frame) {
  const id = frame.conversation_id;
  const timeline = id === null ? undefined : state.timelines[id];
  if (id === null || !timeline) return state;

  switch (frame.event) {
    case "conversation.message_created": {
      const message = /** @type {Message} */ (frame.data);
      const messages = mergeMessages(timeline.messages, [message]);
      return put(state, id, { ...timeline, messages, unread_from: markAfter(state, id, timeline, message) });
    }
    case "message.status_changed":
    case "message.updated":
    case "message.deleted":
      if (!timeline.messages.some((message) => message.id === frame.data.id)) return state;
      return put(state, id, { ...timeline, messages: replaceMessage(timeline.messages, frame.data) });
    case "conversation.read":
      return put(state, id, withReceipts(timeline, frame.data));
    case "conversation.updated":
    case "conversation.assigned":
      return put(state, id, withLines(timeline, frame));
    default:
      return state;
  }
}

/**
 * Shows an acknowledged message at its final place at once; its own event replaces it, or has done so already.
 * @param {State} state
 * @param {import("../net/wire.js").AckFrame} frame
 * @param {Unsent} item
 * @returns {State}
 */
export function takeAcknowledged(state, frame, item) {
  const timeline = state.timelines[item.conversation_id];
  if (!timeline || timeline.messages.some((message) => message.id === frame.message_id)) return state;
  /** @type {Message} */
  const message = {
    id: frame.message_id,
    conversation_id: item.conversation_id,
    seq: frame.seq,
    kind: item.kind,
    direction: "out",
    author: { type: "agent", id: state.me.id, name: state.me.name },
    content: item.content,
    content_text: item.content ? plainOf(item.content) : item.text,
    attachments: item.attachments,
    status: "queued",
    client_id: item.client_id,
    created_at: item.created_at,
    ...(item.reply_to_seq ? { via: { reply_to_seq: item.reply_to_seq } } : {}),
  };
  return put(state, item.conversation_id, { ...timeline, messages: mergeMessages(timeline.messages, [message]) });
}

/**
 * Marks every timeline but the open one as no longer heard, and forgets the oldest of them.
 * @param {State} state
 * @param {string|null} open_id
 * @returns {State}
 */
export function leaveTimelines(state, open_id) {
  const others = Object.entries(state.timelines).filter(([id]) => id !== open_id);
  const kept = others.slice(-TIMELINES_KEPT_MAX).map(([id, timeline]) => [id, { ...timeline, fresh: false, unread_from: null, unread_above: 0 }]);
  const open = open_id === null ? undefined : state.timelines[open_id];
  const timelines = Object.fromEntries(kept);
  if (open_id !== null && open) timelines[open_id] = open;
  return { ...state, timelines };
}

/**
 * @param {Timeline} timeline
 * @param {import("../net/wire.js").ReadFact} fact
 * @returns {Timeline}
 */
function withReceipts(timeline, fact) {
  const messages = timeline.messages.map((message) => seenUpTo(message, fact));
  return messages.some((message, index) => message !== timeline.messages[index]) ? { ...timeline, messages } : timeline;
}

/**
 * @param {Timeline} timeline
 * @param {EventFrame} frame
 * @returns {Timeline}
 */
function withLines(timeline, frame) {
  const changes = /** @type {Record<string, {from: unknown, to: unknown}>} */ (frame.data.changes ?? {});
  // `conversation.assigned` and `conversation.updated` may both tell of one change: it is one line.
  const fields = LINE_FIELDS.filter((field) => changes[field] !== undefined);
  const lines = fields
    .map((field) => ({ id: `${frame.seq}-${field}`, seq: frame.seq ?? 0, at: frame.at, field, ...changes[field] }))
    .map((line) => /** @type {import("./model.js").Line} */ (line))
    .filter((line) => !timeline.lines.some((known) => known.id === line.id || sameChange(known, line)));
  if (lines.length === 0) return timeline;
  return { ...timeline, lines: [...timeline.lines, ...lines].slice(-LINES_KEPT_MAX) };
}

/**
 * @param {import("./model.js").Line} one
 * @param {import("./model.js").Line} other
 */
function sameChange(one, other) {
  return one.field === other.field && one.at === other.at && JSON.stringify(one.to) === JSON.stringify(other.to);
}

/**
 * Where the unread mark stands: before the first of the last `unread` inbound messages, as far as these reach.
 * @param {Message[]} messages oldest first
 * @param {number} unread
 * @returns {Partial<Timeline>}
 */
function unreadMark(messages, unread) {
  const inbound = messages.filter((message) => message.direction === "in");
  const first = unread === 0 ? undefined : inbound[Math.max(0, inbound.length - unread)];
  return first ? { unread_from: first.id, unread_above: Math.max(0, unread - inbound.length) } : {};
}

/**
 * A message that arrives while nobody looks sets the mark; an answer takes it away.
 * @param {State} state
 * @param {string} id
 * @param {Timeline} timeline
 * @param {Message} message
 * @returns {string|null}
 */
function markAfter(state, id, timeline, message) {
  if (message.author.type === "agent" && message.author.id === state.me.id) return null;
  if (message.direction !== "in" || timeline.unread_from !== null || !timeline.fresh) return timeline.unread_from;
  const looking = state.attention && state.open_id === id;
  const wasRead = (rowAt(state.conversations, id)?.unread_count ?? 0) === 0;
  return !looking && wasRead ? message.id : null;
}

/**
 * @param {State} state
 * @param {string} id
 * @param {Timeline} timeline
 * @returns {State}
 */
function put(state, id, timeline) {
  if (state.timelines[id] === timeline) return state;
  return { ...state, timelines: { ...state.timelines, [id]: timeline } };
}
