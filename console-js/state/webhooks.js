// What the pages of webhooks reckon: what a choice of events means, what a form changes, and figures and times in words.
//
// Guarantees: pure; the clock is handed in; texts come from the table of sentences. A kind, class or status that a later server adds is
// shown by its own name. Start reading at `bodyOf` and `changesOf`, then `attemptWords`.

import { language, t } from "../locale/index.js";
import { fullTime } from "./format.js";
import { asSentence } from "./problems.js";

/** @typedef {import("../net/webhook-wire.js").Webhook} Webhook */
/** @typedef {import("../net/webhook-wire.js").EventType} EventType */
/** @typedef {import("../net/webhook-wire.js").AttemptSummary} AttemptSummary */
/** @typedef {import("../net/webhook-wire.js").Replay} Replay */
/**
 * What stands in the form. `value` is null for a header whose value stays as it is.
 * @typedef {{url: string, description: string, events: string[], headers: {name: string, value: string|null}[], ordered: boolean,
 *   rate: string, channel_ids: string[], team_ids: string[], labels: string[]}} HookForm
 */

export const STATUSES = /** @type {const} */ (["pending", "delivered", "failed", "skipped"]);
/** The event that the server sends when no other is asked for. Nobody subscribes to it. */
export const TEST_EVENT = "webhook.test";

/** Whether a member of this role sees webhooks (`webhooks:read`); whoever does may change them, too. @param {string} role */
export function mayReadWebhooks(role) {
  return role === "owner" || role === "admin";
}

// Events

/** @param {string} pattern @param {string} event */
export function covers(pattern, event) {
  return pattern === "*" || pattern === event || (pattern.endsWith(".*") && event.startsWith(pattern.slice(0, -1)));
}

/** The patterns without those that another one of them covers. @param {string[]} patterns @returns {string[]} */
export function tidyPatterns(patterns) {
  const each = [...new Set(patterns)];
  return each.filter((pattern) => !each.some((other) => other !== pattern && covers(other, pattern)));
}

/**
 * The events that can be chosen, by what they are about, in the catalogue's order.
 * @param {EventType[]} types
 * @returns {{resource: string, types: EventType[]}[]}
 */
export function groupsOf(types) {
  /** @type {Map<string, EventType[]>} */
  const groups = new Map();
  for (const type of types) {
    if (type.event === TEST_EVENT) continue;
    const resource = type.event.split(".")[0] ?? "";
    groups.set(resource, [...(groups.get(resource) ?? []), type]);
  }
  return [...groups].map(([resource, own]) => ({ resource, types: own }));
}

/** How many patterns a row names. */
const NAMED_MAX = 3;

/** @param {string[]} events */
export function eventsWords(events) {
  if (events.includes("*")) return t("hook_events_all");
  const named = events.slice(0, NAMED_MAX).join(", ");
  return events.length <= NAMED_MAX ? named : t("hook_events_more", { named, count: events.length - NAMED_MAX });
}

// Webhooks

