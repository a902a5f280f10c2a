// The list of conversations of a view, with its search.

import { go, writePlace } from "../app/router.js";
import { ago, contactName } from "../state/format.js";
import { agentName, visibleConversations } from "../state/select.js";
import { t } from "../locale/index.js";
import { h, reconcile, say, set, show } from "./dom.js";
import { icon } from "./icons.js";
import { connectionWords, isCalm } from "./rail.js";
import { avatar, emptyState, priorityMark } from "./parts.js";

/** @typedef {import("../state/model.js").State} State */
/** @typedef {import("../net/wire.js").Conversation} Conversation */
/** @typedef {{row: Conversation, view: string, open: boolean, unsent: boolean, assignee: string|null, mine: boolean, minute: number}} Entry */

/** How long the search waits for the next letter. */
const SEARCH_PAUSE_MS = 250;

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 */
export function makeList(scope, desk) {
  const title = h("h2", { class: "list-title" });
  const search = h("input", { type: "search", class: "search-input", "aria-label": t("list_search"), placeholder: t("list_search"), enterkeyhint: "search" });
  const rows = h("ul", { class: "rows" });
  const state_box = h("div", { class: "list-state", role: "status" });
  const more = h("button", { type: "button", class: "button wide quiet", text: t("list_more") });
  const retry = h("button", { type: "button", class: "button", text: t("unsent_retry") });
  const banner = h("p", { class: "list-banner", role: "status" });
  const scroller = h("div", { class: "list-scroll" }, [rows, state_box, h("div", { class: "list-more" }, [retry, more])]);
  const element = h("section", { class: "list", "aria-label": t("list_label") }, [
    h("header", { class: "list-head" }, [title, h("div", { class: "search" }, [icon("search"), search])]),
    banner,
    scroller,
  ]);

  let cancel_search = () => {};
  scope.listen(search, "input", () => {
    cancel_search();
    cancel_search = scope.after(SEARCH_PAUSE_MS, () => desk.loader.openView(desk.store.get().list.view, search.value.trim()));
  });
  scope.listen(search, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      rows.querySelector("a")?.focus();
    }
  });
  scope.listen(more, "click", () => void desk.loader.loadMore());
  scope.listen(retry, "click", () => void desk.loader.loadList());
  scope.listen(rows, "click", (/** @type {MouseEvent} */ event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const id = link?.dataset["id"];
    if (!id || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go({ view: desk.store.get().list.view, id });
  });
  // "3m" becomes "4m" although nothing happened.
  scope.every(30_000, () => render(desk.store.get()));

  /** @param {State} state */
  function render(state) {
    const { list } = state;
    say(title, t(`view_${list.view}`));
    if (document.activeElement !== search && search.value.trim() !== list.query) search.value = list.query;
    const conversations = list.status === "loading" && list.query !== "" ? [] : visibleConversations(state);
    reconcile(rows, conversations.map((row) => entryOf(state, row)), { key: (entry) => entry.row.id, make: makeRow, update: updateRow, same: sameEntry });
    show(rows, conversations.length > 0);
    set(scroller, "aria-busy", list.status === "loading" ? "true" : null);
    renderState(state_box, state, conversations.length);
    show(retry, list.status === "failed");
    show(more, list.status === "ready" && list.next_cursor !== null);
    set(more, "disabled", list.loading_more);
    say(more, t(list.loading_more ? "list_loading_more" : "list_more"));
    const calm = isCalm(state.connection);
    show(banner, !calm);
    say(banner, calm ? "" : connectionWords(state.connection, Date.now()));
  }

  return {
    element,
    render,
    focusSearch() {
      search.focus();
      search.select();
    },
    /** @param {string} id */
    focusRow(id) {
      const link = rows.querySelector(`a[data-id="${CSS.escape(id)}"]`);
      if (link instanceof HTMLElement) link.focus();
    },
    /** The row that has the focus. @returns {string|null} */
    focusedRow() {
      return document.activeElement?.closest(".rows a")?.getAttribute("data-id") ?? null;
    },
    /** @returns {boolean} true if there was something to clear */
    clearSearch() {
      if (search.value === "") return false;
      search.value = "";
      cancel_search();
      desk.loader.openView(desk.store.get().list.view, "");
      return true;
    },
  };
}

