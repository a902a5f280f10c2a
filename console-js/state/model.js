// What the page knows, and the actions that change it.
//
// The state is plain data, never mutated. Everything from the server is kept as the server wrote it; what only this page
// knows (loading, marks, unsent messages) stands beside it. Start reading at `State`, then `reduce.js`.

import { NO_ROWS } from "./rows.js";
import { NONE_SELECTED } from "./selection.js";
import { NOTHING_PREPARED } from "./prepared.js";
import { questionOf } from "./views.js";

/** @typedef {import("../net/wire.js").Conversation} Conversation */
/** @typedef {import("../net/wire.js").Message} Message */
/** @typedef {import("../net/wire.js").Agent} Agent */
/** @typedef {import("../net/wire.js").Contact} Contact */

/** @typedef {Pick<import("../net/channel-wire.js").Channel, "id"|"name"|"kind">} ChannelBrief */
/** @typedef {import("./views.js").ViewName} ViewName */
/** @typedef {import("./views.js").Question} Question */
/** @typedef {import("./views.js").Place} Place */

/**
 * The list on the left: one question, and how far down the server's order its answer is loaded.
 * @typedef {Question & {status: "idle"|"loading"|"ready"|"failed", error: string|null,
 *   next_cursor: string|null, floor: Place|null, marks: {floor: Place, cursor: string}[], hits: string[]|null,
 *   order: readonly string[], shown: readonly string[]|null, top: Place|null, loading_more: boolean}} List
 * `floor` is the last row loaded (null: everything is loaded), `marks` are the ends of the pages so far; `hits` are the ids a search found,
 * in the server's order. `order` is what belongs into the list, `shown` what stands on the screen while nothing may move there, and `top`
 * what was its first place then (state/order.js).
 */

/**
 * A change of the conversation itself, shown between its messages.
 * @typedef {{id: string, seq: number, at: string, field: string, from: unknown, to: unknown}} Line
 */

/**
 * @typedef {{messages: Message[], lines: Line[], older_cursor: string|null, status: "loading"|"ready"|"failed",
 *   error: string|null, loading_older: boolean, fresh: boolean, whole: boolean, unread_from: string|null, unread_above: number}} Timeline
 * `unread_from` is the message before which the unread mark stands, `unread_above` how many unread ones are not loaded yet.
 * `messages` are in order of `seq`; where `whole`, they have no hole down to `older_cursor`. `fresh` is false once the page no longer hears everything about it.
 */

/**
 * A message that the server has not acknowledged: `text` as it was typed, and `content` where signs in it format something.
 * @typedef {{client_id: string, conversation_id: string, kind: "message"|"note", text: string, content: import("../net/wire.js").ContentNode|null,
 *   tab: string, written_ms: number, attachments: import("../net/wire.js").Attachment[], last_seen_seq: number, reply_to_seq?: number|null, created_at: string,
 *   state: "held"|"queued"|"sending"|"waiting"|"stale"|"failed", not_before_ms: number, tries: number, error: string|null,
 *   unseen: Message[]}} Unsent
 */

/**
 * @typedef {{phase: "connecting"|"live"|"waiting"|"offline"|"ended", retry_at_ms: number|null, code: number|null}} Connection
 */

/** @typedef {{type: string, id: string|null, name: string|null, until_ms: number}} Typist */

/**
 * A webhook that needs somebody.
 * @typedef {{id: string, name: string, standing: "failing"|"disabled", since: string|null, reason: string|null}} Trouble
 */

/**
 * @typedef {{
 *   me: Agent,
 *   agents: Record<string, Agent>,
 *   channels: ChannelBrief[],
 *   prepared: import("./prepared.js").Prepared,
 *   conversations: import("./rows.js").Rows,
 *   unread_mine: number,
 *   wanted: Record<string, true>,
 *   list: List,
 *   selection: import("./selection.js").Selection,
 *   bulk: import("../app/bulk.js").Progress|null,
 *   open_id: string|null,
 *   attention: boolean,
 *   missing: Record<string, true>,
 *   timelines: Record<string, Timeline>,
 *   scheduled: Record<string, import("../net/wire.js").ScheduledMessage[]>,
 *   contacts: Record<string, Contact>,
 *   presence: Record<string, import("../net/wire.js").PresenceStatus>,
 *   presence_told: Record<string, number>,
 *   typing: Record<string, Typist[]>,
 *   viewers: Record<string, {id: string, name: string}[]>,
 *   unsent: Unsent[],
 *   troubles: Trouble[],
 *   dismissed: string[],
 *   connection: Connection,
 *   limits: import("../net/wire.js").Limits,
 *   capabilities: Record<string, import("../net/wire.js").Capabilities>,
 * }} State
 * `unread_mine` are the unread messages of open conversations that are mine, as far as they are known.
 * `scheduled` is what is sent later in the conversation that is open.
 * `wanted` are conversations that must be read afresh, because an event told less than the screen shows.
 * `capabilities` is what each kind of channel can do; a widget's has no entry.
 * `dismissed` names the troubles that the agent has put out of sight (state/troubles.js).
 * `attention` is true while the agent really looks at the end of the open conversation.
 */

