// Every change of the state, as one pure function.
//
// Guarantees: no clock, no network, no randomness; the same actions give the same state; an action that says nothing new
// answers the state it was given. Applying every event since a screen was loaded equals loading the screen afresh
// (tests/js/console/replay.test.mjs).

import { applyContact, applyToConversation, takeConversation, takeConversations, unwant, want } from "./conversations.js";
import { applyPresence, applyTyping, applyViewers, expireTyping, stopTyping } from "./live.js";
import { emptyTimeline } from "./model.js";
import { openList, takePage } from "./list.js";
import { dropRow, hold, release } from "./order.js";
import { rowAt } from "./rows.js";
import { reach, selectAll, selectNone, toggle } from "./selection.js";
import { applyToTimeline, leaveTimelines, takeAcknowledged, takeNewest, takeOlder } from "./timelines.js";
import { applyReport, dropWebhook, takeWebhook, takeWebhooks } from "./troubles.js";

/** @typedef {import("./model.js").State} State */
/** @typedef {import("./model.js").Action} Action */

/**
 * @param {State} state
 * @param {Action} action
 * @returns {State}
 */
export function reduce(state, action) {
  switch (action.type) {
    case "agents_loaded":
      return withAgents(state, action.agents, action.told ?? state.presence_told);
    case "channels_loaded":
      return { ...state, channels: action.channels };
    case "prepared_loaded":
      return { ...state, prepared: { ...state.prepared, ...action.prepared } };
    case "view_opened":
      return openList(state, action.question);
    case "list_loaded":
      return takePage(state, action);
    case "list_held":
      return hold(state);
    case "list_released":
      return release(state);
    case "list_loading_more":
      return { ...state, list: { ...state.list, loading_more: true } };
    case "selection_toggled":
      return toggle(state, action.id);
    case "selection_reached":
      return reach(state, action.id);
    case "all_selected":
      return selectAll(state);
    case "selection_cleared":
      return selectNone(state);
    case "bulk_changed":
      return { ...state, bulk: action.bulk };
    case "list_failed":
      return { ...state, list: { ...state.list, status: "failed", error: action.error, loading_more: false } };
    case "conversation_loaded":
      return takeConversation(state, action.conversation);
    case "conversation_wanted":
      return want(state, action.id);
    case "conversation_missing":
      return withoutConversation(state, action.id);
    case "conversation_opened":
      return opened(state, action.id);
    case "contact_loaded":
      return withContact(state, action.contact);
    case "attention_changed":
      return action.attention === state.attention ? state : { ...state, attention: action.attention };
    case "event":
      return applyEvent(state, action.frame);
    case "unsent_changed":
      return { ...state, unsent: action.unsent };
    case "connection_changed":
      return withConnection(state, action.connection);
    case "limits_changed":
      return { ...state, limits: action.limits };
    case "capabilities_loaded":
      return { ...state, capabilities: Object.fromEntries(action.providers.flatMap(({ kinds }) => kinds.map(({ kind, capabilities }) => [kind, capabilities]))) };
    case "resync":
      return { ...state, timelines: staled(state), contacts: {}, wanted: {}, list: restarted(state.list) };
    default:
      return reduceTimeline(state, action);
  }
}

/**
 * @param {State} state
 * @param {Action} action
 * @returns {State}
 */
function reduceTimeline(state, action) {
  switch (action.type) {
    case "timeline_loading":
      return patchTimeline(state, action.id, { error: null, status: state.timelines[action.id]?.messages.length ? "ready" : "loading" });
    case "timeline_loaded":
      return takeNewest(state, action.id, action.page);
    case "scheduled_loaded":
      // Only the open one is heard of: what another one has is read when it is opened.
      return action.id === state.open_id ? { ...state, scheduled: { [action.id]: action.messages } } : state;
    case "older_loading":
      return patchTimeline(state, action.id, { loading_older: true });
    case "older_loaded":
      return takeOlder(state, action.id, action.page);
    case "timeline_failed":
      return patchTimeline(state, action.id, { status: "failed", error: action.error, loading_older: false });
    case "acknowledged":
      return takeAcknowledged(state, action.frame, action.item);
    case "typing":
      return applyTyping(state, action.frame, action.now_ms);
    case "typing_expired":
      return expireTyping(state, action.now_ms);
    case "viewers":
      return applyViewers(state, action.frame);
    case "presence":
      return applyPresence(state, action.frame);
    default:
      return reduceTroubles(state, action);
  }
}

/**
 * @param {State} state
 * @param {Action} action
 * @returns {State}
 */
function reduceTroubles(state, action) {
  switch (action.type) {
    case "webhooks_loaded":
      return takeWebhooks(state, action.webhooks);
    case "webhook_loaded":
      return takeWebhook(state, action.webhook);
    case "webhook_removed":
      return dropWebhook(state, action.id);
    case "troubles_dismissed":
      return { ...state, dismissed: action.keys };
    default:
      return state;
  }
}

