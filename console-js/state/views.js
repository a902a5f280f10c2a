// The views of the inbox: what each asks the server, and which conversations it shows.
//
// Guarantees: pure; `passes` is the server's own filter and `comesBefore` its own order, so a row that changed by an event stands where a
// fresh load would put it. Views are texts, so that they fit into an address: `mine`, `channel:<id>`, `label:<label>`, `saved:<id>`.
// It offers what the API offers: there is no filter here that is worked out over a part of the conversations.

/** @typedef {import("../net/wire.js").Conversation} Conversation */
/** @typedef {"open"|"pending"|"snoozed"|"resolved"|"any"} Standing */
/** @typedef {"-updated_at"|"updated_at"|"-created_at"|"created_at"|"-priority"|"priority"} Sort */
/** @typedef {"mine"|"unassigned"|"open"|"pending"|"snoozed"|"resolved"|"trash"|`channel:${string}`|`label:${string}`|`saved:${string}`} ViewName */
/**
 * What a list shows: a view, searched or not, of conversations that stand somewhere, in an order.
 * @typedef {{view: ViewName, query: string, standing: Standing, sort: Sort, saved: Filter|null}} Question
 * `saved` is what a saved view filters by.
 */
/** @typedef {{status?: string, assignee_id?: string, channel_id?: string, label?: string, priority?: string, team_id?: string, trashed?: boolean}} Filter `assignee_id` may be "me" or "none"; without `trashed` none of the trash */

/** The views that stand in the rail by themselves, in its order. */
export const FIXED_VIEWS = /** @type {const} */ (["mine", "unassigned", "open", "pending", "snoozed", "resolved", "trash"]);
export const STANDINGS = /** @type {const} */ (["open", "pending", "snoozed", "resolved", "any"]);
export const SORTS = /** @type {const} */ (["-updated_at", "updated_at", "-created_at", "created_at", "-priority", "priority"]);
/** A search goes through the conversations by their last change, and by nothing else. */
export const SEARCH_SORTS = /** @type {const} */ (["-updated_at", "updated_at"]);

const RANK = { none: 0, low: 1, normal: 2, high: 3, urgent: 4 };

/**
 * @param {string|null} text as it stands in an address
 * @returns {ViewName|null}
 */
export function readView(text) {
  const fixed = FIXED_VIEWS.find((known) => known === text);
  if (fixed) return fixed;
  const [, kind, name] = /^(channel|label|saved):(.+)$/s.exec(text ?? "") ?? [];
  if (kind === "channel") return `channel:${name}`;
  if (kind === "saved") return `saved:${name}`;
  return kind === "label" ? `label:${name}` : null;
}

/** @param {ViewName} view @returns {{kind: "fixed"|"channel"|"label"|"saved", name: string}} */
export function partsOf(view) {
  if (view.startsWith("channel:")) return { kind: "channel", name: view.slice("channel:".length) };
  if (view.startsWith("label:")) return { kind: "label", name: view.slice("label:".length) };
  if (view.startsWith("saved:")) return { kind: "saved", name: view.slice("saved:".length) };
  return { kind: "fixed", name: view };
}

/** Where the conversations of a view stand unless one asks otherwise. @param {ViewName} view @returns {Standing} */
export function usualStanding(view) {
  if (view === "trash") return "any";
  return view === "pending" || view === "snoozed" || view === "resolved" ? view : "open";
}

/** Whether one may ask otherwise: where a view is named after a standing, that is what it shows. @param {ViewName} view */
export function hasStandings(view) {
  return !(view === "pending" || view === "snoozed" || view === "resolved" || view === "trash");
}

/**
 * A view as it is first opened.
 * @param {ViewName} view
 * @param {string} [query]
 * @param {Sort} [sort]
 * @returns {Question}
 */
export function questionOf(view, query = "", sort = "-updated_at") {
  return { view, query, standing: usualStanding(view), sort, saved: null };
}

/**
 * A saved view as it is first opened.
 * @param {import("../net/prepared-wire.js").SavedView} view
 * @param {string} [query]
 * @returns {Question}
 */
export function savedQuestion({ id, filter, sort }, query = "") {
  const { status, ...saved } = filter;
  return { view: `saved:${id}`, query, standing: status ?? "any", sort, saved };
}

/** @param {Question} one @param {Question} other */
export function sameQuestion(one, other) {
  return one.view === other.view && one.query === other.query && one.standing === other.standing && one.sort === other.sort && JSON.stringify(one.saved) === JSON.stringify(other.saved);
}

/** The order that really holds. @param {Question} question @returns {Sort} */
export function sortOf({ query, sort }) {
  return query === "" || SEARCH_SORTS.some((known) => known === sort) ? sort : "-updated_at";
}

/** @param {Pick<Question, "view"|"standing"|"saved">} question @returns {Filter} what the server is asked for */
export function filterOf({ view, standing, saved }) {
  const { kind, name } = partsOf(view);
  const status = standing === "any" ? {} : { status: standing };
  if (kind === "saved") return { ...status, ...saved };
  if (kind === "channel") return { ...status, channel_id: name };
  if (kind === "label") return { ...status, label: name };
  if (view === "trash") return { trashed: true };
  if (view === "mine") return { ...status, assignee_id: "me" };
  return view === "unassigned" ? { ...status, assignee_id: "none" } : status;
}

/**
 * @param {Filter} filter
 * @param {Pick<Conversation, "status"|"assignee_id"|"channel_id"|"labels"|"priority"> & {team_id?: string|null, trashed_at?: string|null}} row
 * @param {string} me
 */
export function passes(filter, row, me) {
  if ((filter.trashed === true) !== isTrashed(row)) return false;
  if (filter.status !== undefined && row.status !== filter.status) return false;
  if (filter.channel_id !== undefined && row.channel_id !== filter.channel_id) return false;
  if (filter.label !== undefined && !row.labels.includes(filter.label)) return false;
  if (filter.team_id !== undefined && row.team_id !== filter.team_id) return false;
  if (filter.priority !== undefined && row.priority !== filter.priority) return false;
  if (filter.assignee_id === undefined) return true;
  return row.assignee_id === (filter.assignee_id === "me" ? me : filter.assignee_id === "none" ? null : filter.assignee_id);
}

/** Whether it is in the trash. @param {{trashed_at?: string|null}} row */
export function isTrashed({ trashed_at }) {
  return (trashed_at ?? null) !== null;
}

/**
 * What a row is ordered by, and nothing else of it.
 * @typedef {Pick<Conversation, "id"|"updated_at"|"created_at"|"priority">} Place
 */

/** @param {Place} row @returns {Place} */
export function placeOf({ id, updated_at, created_at, priority }) {
  return { id, updated_at, created_at, priority };
}

/**
 * Below zero if `one` stands above `other`; zero only for one and the same row.
 * @param {Sort} sort
 * @param {Place} one
 * @param {Place} other
 */
export function compare(sort, one, other) {
  const down = sort.startsWith("-");
  const key = sort === "updated_at" || sort === "-updated_at" ? "updated_at" : "created_at";
  const urgency = sort === "-priority" || sort === "priority" ? RANK[one.priority] - RANK[other.priority] : 0;
  const rising = urgency || compareText(one[key], other[key]) || compareText(one.id, other.id);
  return down ? -rising : rising;
}

/** Times of one form, and ids: the greater text is the later. @param {string} one @param {string} other */
function compareText(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}