/**
 * @typedef {{type: "agents_loaded", agents: Agent[], told?: Record<string, number>}
 *   | {type: "channels_loaded", channels: ChannelBrief[]}
 *   | {type: "prepared_loaded", prepared: Partial<import("./prepared.js").Prepared>}
 *   | {type: "view_opened", question: Question}
 *   | {type: "list_loaded", question: Question, page: import("../net/wire.js").Page<Conversation>, append: boolean}
 *   | {type: "list_held"} | {type: "list_released"}
 *   | {type: "selection_toggled", id: string} | {type: "selection_reached", id: string} | {type: "all_selected"} | {type: "selection_cleared"}
 *   | {type: "bulk_changed", bulk: import("../app/bulk.js").Progress|null}
 *   | {type: "list_loading_more"}
 *   | {type: "list_failed", error: string}
 *   | {type: "conversation_loaded", conversation: Conversation}
 *   | {type: "conversation_wanted", id: string}
 *   | {type: "conversation_missing", id: string}
 *   | {type: "conversation_opened", id: string|null}
 *   | {type: "timeline_loading", id: string}
 *   | {type: "timeline_loaded", id: string, page: import("../net/wire.js").Page<Message>}
 *   | {type: "scheduled_loaded", id: string, messages: import("../net/wire.js").ScheduledMessage[]}
 *   | {type: "older_loading", id: string}
 *   | {type: "older_loaded", id: string, page: import("../net/wire.js").Page<Message>}
 *   | {type: "timeline_failed", id: string, error: string}
 *   | {type: "contact_loaded", contact: Contact}
 *   | {type: "attention_changed", attention: boolean}
 *   | {type: "event", frame: import("../net/wire.js").EventFrame}
 *   | {type: "acknowledged", frame: import("../net/wire.js").AckFrame, item: Unsent}
 *   | {type: "typing", frame: import("../net/wire.js").TypingFrame, now_ms: number}
 *   | {type: "typing_expired", now_ms: number}
 *   | {type: "viewers", frame: import("../net/wire.js").ViewersFrame}
 *   | {type: "presence", frame: import("../net/wire.js").PresenceFrame}
 *   | {type: "unsent_changed", unsent: Unsent[]}
 *   | {type: "connection_changed", connection: Connection}
 *   | {type: "webhooks_loaded", webhooks: import("../net/webhook-wire.js").Webhook[]}
 *   | {type: "webhook_loaded", webhook: import("../net/webhook-wire.js").Webhook}
 *   | {type: "webhook_removed", id: string}
 *   | {type: "troubles_dismissed", keys: string[]}
 *   | {type: "capabilities_loaded", providers: import("../net/wire.js").ProviderAbout[]}
 *   | {type: "limits_changed", limits: import("../net/wire.js").Limits}
 *   | {type: "resync"}
 * } Action
 */

/** How many timelines are kept beside the open one, so that going back is instant and memory stays flat. */
export const TIMELINES_KEPT_MAX = 20;
/** How many system lines a timeline keeps. */
export const LINES_KEPT_MAX = 200;

/**
 * @param {Agent} me
 * @returns {State}
 */
export function initialState(me) {
  return {
    me,
    agents: { [me.id]: me },
    channels: [],
    prepared: NOTHING_PREPARED,
    conversations: NO_ROWS,
    unread_mine: 0,
    wanted: {},
    list: emptyList(questionOf("mine")),
    selection: NONE_SELECTED,
    bulk: null,
    open_id: null,
    attention: false,
    missing: {},
    timelines: {},
    scheduled: {},
    contacts: {},
    presence: {},
    presence_told: {},
    typing: {},
    viewers: {},
    unsent: [],
    troubles: [],
    dismissed: [],
    connection: { phase: "connecting", retry_at_ms: null, code: null },
    limits: {},
    capabilities: {},
  };
}

/**
 * @param {Question} question
 * @returns {List}
 */
export function emptyList(question) {
  const { view, query, standing, sort, saved } = question;
  const page = { next_cursor: null, floor: null, marks: [], hits: query === "" ? null : [], loading_more: false };
  return { view, query, standing, sort, saved, status: "idle", error: null, ...page, order: [], shown: null, top: null };
}

/** @returns {Timeline} */
export function emptyTimeline() {
  return {
    messages: [],
    lines: [],
    older_cursor: null,
    status: "loading",
    error: null,
    loading_older: false,
    fresh: false,
    whole: false,
    unread_from: null,
    unread_above: 0,
  };
}
