// The deliveries of one webhook, by status and event, page by page.
//
// Guarantees: a newer question ends the older one; a page that holds nothing and goes on is followed, up to a bound; a refresh keeps the pages
// below the first.

import { writeSettings } from "../../app/router.js";
import { ago, fullTime } from "../../state/format.js";
import { attemptWords, dueWords, extended, refreshed, STATUSES, statusWords } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { h, reconcile, say, set, show } from "../dom.js";
import { emptyState, fillSelect } from "../parts.js";
import { attempt, onPress, standingMark, troubleLine } from "./parts.js";

/** @typedef {import("../../net/webhook-wire.js").Delivery<import("../../net/webhook-wire.js").AttemptSummary>} Row */
/** @typedef {{row: Row, enabled: boolean, tick: number}} Entry */

const PAGE_ROWS = 25;
/** How many empty pages one question follows. */
const EMPTY_PAGES_MAX = 10;

/**
 * @param {import("./index.js").Context} context
 * @param {string} id
 * @param {import("../../net/webhook-wire.js").EventType[]} types
 */
export function makeDeliveries(context, id, types) {
  const { scope, api, kept } = context;
  let filter = kept.filters.get(id) ?? { status: "", event: "" };
  /** @type {import("../../state/webhooks.js").Listed<Row>} */
  let list = { rows: [], pages: 0, next_cursor: null };
  let enabled = true;
  // Stopped as long as nothing is asked.
  let request = scope.child();
  request.stop();

  const { element, status, event, rows, state, trouble, more } = makeParts(types, filter);

  /** @param {AbortSignal} signal @param {string|null} cursor */
  const read = async (signal, cursor) => {
    let page = await api.deliveries(id, { ...filter, cursor, limit: PAGE_ROWS }, signal);
    for (let followed = 0; page.data.length === 0 && page.next_cursor !== null && followed < EMPTY_PAGES_MAX; followed += 1) {
      page = await api.deliveries(id, { ...filter, cursor: page.next_cursor, limit: PAGE_ROWS }, signal);
    }
    return page;
  };
  /**
   * @param {string|null} cursor
   * @param {(before: typeof list, page: import("../../net/wire.js").Page<Row>) => typeof list} join
   * @param {(words: string, error: unknown) => void} [complain]
   */
  const ask = async (cursor, join, complain = (words) => say(trouble, words)) => {
    request.stop();
    const own = (request = scope.child());
    try {
      await attempt({ ...context, scope: own }, async () => {
        const page = await read(own.signal, cursor);
        if (own.stopped) return;
        list = join(list, page);
        say(trouble, "");
        render();
      }, complain);
    } finally {
      own.stop();
    }
  };
  function render() {
    reconcile(rows, list.rows.map((row) => ({ row, enabled, tick: tickOf(row) })), { key: ({ row }) => row.id, make: () => h("li", {}, [h("a", { class: "delivery-row" })]), update: updateRow, same: sameEntry });
    show(rows, list.rows.length > 0);
    show(more, list.next_cursor !== null);
    renderState(state, list, filter);
  }

  scope.listen(element, "change", () => {
    filter = { status: status.value, event: event.value };
    kept.filters.set(id, filter);
    list = { rows: [], pages: 0, next_cursor: null };
    void ask(null, refreshed);
  });
  onPress(scope, more, () => ask(list.next_cursor, extended));

  return {
    element,
    /** A webhook at rest makes no attempts. @param {boolean} now */
    setEnabled(now) {
      if (enabled === now) return;
      enabled = now;
      if (list.pages > 0) render();
    },
    /** Reads the first page again, and fails where that fails. What is being read now is not interrupted. */
    refresh: async () => {
      const fail = (/** @type {string} */ _words, /** @type {unknown} */ error) => {
        throw error;
      };
      if (request.stopped) await ask(null, refreshed, fail);
    },
  };
}

/**
 * The elements, as they stand until the first page is there.
 * @param {import("../../net/webhook-wire.js").EventType[]} types
 * @param {{status: string, event: string}} filter
 */