/**
 * Applies one event of the stream; its order was checked before (state/stream.js).
 * @param {State} state
 * @param {import("../net/wire.js").EventFrame} frame
 * @returns {State}
 */
export function applyEvent(state, frame) {
  if (frame.event === "contact.created" || frame.event === "contact.updated") {
    const { changes: _changes, ...contact } = frame.data;
    return withContact(state, contact, "known");
  }
  if (frame.event.startsWith("webhook.")) return applyReport(state, frame);
  if (frame.event === "conversation.deleted" && frame.data.permanent && frame.conversation_id) return withoutTrace(state, frame.conversation_id);
  // The timeline first: its unread mark depends on how the row stood before.
  let next = applyToTimeline(state, frame);
  next = applyToConversation(next, frame);
  if (frame.event === "conversation.message_created") next = stopTyping(next, frame.data);
  if (frame.event === "conversation.created" && frame.conversation_id) next = found(next, frame.conversation_id);
  return next;
}

/**
 * @param {State} state
 * @param {import("./model.js").Agent[]} agents
 * @param {State["presence_told"]} asked how often each had been told of when that was asked: what was told since is later than the answer
 * @returns {State}
 */
function withAgents(state, agents, asked) {
  const byId = Object.fromEntries(agents.map((agent) => [agent.id, agent]));
  const told = agents.flatMap((agent) => (agent.presence && state.presence_told[agent.id] === asked[agent.id] ? [[agent.id, agent.presence]] : []));
  return { ...state, agents: { [state.me.id]: state.me, ...byId }, presence: { ...state.presence, ...Object.fromEntries(told) } };
}

/**
 * @param {State} state
 * @param {string|null} id
 * @returns {State}
 */
function opened(state, id) {
  if (id === state.open_id) return state;
  const left = leaveTimelines(state, id);
  if (id === null) return { ...left, open_id: null, attention: false };
  const timeline = left.timelines[id] ?? emptyTimeline();
  return found({ ...left, open_id: id, attention: false, timelines: { ...left.timelines, [id]: timeline } }, id);
}

/**
 * @param {State} state
 * @param {string} id
 * @returns {State}
 */
function found(state, id) {
  if (!state.missing[id]) return state;
  const { [id]: _missing, ...missing } = state.missing;
  return { ...state, missing };
}

/**
 * @param {State} state
 * @param {string} id
 * @returns {State}
 */
function withoutConversation(state, id) {
  return { ...dropRow(unwant(state, id), id), missing: { ...state.missing, [id]: true } };
}

/**
 * Nothing of it is shown any more; under the same id it may begin again.
 * @param {State} state
 * @param {string} id
 * @returns {State}
 */
function withoutTrace(state, id) {
  const { [id]: _said, ...timelines } = state.timelines;
  const { [id]: _later, ...scheduled } = state.scheduled;
  return withoutConversation({ ...state, timelines: state.open_id === id ? { ...timelines, [id]: emptyTimeline() } : timelines, scheduled }, id);
}

/**
 * @param {State} state
 * @param {import("../net/wire.js").Contact} contact
 * @param {"known"} [only] keep it only if the panel has it, or is about to: what is being loaded may be older than this
 * @returns {State}
 */
function withContact(state, contact, only) {
  const known = state.contacts[contact.id];
  if (known?.version !== undefined && contact.version !== undefined && contact.version < known.version) return state;
  const next = applyContact(state, contact);
  const open = state.open_id === null ? undefined : rowAt(state.conversations, state.open_id);
  if (only === "known" && !known && open?.contact.id !== contact.id) return next;
  return { ...next, contacts: { ...next.contacts, [contact.id]: contact } };
}

/**
 * Without a socket nobody is heard typing or looking.
 * @param {State} state
 * @param {import("./model.js").Connection} connection
 * @returns {State}
 */
function withConnection(state, connection) {
  return connection.phase === "live" ? { ...state, connection } : { ...state, connection, typing: {}, viewers: {} };
}

/** What is loaded stays on the screen while it is read again. @param {State["list"]} list @returns {State["list"]} */
function restarted(list) {
  return list.status === "idle" ? list : { ...list, status: "loading", loading_more: false };
}

/**
 * @param {State} state
 * @returns {State["timelines"]}
 */
function staled(state) {
  return Object.fromEntries(Object.entries(state.timelines).map(([id, timeline]) => [id, { ...timeline, fresh: false, whole: false }]));
}

/**
 * @param {State} state
 * @param {string} id
 * @param {Partial<import("./model.js").Timeline>} patch
 * @returns {State}
 */
function patchTimeline(state, id, patch) {
  const timeline = state.timelines[id] ?? emptyTimeline();
  return { ...state, timelines: { ...state.timelines, [id]: { ...timeline, ...patch } } };
}