/** What its owner calls it, else where it leads. @param {{url: string, description: string}} hook */
export function hookName({ url, description }) {
  const line = description.split("\n")[0]?.trim() ?? "";
  return line !== "" ? line : url.replace(/^https?:\/\//, "");
}

/** @param {Webhook} hook @returns {"enabled"|"failing"|"disabled"} */
export function standingOf({ status, failing_since }) {
  if (status === "disabled") return "disabled";
  return failing_since === null ? "enabled" : "failing";
}

/** @param {string} text values divided by commas @returns {string[]} */
export function listed(text) {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

/** @param {HookForm} form what the server is asked to make */
export function bodyOf(form) {
  return {
    url: form.url.trim(),
    events: form.events,
    description: form.description,
    headers: Object.fromEntries(form.headers.map(({ name, value }) => [name, value ?? ""])),
    filter: filterOf(form),
    ordered: form.ordered,
    ...(form.rate === "" ? {} : { rate_limit_per_second: Number(form.rate) }),
  };
}

/**
 * What of a webhook the form changes; nothing for what stays.
 * @param {Webhook} before
 * @param {HookForm} form
 * @returns {Record<string, unknown>}
 */
export function changesOf(before, form) {
  /** @type {Record<string, unknown>} */
  const changes = {};
  const rate = form.rate === "" ? null : Number(form.rate);
  const filter = filterOf(form);
  const headers = headerChanges(Object.keys(before.headers), form.headers);
  if (form.url.trim() !== before.url) changes["url"] = form.url.trim();
  if (form.description !== before.description) changes["description"] = form.description;
  if (!sameSet(form.events, before.events)) changes["events"] = form.events;
  if (form.ordered !== before.ordered) changes["ordered"] = form.ordered;
  if (rate !== before.rate_limit_per_second) changes["rate_limit_per_second"] = rate;
  if (FILTERS.some((name) => !sameSet(filter[name] ?? [], before.filter[name] ?? []))) changes["filter"] = filter;
  if (Object.keys(headers).length > 0) changes["headers"] = headers;
  return changes;
}

const FILTERS = /** @type {const} */ (["channel_ids", "team_ids", "labels"]);

/** @param {HookForm} form @returns {import("../net/webhook-wire.js").Filter} */
function filterOf(form) {
  return Object.fromEntries(FILTERS.filter((name) => form[name].length > 0).map((name) => [name, form[name]]));
}

/**
 * @param {string[]} before
 * @param {HookForm["headers"]} after
 * @returns {Record<string, string|null>} a null removes the name
 */
function headerChanges(before, after) {
  const stays = new Set(after.map(({ name }) => name.toLowerCase()));
  return Object.fromEntries([
    ...before.filter((name) => !stays.has(name.toLowerCase())).map((name) => [name, null]),
    ...after.filter(({ value }) => value !== null).map(({ name, value }) => [name, value]),
  ]);
}

/** @param {string[]} one @param {string[]} other */
function sameSet(one, other) {
  return one.length === other.length && one.every((value) => other.includes(value));
}

/**
 * The server's complaints, each for the field that it is about; what no field takes is left in `rest`.
 * @param {import("../net/api.js").Problem} problem
 * @param {string[]} fields as in "/events"; a complaint of "/events/3" is theirs too, and the longest that fits takes it
 * @returns {{byField: Record<string, string>, rest: string[]}}
 */
export function complaintsOf(problem, fields) {
  /** @type {Record<string, string>} */
  const byField = {};
  /** @type {string[]} */
  const rest = [];
  for (const { pointer = "", detail = "" } of problem.errors) {
    const fit = fields.filter((field) => pointer === field || pointer.startsWith(`${field}/`)).sort((one, other) => other.length - one.length)[0];
    if (fit === undefined) rest.push(asSentence(`${pointer.split("/").at(-1) ?? ""} ${detail}`.trim()));
    else byField[fit] = [byField[fit], asSentence(detail)].filter(Boolean).join(" ");
  }
  return { byField, rest };
}

/** The pointer of one name in an object (RFC 6901). @param {string} field @param {string} name */
export function pointerTo(field, name) {
  return `${field}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

// Deliveries and attempts

const CLASSES = /** @type {const} */ (["dns", "address_refused", "connect", "proxy", "tls", "timeout", "protocol", "reset", "http_status"]);
const TRIGGERS = /** @type {const} */ (["auto", "manual", "replay", "test"]);
const PARTS = /** @type {const} */ (["dns", "connect", "tls", "first_byte"]);

/** What came of an attempt, as short as a row wants it. @param {AttemptSummary} attempt */
export function attemptWords({ http_status, error, timings_ms }) {
  const took = millis(timings_ms.total);
  if (http_status !== null) return t("attempt_answered", { status: http_status, took });
  return error === null ? took : t("attempt_failed_after", { what: errorTitle(error.class), took });
}

/** @param {string} kind */
export function errorTitle(kind) {
  const known = CLASSES.find((name) => name === kind);
  return known ? t(`attempt_error_${known}`) : kind;
}

/** @param {string} trigger */
export function triggerWords(trigger) {
  const known = TRIGGERS.find((name) => name === trigger);
  return known ? t(`attempt_trigger_${known}`) : trigger;
}

/** @param {string} status */
export function statusWords(status) {
  const known = STATUSES.find((name) => name === status);
  return known ? t(`delivery_${known}`) : status;
}

/**
 * How an attempt's time divides, in order; parts that did not take place are left out. What is left of the whole is the body, or, where no
 * answer came, the wait for it.
 * @param {import("../net/webhook-wire.js").Timings} timings
 * @returns {{part: typeof PARTS[number]|"rest", ms: number}[]}
 */
export function partsOf(timings) {
  /** @type {{part: typeof PARTS[number]|"rest", ms: number}[]} */
  const parts = [];
  let left_ms = timings.total;
  for (const part of PARTS) {
    const ms = timings[part];
    if (ms === null || ms === undefined) continue;
    parts.push({ part, ms });
    left_ms -= ms;
  }
  if (left_ms > 0) parts.push({ part: "rest", ms: left_ms });
  return parts;
}

/**
 * @template {{id: string}} R
 * @typedef {{rows: R[], pages: number, next_cursor: string|null}} Listed the first pages of a list
 */

/**
 * The list after its first page was read again. Where more pages stand below it they stay, and the cursor with them.
 * @template {{id: string}} R
 * @param {Listed<R>} before
 * @param {import("../net/wire.js").Page<R>} page
 * @returns {Listed<R>}
 */
export function refreshed(before, page) {
  if (before.pages <= 1) return { rows: page.data, pages: 1, next_cursor: page.next_cursor };
  const fresh = new Map(page.data.map((row) => [row.id, row]));
  const known = new Set(before.rows.map((row) => row.id));
  return { ...before, rows: [...page.data.filter((row) => !known.has(row.id)), ...before.rows.map((row) => fresh.get(row.id) ?? row)] };
}

/**
 * The list with another page below it.
 * @template {{id: string}} R
 * @param {Listed<R>} before
 * @param {import("../net/wire.js").Page<R>} page
 * @returns {Listed<R>}
 */
export function extended(before, page) {
  const known = new Set(before.rows.map((row) => row.id));
  return { rows: [...before.rows, ...page.data.filter((row) => !known.has(row.id))], pages: before.pages + 1, next_cursor: page.next_cursor };
}

// Replays

/**
 * Which replays are in sight, and which are folded away.
 * @param {Replay[]} replays
 * @param {Set<string>} watched those that were seen running stay in sight
 */
export function replaysOf(replays, watched) {
  const in_sight = (/** @type {Replay} */ { id, status }) => status === "running" || watched.has(id);
  return { current: replays.filter(in_sight), past: replays.filter((replay) => !in_sight(replay)) };
}

/** What a replay sends again, and how far it is. @param {Replay} replay */
export function replayWords({ only, from, to, status, progress, queued }) {
  const which = REPLAYED.find((name) => name === only);
  const range = [from === null ? null : t("replay_range_from", { at: fullTime(from) }), to === null ? null : t("replay_range_to", { at: fullTime(to) })];
  const what = [which ? t(`replay_what_${which}`) : only, ...range.filter((part) => part !== null)].join(" ");
  if (status === "running") return { what, said: t("replay_running", { done: percent(progress), count: queued }) };
  return { what, said: queued === 0 ? t("replay_done_none") : t("replay_done", { count: queued }) };
}

const REPLAYED = /** @type {const} */ (["failed", "missing", "all"]);

// Figures

const percent_format = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
const count_format = new Intl.NumberFormat(language);
const secs_format = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** @param {number|null} rate 0 to 1 */
export function percent(rate) {
  // 0.9996 of a thousand is not all of them.
  return rate === null ? t("hook_stat_none") : percent_format.format(Math.floor(rate * 1000) / 1000);
}

/** @param {number} value */
export function number(value) {
  return count_format.format(value);
}

/** @param {number|null} ms */
export function millis(ms) {
  if (ms === null) return t("hook_stat_none");
  return ms < SECOND_MS ? t("time_ms", { count: count_format.format(ms) }) : t("time_secs", { count: secs_format.format(ms / SECOND_MS) });
}

/**
 * When something is due.
 * @param {string} at
 * @param {number} now_ms
 */
export function dueWords(at, now_ms) {
  const ahead_ms = Date.parse(at) - now_ms;
  if (ahead_ms < SECOND_MS) return t("due_now");
  if (ahead_ms < MINUTE_MS) return t("due_secs", { count: Math.ceil(ahead_ms / SECOND_MS) });
  if (ahead_ms < HOUR_MS) return t("due_minutes", { count: Math.round(ahead_ms / MINUTE_MS) });
  return t("due_hours", { count: Math.round(ahead_ms / HOUR_MS) });
}

/** The instant of a field for date and time, in the reader's own zone. @param {string} local @returns {string|null} */
export function instantOf(local) {
  const at = new Date(local);
  return local === "" || Number.isNaN(at.getTime()) ? null : at.toISOString();
}