function makeParts(types, filter) {
  const status = h("select", { id: "deliveries-status", "aria-label": t("deliveries_status") });
  const event = h("select", { id: "deliveries-event", "aria-label": t("deliveries_event") });
  const rows = h("ul", { class: "delivery-rows" });
  const state = h("div", { class: "delivery-state", role: "status" });
  const trouble = troubleLine();
  const more = h("button", { type: "button", class: "button wide quiet", text: t("list_more") });
  const element = h("section", { class: "deliveries", "aria-labelledby": "deliveries-title" }, [
    h("header", { class: "deliveries-head" }, [
      h("h3", { id: "deliveries-title", text: t("deliveries_title") }),
      h("div", { class: "deliveries-filter", role: "group", "aria-label": t("deliveries_filter") }, [h("span", { class: "select" }, [status]), h("span", { class: "select" }, [event])]),
    ]),
    trouble,
    rows,
    state,
    more,
  ]);
  fillSelect(status, [{ value: "", label: t("deliveries_status_any") }, ...STATUSES.map((value) => ({ value, label: statusWords(value) }))], filter.status);
  fillSelect(event, [{ value: "", label: t("deliveries_event_any") }, ...types.map((type) => ({ value: type.event, label: type.event }))], filter.event);
  show(rows, false);
  show(more, false);
  state.append(h("p", { class: "quiet-line", text: t("settings_loading") }));
  return { element, status, event, rows, state, trouble, more };
}

/**
 * @param {HTMLElement} place
 * @param {import("../../state/webhooks.js").Listed<Row>} list
 * @param {{status: string, event: string}} filter
 */
function renderState(place, list, filter) {
  const filtered = filter.status !== "" || filter.event !== "";
  const what = list.rows.length > 0 ? "rows" : list.next_cursor !== null ? "more" : filtered ? "none" : "empty";
  if (place.dataset["what"] === what) return;
  place.dataset["what"] = what;
  if (what === "rows") place.replaceChildren();
  else if (what === "more") place.replaceChildren(h("p", { class: "quiet-line", text: t("deliveries_so_far") }));
  else if (what === "none") place.replaceChildren(emptyState("search", t("deliveries_none_title"), t("deliveries_none_hint")));
  else place.replaceChildren(emptyState("webhook", t("deliveries_empty_title"), t("deliveries_empty_hint")));
}

/** "In 9 seconds" becomes "in 8 seconds" although nothing happened; "3m" becomes "4m". @param {Row} row */
function tickOf({ status }) {
  return Math.floor(Date.now() / (status === "pending" ? 1000 : 30_000));
}

/** @param {Entry} one @param {Entry} other */
function sameEntry(one, other) {
  return one.enabled === other.enabled && one.tick === other.tick && JSON.stringify(one.row) === JSON.stringify(other.row);
}

/** @param {HTMLElement} element @param {Entry} entry */
function updateRow(element, { row, enabled }) {
  const link = /** @type {HTMLAnchorElement} */ (element.firstElementChild);
  const now_ms = Date.now();
  const last = row.attempts.at(-1);
  set(link, "href", writeSettings("delivery", row.webhook_id, row.id));
  set(link, "data-id", row.id);
  set(link, "data-status", row.status);
  const due = row.status === "pending" && row.next_due_at !== null ? dueOf(row.next_due_at, enabled, now_ms) : null;
  const tries = row.attempt_count === 0 ? t("delivery_attempts_none") : t("delivery_attempts", { count: row.attempt_count });
  link.replaceChildren(
    standingMark(row.status, statusWords(row.status)),
    h("span", { class: "delivery-event", dir: "ltr", text: row.event }),
    h("time", { datetime: row.created_at, title: fullTime(row.created_at), text: ago(row.created_at, now_ms) }),
    h("span", { class: "delivery-last", text: [tries, ...(last ? [attemptWords(last)] : []), ...(due === null ? [] : [due])].join(" · ") }),
  );
}

/** @param {string} due_at @param {boolean} enabled @param {number} now_ms */
function dueOf(due_at, enabled, now_ms) {
  return enabled ? t("delivery_due", { due: dueWords(due_at, now_ms) }) : t("delivery_rests_long");
}
