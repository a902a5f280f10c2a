// The list of conversations of a view, with its search.
//
// Guarantees: nothing moves under the pointer or the focus, or where somebody reads further down: the list is held then, and says how much
// is newer. It moves again when the pointer leaves or the agent goes on by key elsewhere, at its top.

import { go } from "../app/router.js";
import { agentName, stands } from "../state/select.js";
import { belongs, isFull, newerCount, shownIds } from "../state/order.js";
import { coloursOf } from "../state/prepared.js";
import { selectedIds } from "../state/selection.js";
import { rowAt } from "../state/rows.js";
import { viewName } from "../state/choices.js";
import { hasStandings, partsOf, SEARCH_SORTS, SORTS, sortOf, STANDINGS, usualStanding } from "../state/views.js";
import { t } from "../locale/index.js";
import { dialogIsOpen } from "./dialogs.js";
import { h, say, set, show } from "./dom.js";
import { icon } from "./icons.js";
import { makeBulk } from "./bulk.js";
import { makeListRow, sameEntry, updateListRow } from "./listrow.js";
import { connectionWords, isCalm } from "./rail.js";
import { emptyState, fillSelect, iconButton } from "./parts.js";
import { makeWindow } from "./window.js";

/** @typedef {import("../state/model.js").State} State */

/** How long the search waits for the next letter. */
const SEARCH_PAUSE_MS = 250;
/** So many rows before the end of what is loaded the next page is read. */
const AHEAD_ROWS = 60;
/** So near to the top counts as the top. */
const TOP_PX = 4;
/** In a busy workspace the list moves only so often: rows that fly cannot be read. What a row says is always as it is now. */
const MOVE_EVERY_MS = 300;
/** How often "3m" may become "4m". */
const MINUTE_MS = 30_000;

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 * @param {{command: (command: "any_view"|"save_view"|"assign"|"label"|"status"|"macro"|"trash"|"restore"|"select_all"|"find") => void}} on what is wanted by pointer has its command, too
 */
