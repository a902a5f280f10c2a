// The shapes of what is prepared for the inbox on the REST API: canned responses, labels, saved views and macros; as types alone.
//
// Guarantees: nothing at run time. Each type mirrors the OpenAPI document.

/** What every kind has; `owner_id` null means everybody's. @typedef {{id: string, owner_id: string|null, version: number, created_at: string, updated_at: string}} Frame */
/** @typedef {Frame & {shortcut: string, name: string, content: import("./wire.js").ContentNode, content_text: string}} CannedResponse */
/** @typedef {Frame & {name: string, color: string, description: string}} WorkspaceLabel */
/**
 * @typedef {{status?: import("./wire.js").ConversationStatus, channel_id?: string, label?: string, assignee_id?: string, priority?: import("./wire.js").Priority, team_id?: string}} ViewFilter
 * `assignee_id` is an agent's id, "me" or "none".
 * @typedef {Frame & {name: string, filter: ViewFilter, sort: import("../state/views.js").Sort}} SavedView
 */
/**
 * @typedef {{type: string, assignee_id?: string|null, team_id?: string|null, labels?: string[], status?: string, snoozed_for_s?: number, priority?: string,
 *   text?: string}} MacroAction
 * @typedef {Frame & {name: string, actions: MacroAction[]}} Macro
 * @typedef {{conversation_id: string, status: "done"|"failed", error?: {code: string, detail: string}}} MacroOutcome
 */
/** Members who answer the same conversations; everybody's. @typedef {{id: string, name: string, description: string, member_ids: string[], version: number, created_at: string, updated_at: string}} Team */
/**
 * @typedef {{"canned-responses": CannedResponse, "labels": WorkspaceLabel, "views": SavedView, "macros": Macro, "teams": Team}} Kinds
 * @typedef {keyof Kinds} Kind
 */

export {};