/**
 * @param {HTMLElement} box
 * @param {State} state
 * @param {number} shown
 */
function renderState(box, { list }, shown) {
  const what = list.status === "failed" ? `failed ${list.error}` : shown > 0 ? "" : list.status === "ready" ? `empty ${list.view} ${list.next_cursor === null} ${list.query}` : "loading";
  if (box.dataset["what"] === what) return;
  box.dataset["what"] = what;
  if (what === "") box.replaceChildren();
  else if (list.status === "failed") box.replaceChildren(emptyState("alert", t("list_failed"), list.error ?? ""));
  else if (what === "loading") box.replaceChildren(h("p", { class: "quiet-line", text: t("list_loading") }));
  else if (list.query !== "" && list.next_cursor !== null) box.replaceChildren(h("p", { class: "quiet-line", text: t("list_empty_search_so_far") }));
  else if (list.query !== "") box.replaceChildren(emptyState("search", t("list_empty_search_title"), t("list_empty_search_hint", { query: list.query })));
  else if (list.view === "open") box.replaceChildren(emptyState("open", t("list_empty_title"), t("list_empty_hint")));
  else box.replaceChildren(emptyState(list.view, t(`list_empty_${list.view}_title`), t(`list_empty_${list.view}_hint`)));
}

/**
 * @param {State} state
 * @param {Conversation} row
 * @returns {Entry}
 */
function entryOf(state, row) {
  return {
    row,
    view: state.list.view,
    open: state.open_id === row.id,
    unsent: state.unsent.some((item) => item.conversation_id === row.id),
    assignee: agentName(state, row.assignee_id),
    mine: row.last_message?.author.type === "agent" && row.last_message.author.id === state.me.id,
    minute: Math.floor(Date.now() / 30_000),
  };
}

/**
 * @param {Entry} one
 * @param {Entry} other
 */
function sameEntry(one, other) {
  return /** @type {(keyof Entry)[]} */ (Object.keys(one)).every((field) => one[field] === other[field]);
}

function makeRow() {
  return h("li", {}, [h("a", { class: "row" })]);
}

/**
 * @param {HTMLElement} element
 * @param {Entry} entry
 */
function updateRow(element, { row, view, open, unsent, assignee, mine }) {
  const link = /** @type {HTMLAnchorElement} */ (element.firstElementChild);
  const name = contactName(row.contact);
  set(link, "href", writePlace({ view: /** @type {import("../state/model.js").ViewName} */ (view), id: row.id }));
  set(link, "data-id", row.id);
  set(link, "aria-current", open ? "true" : null);
  set(link, "data-unread", row.unread_count > 0 ? "yes" : null);
  const badge = h("span", { class: "badge", "aria-label": t("list_unread", { count: row.unread_count }), role: "img", text: row.unread_count > 99 ? "99+" : row.unread_count });
  const at = row.last_message?.created_at ?? row.updated_at;
  link.replaceChildren(
    avatar(name, row.contact.id),
    h("span", { class: "row-text" }, [
      h("span", { class: "row-top" }, [h("span", { class: "row-name", text: name }), h("time", { datetime: at, text: ago(at, Date.now()) })]),
      h("span", { class: "row-middle" }, [h("span", { class: "row-preview", dir: "auto", text: previewOf(row, mine) }), row.unread_count > 0 ? badge : null]),
      h("span", { class: "row-marks" }, [
        unsent ? h("span", { class: "mark danger", text: t("list_unsent") }) : null,
        view === "mine" ? null : h("span", { class: "mark plain", text: assignee ?? t("list_unassigned") }),
        row.status === "open" || view === "resolved" ? null : h("span", { class: "mark", text: t(`status_${row.status}`) }),
        priorityMark(row.priority),
        ...row.labels.slice(0, 2).map((label) => h("span", { class: "mark label", text: label })),
      ]),
    ]),
  );
}

/**
 * @param {Conversation} row
 * @param {boolean} mine
 */
function previewOf(row, mine) {
  const last = row.last_message;
  if (!last) return row.ticket?.subject ?? t("list_no_message");
  const text = last.deleted_at ? t("timeline_deleted") : last.content_text.replace(/\s+/g, " ") || t("list_file");
  return mine ? t("list_you", { text }) : text;
}

