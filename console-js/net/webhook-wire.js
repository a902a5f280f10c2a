// The shapes of webhooks, their deliveries and the catalogue of events on the REST API, as types alone.
//
// Guarantees: nothing at run time. Each type mirrors the OpenAPI document. Start reading at `Webhook`, then `Delivery`.

/** @typedef {"pending"|"delivered"|"failed"|"skipped"} DeliveryStatus */
/** @typedef {"failed"|"missing"|"all"} ReplayOnly */
/** @typedef {{channel_ids?: string[], team_ids?: string[], labels?: string[]}} Filter */
/**
 * @typedef {{id: string, url: string, description: string, events: string[], headers: Record<string, {set: boolean}>, filter: Filter,
 *   ordered: boolean, rate_limit_per_second: number|null, status: "enabled"|"disabled", disabled_reason: string|null,
 *   failing_since: string|null, warned_at: string|null, version: number, created_at: string, updated_at: string}} Webhook
 */
/** @typedef {Webhook & {secret: string, previous_secret_until: string|null}} WebhookWithSecret */
/**
 * @typedef {{success_rate: number|null, attempts: number, latency_ms: {p50: number|null, p95: number|null}, delivered: number,
 *   failed: number, backlog: number, oldest_due_at: string|null, failing_since: string|null}} Stats
 */
/** @typedef {{dns: number|null, connect: number|null, tls: number|null, first_byte: number|null, total: number}} Timings */
/** @typedef {{class: string, detail: string}} AttemptError */
/**
 * @typedef {{number: number, trigger: string, started_at: string, timings_ms: Timings, address: string|null, http_status: number|null,
 *   error: AttemptError|null, next_due_at: string|null}} AttemptSummary
 */
/** @typedef {AttemptSummary & {response_headers: Record<string, string>, response_body: string|null}} Attempt */
/** @typedef {Attempt & {delivery_id: string, event_id: string, event: string, delivered: boolean}} TestResult */
/**
 * @template A
 * @typedef {{id: string, webhook_id: string, event_id: string, event: string, status: DeliveryStatus, attempt_count: number,
 *   next_due_at: string|null, created_at: string, attempts: A[]}} Delivery
 */
/** @typedef {Delivery<Attempt> & {payload: unknown}} WholeDelivery */
/**
 * @typedef {{id: string, webhook_id: string, only: ReplayOnly, from: string|null, to: string|null, status: "running"|"done",
 *   progress: number, queued: number, created_at: string, finished_at: string|null}} Replay
 */
/** @typedef {{event: string, description: string, version: number, schema: unknown, example: unknown}} EventType */
/** @typedef {{id: string, name: string, kind: string}} ChannelBrief */

export {};