export function makeList(scope, desk, on) {
  const { store, loader } = desk;
  const title = h("span", { class: "list-title-text" });
  const choose = h("button", { type: "button", class: "list-title-button", title: t("view_choose") }, [title, icon("chevron")]);
  const count = h("span", { class: "list-count" });
  const standing = h("select", { "aria-label": t("list_standing") });
  const sort = h("select", { "aria-label": t("list_sort") });
  const standing_box = h("span", { class: "select" }, [standing]);
  const save = iconButton("save", t("view_save"), { class: "list-save" });
  const find = iconButton("search", t("find_title"), { class: "only-phone list-find" });
  const search = h("input", { type: "search", class: "search-input", "aria-label": t("list_search"), placeholder: t("list_search"), enterkeyhint: "search", maxlength: "200" });
  const rows = h("ul", { class: "rows", "aria-label": t("list_rows") });
  const state_box = h("div", { class: "list-state", role: "status" });
  const tail_text = h("p", { class: "quiet-line", role: "status" });
  const again = h("button", { type: "button", class: "button" });
  const banner = h("p", { class: "list-banner", role: "status" });
  const scroller = h("div", { class: "list-scroll" }, [rows, state_box, h("div", { class: "list-tail" }, [tail_text, again])]);
  const newer_text = h("span");
  const newer = h("button", { type: "button", class: "newer", title: t("list_newer_hint"), hidden: true }, [icon("up"), newer_text]);
  const bulk = makeBulk(scope, desk, on.command);
  const element = h("section", { class: "list", "aria-label": t("list_label") }, [
    h("header", { class: "list-head" }, [
      h("div", { class: "list-title-line" }, [h("h2", { class: "list-title" }, [choose]), count, find]),
      h("div", { class: "search" }, [icon("search"), search]),
      h("div", { class: "list-filters" }, [standing_box, h("span", { class: "select" }, [sort]), save]),
    ]),
    banner,
    h("div", { class: "list-body" }, [scroller, newer]),
    bulk.element,
  ]);

  /** What keeps the list where it is, and what is drawn. */
  const look = { pointer: false, spot: 0, spot_of: /** @type {string|null} */ (null), question: "", ids: /** @type {readonly string[]} */ ([]), moved_ms: 0 };
  let cancel_move = () => {};
  const focused = () => document.activeElement?.closest(".rows a")?.getAttribute("data-id") ?? null;
  const pane = makeWindow(scope, scroller, rows, { make: makeListRow, update: updateListRow, same: sameEntry }, () => render(store.get()));

  /** Holds the list, or lets it move. */
  function steady() {
    // A question about a row takes the focus for a moment, and brings it back: until then nothing moves.
    if (dialogIsOpen()) return;
    // A row that was clicked has the focus, too, but whoever clicked goes on elsewhere.
    const by_key = document.activeElement?.matches(".rows a:focus-visible") === true;
    const held = look.pointer || scroller.scrollTop > TOP_PX || by_key;
    store.dispatch({ type: held ? "list_held" : "list_released" });
  }
  /** @param {boolean} pointer */
  const point = (pointer) => {
    if (look.pointer === pointer) return;
    look.pointer = pointer;
    steady();
  };

  let cancel_search = () => {};
  scope.listen(search, "input", () => {
    cancel_search();
    cancel_search = scope.after(SEARCH_PAUSE_MS, () => loader.openView(store.get().list.view, search.value.trim()));
  });
  scope.listen(search, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "ArrowDown" && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    const [first] = shownIds(store.get());
    if (first !== undefined) focusRow(first);
  });
  scope.listen(choose, "click", () => on.command("any_view"));
  scope.listen(save, "click", () => on.command("save_view"));
  scope.listen(find, "click", () => on.command("find"));
  for (const select of [standing, sort]) {
    scope.listen(select, "change", () => {
      const { list } = store.get();
      const asked = { standing: STANDINGS.find((known) => known === standing.value) ?? list.standing, sort: SORTS.find((known) => known === sort.value) ?? list.sort };
      select.blur();
      loader.openList({ ...list, ...asked });
    });
  }
  scope.listen(again, "click", () => void loader.loadOn());
  scope.listen(newer, "click", (/** @type {MouseEvent} */ event) => showNewer(event.detail === 0));
  scope.listen(rows, "click", (/** @type {MouseEvent} */ event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const id = link?.dataset["id"];
    if (!id || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    if (event.shiftKey) return choose_row(id, true);
    go({ view: store.get().list.view, id });
  });
  scope.listen(rows, "click", (/** @type {MouseEvent} */ event) => {
    const check = event.target instanceof HTMLInputElement ? event.target.dataset["id"] : undefined;
    if (check) choose_row(check, event.shiftKey);
  });
  scope.listen(scroller, "scroll", () => {
    steady();
    render(store.get());
  }, { passive: true });
  scope.listen(scroller, "pointermove", (/** @type {PointerEvent} */ event) => point(event.pointerType !== "touch" || look.pointer), { passive: true });
  scope.listen(scroller, "pointerdown", () => point(true), { passive: true });
  scope.listen(scroller, "pointerleave", () => point(false));
  for (const type of ["pointerup", "pointercancel"]) {
    scope.listen(scroller, type, (/** @type {PointerEvent} */ event) => event.pointerType === "touch" && point(false), { passive: true });
  }
  // Who types elsewhere no longer points at anything, wherever the pointer was left.
  scope.listen(document, "keydown", (event) => !(event.target instanceof Node && rows.contains(event.target)) && point(false), { capture: true });
  scope.listen(rows, "focusin", steady);
  scope.listen(rows, "focusout", () => scope.after(0, steady));
  // "3m" becomes "4m" although nothing happened.
  scope.every(MINUTE_MS, () => render(store.get()));

  /** @param {string} id @param {boolean} range */
  function choose_row(id, range) {
    if (store.get().me.role === "viewer") return;
    store.dispatch({ type: range ? "selection_reached" : "selection_toggled", id });
  }

  /** Puts everything where it belongs, and shows the top. @param {boolean} by_key then the focus goes there, too */
  function showNewer(by_key = true) {
    look.pointer = false;
    const active = document.activeElement;
    const had_focus = active instanceof HTMLElement && element.contains(active) && active !== search;
    if (had_focus) active.blur();
    scroller.scrollTop = 0;
    store.dispatch({ type: "list_released" });
    look.moved_ms = 0;
    render(store.get());
    // A row that has just been moved is still scrolled to where it was.
    if (had_focus && by_key) rows.querySelector("a")?.focus({ preventScroll: true });
  }

  /** @param {string} id */
  function focusRow(id) {
    const at = shownIds(store.get()).indexOf(id);
    if (at === -1) return;
    look.moved_ms = 0;
    pane.reveal(at);
    render(store.get(), id);
    const link = rows.querySelector(`a[data-id="${CSS.escape(id)}"]`);
    if (link instanceof HTMLElement) link.focus({ preventScroll: true });
  }

  /**
   * @param {State} state
   * @param {string|null} kept a row that must be in the document
   */
  function render(state, kept = focused()) {
    const { list } = state;
    const question = `${list.view} ${list.query} ${list.standing} ${list.sort}`;
    if (question !== look.question) {
      Object.assign(look, { question, moved_ms: 0 });
      scroller.scrollTop = 0;
    }
    const ids = idsNow(state);
    renderHead(state, ids.length);
    if (document.activeElement !== search && search.value.trim() !== list.query) search.value = list.query;
    follow(ids, kept ?? state.open_id);
    const seen = pane.seen(ids.length);
    const tabbable = kept ?? (state.open_id !== null && ids.includes(state.open_id) ? state.open_id : (ids[seen.from] ?? null));
    const unsent = new Set(state.unsent.filter(stands).map((item) => item.conversation_id));
    const chosen = new Set(selectedIds(state));
    const may_select = state.me.role !== "viewer";
    set(rows, "data-selecting", chosen.size > 0 ? "yes" : null);
    const minute = Math.floor(Date.now() / MINUTE_MS);
    const colours = coloursOf(state.prepared.labels);
    pane.render(ids, list.next_cursor === null && list.status === "ready" ? ids.length : null, kept, (id) => {
      const row = rowAt(state.conversations, id);
      if (!row) return null;
      const author = row.last_message?.author;
      return {
        row, view: list.view, standing: list.standing, open: state.open_id === id, tabbable: id === tabbable, left: !belongs(state, row),
        query: list.query, selected: chosen.has(id), may_select, unsent: unsent.has(id), assignee: agentName(state, row.assignee_id), mine: author?.type === "agent" && author.id === state.me.id, minute, colours,
      };
    });
    show(rows, ids.length > 0);
    set(scroller, "aria-busy", list.status === "loading" ? "true" : null);
    renderState(state_box, state, ids.length);
    renderTail(state, ids.length);
    bulk.render(state);
    const waiting = newerCount(state);
    show(newer, waiting > 0);
    say(newer_text, waiting > 0 ? t("list_newer", { count: waiting }) : "");
    const calm = isCalm(state.connection);
    show(banner, !calm);
    say(banner, calm ? "" : connectionWords(state.connection, Date.now()));
    if (list.status === "ready" && list.next_cursor !== null && list.query === "" && seen.to + AHEAD_ROWS > list.order.length) void loader.loadMore();
  }

  /** The rows in the order in which they are drawn now. @param {State} state */
  function idsNow(state) {
    const ids = shownIds(state);
    const wait_ms = look.moved_ms + MOVE_EVERY_MS - Date.now();
    if (ids !== look.ids && wait_ms > 0 && ids.length > 0 && look.ids.length > 0) {
      cancel_move();
      cancel_move = scope.after(wait_ms, () => render(store.get()));
      return look.ids;
    }
    if (ids !== look.ids) Object.assign(look, { ids, moved_ms: Date.now() });
    return ids;
  }

  /** @param {State} state @param {number} shown */
  function renderHead(state, shown) {
    const { list } = state;
    say(title, list.view === "open" && list.standing !== "open" ? t("view_all") : viewName(state, list.view));
    const whole = list.status === "ready" && list.next_cursor === null;
    const known = list.status === "ready" && (shown > 0 || whole);
    say(count, known ? `${shown.toLocaleString()}${whole ? "" : "+"}` : "");
    set(count, "title", known ? t(whole ? "list_count" : "list_count_some", { count: shown }) : null);
    show(standing_box, hasStandings(list.view));
    fillSelect(standing, STANDINGS.map((value) => ({ value, label: t(`list_standing_${value}`) })), list.standing);
    const sorts = list.query === "" ? SORTS : SEARCH_SORTS;
    fillSelect(sort, sorts.map((value) => ({ value, label: t(`list_sort_${value}`) })), sortOf(list));
  }

  /** Remembers where a conversation stands, for when it does so no more. @param {readonly string[]} ids @param {string|null} id */
  function follow(ids, id) {
    if (id === null) return;
    const at = ids[look.spot] === id ? look.spot : ids.indexOf(id);
    if (at !== -1) Object.assign(look, { spot: at, spot_of: id });
  }

  /** @param {State} state @param {number} shown */
  function renderTail(state, shown) {
    const { list } = state;
    const failed = list.status === "failed";
    const further = list.status === "ready" && list.query !== "" && list.next_cursor !== null && !list.loading_more;
    const words = failed && shown > 0 ? t("list_more_failed", { reason: list.error ?? "" })
      : isFull(list) ? t("list_full", { count: list.order.length })
        : list.loading_more ? t("list_loading_more") : "";
    say(tail_text, words);
    show(tail_text, words !== "");
    show(again, failed || further);
    say(again, t(failed ? "unsent_retry" : "list_look_further"));
  }

  return {
    element,
    render,
    focusRow,
    /** Scrolls until a row is seen. @param {string} id */
    reveal(id) {
      const at = shownIds(store.get()).indexOf(id);
      if (at !== -1) pane.reveal(at);
    },
    showNewer,
    /** Where a conversation stands or stood. @param {string|null} id */
    spotOf: (id) => (look.spot_of === id ? look.spot : 0),
    focusSearch() {
      search.focus();
      search.select();
    },
    /** The row that has the focus. */
    focusedRow: focused,
    /** @returns {boolean} true if there was something to clear */
    clearSearch() {
      if (search.value === "") return false;
      search.value = "";
      cancel_search();
      loader.openView(store.get().list.view, "");
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
  const what = shown > 0 ? "" : list.status === "failed" ? `failed ${list.error}` : list.status === "ready" ? `empty ${list.view} ${list.standing} ${list.next_cursor === null} ${list.query}` : "loading";
  if (box.dataset["what"] === what) return;
  box.dataset["what"] = what;
  const { kind, name } = partsOf(list.view);
  if (what === "") box.replaceChildren();
  else if (list.status === "failed") box.replaceChildren(emptyState("alert", t("list_failed"), list.error ?? ""));
  else if (what === "loading") box.replaceChildren(h("p", { class: "quiet-line", text: t("list_loading") }));
  else if (list.query !== "" && list.next_cursor !== null) box.replaceChildren(h("p", { class: "quiet-line", text: t("list_empty_search_so_far") }));
  else if (list.query !== "") box.replaceChildren(emptyState("search", t("list_empty_search_title"), t("list_empty_search_hint", { query: list.query })));
  else if (list.view === "open" && list.standing === "open") box.replaceChildren(emptyState("open", t("list_empty_title"), t("list_empty_hint")));
  else if (kind === "fixed" && name !== "open" && list.standing === usualStanding(list.view)) {
    const fixed = /** @type {"mine"|"unassigned"|"pending"|"snoozed"|"resolved"|"trash"} */ (name);
    box.replaceChildren(emptyState(fixed, t(`list_empty_${fixed}_title`), t(`list_empty_${fixed}_hint`)));
  } else box.replaceChildren(emptyState("open", t("list_empty_other_title"), t("list_empty_other_hint")));
}
