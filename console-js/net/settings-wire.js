// The shapes of members, tokens, the workspace, its log and widgets' settings on the REST API, as types alone.
//
// Guarantees: nothing at run time. Each type mirrors the OpenAPI document.

/** @typedef {"owner"|"admin"|"agent"|"viewer"} Role */
/**
 * @typedef {{id: string, name: string, email: string, role: Role, avatar_url?: string|null, disabled: boolean, capacity?: number|null, presence: "online"|"away"|"offline",
 *   version: number, created_at: string}} Member
 */
/**
 * @typedef {{id: string, service_account_id: string, name: string, hint: string, scopes: import("../state/permissions.js").Permission[],
 *   expires_at?: string|null, revoked_at?: string|null, previous_until?: string|null, last_used_at?: string|null, version: number,
 *   created_at: string}} Token
 */
/** @typedef {Token & {token: string}} FreshToken */
/** @typedef {{id: string, name: string, disabled: boolean, created_at: string}} ServiceAccount */
/**
 * @typedef {{id: string, actor: {type: string, id?: string|null, name?: string|null}, action: string, target?: {type: string, id?: string|null}|null,
 *   detail: Record<string, unknown>, request_id?: string|null, at: string}} AuditEntry
 */
/** @typedef {{agents: number, webhooks: number, requests_per_minute_token: number, requests_per_minute_workspace: number}} Limits */
/** @typedef {{id: string, name: string, plan: string, limits: Limits, version: number, created_at: string}} Workspace */
/** @typedef {{mode: string, when_away: string, away_after_ms: number, capacity: number, version: number}} Routing */
/** @typedef {{name: string, label: string, type: string, required: boolean}} Question */
/**
 * @typedef {{api_key: string, theme: Record<string, unknown>, header_text: string, allowed_origins: string[], pre_chat_form: Question[],
 *   allow_file_uploads: boolean, identity?: {required?: boolean, key_ids?: string[]}}} WidgetSettings
 */
/** @typedef {{key_id: string, secret: string}} IdentitySecret */

export {};
