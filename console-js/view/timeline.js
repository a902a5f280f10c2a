// The timeline of the open conversation, and where in it the agent looks.
//
// Guarantees: at the end it follows what arrives; elsewhere the message at the top of the screen stays where it is, whatever is added above or
// below it, and also where a picture above it gets its size late. Where there is nothing new it draws nothing.
// It says whether the agent really looks at the end, which is what "read" means.

import { contactOf, joinNames } from "../state/format.js";
import { rowAt } from "../state/rows.js";
import { timelineRows } from "../state/select.js";
import { t } from "../locale/index.js";
import { dataAt, h, reconcile, say, set, show } from "./dom.js";
import { dialogIsOpen } from "./dialogs.js";
import { fetchAgain, openFile } from "./file.js";
import { icon } from "./icons.js";
import { emptyState } from "./parts.js";
import { jumpTo } from "./quote.js";
import { onReactKey, onReactPress } from "./react.js";
import { makeRow, sameRow, updateRow } from "./rows.js";
import { onLaterPress } from "./scheduled.js";
import { countDown } from "./unsent.js";

/** @typedef {import("../state/model.js").State} State */

/** So near to the end counts as the end. */
const END_PX = 48;
/** So near to the top older messages are fetched. */
const TOP_PX = 240;
/** What stays free above the unread mark when one jumps to it. */
const MARK_GAP_PX = 16;
/** How many pages one jump to the first unread message reads at most. */
const JUMP_PAGES_MAX = 20;
/** How often the seconds of a message that can be taken back are told. */
const SECOND_MS = 1000;

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 * @param {(action: string, client_id: string) => void} on_unsent
 * @param {(seq: number) => void} on_answer
 */
export function makeTimeline(scope, desk, on_unsent, on_answer) {
  const older = h("button", { type: "button", class: "button quiet", text: t("timeline_older") });
  const begin = h("p", { class: "quiet-line", text: t("timeline_begin") });
  const rows = h("div", { class: "entries" });
  const typing = h("p", { class: "typing", role: "status" }, [h("span", { class: "typing-dots", "aria-hidden": "true" }, [h("i"), h("i"), h("i")]), h("span")]);
  const trouble = h("div", { class: "timeline-state", role: "status" });
  const content = h("div", { class: "timeline-content" }, [h("div", { class: "timeline-top" }, [older, begin]), rows, trouble, typing]);
  const scroller = h("div", { class: "timeline-scroll", tabindex: "0", role: "log", "aria-label": t("timeline_label"), "aria-live": "polite" }, [content]);
  const newest_text = h("span");
  const newest = h("button", { type: "button", class: "newest" }, [icon("down"), newest_text]);
  const unread_text = h("span");
  const unread = h("button", { type: "button", class: "newest unread-jump", hidden: true }, [icon("up"), unread_text]);
  const element = h("div", { class: "timeline" }, [scroller, unread, newest]);

  const look = { ...AFRESH, names: "", agents: /** @type {State["agents"]|null} */ (null), drawn: /** @type {unknown[]} */ ([]) };
  const atEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight <= END_PX;
  const toEnd = () => void (scroller.scrollTop = scroller.scrollHeight);
  const mark = () => /** @type {HTMLElement|null} */ (rows.querySelector("[data-type=unread]"));

  /** What is to be shown as soon as its conversation is there. @type {{id: string, seq: number|null}|null} */
  let wanted = null;

  /** What the reader has at the top of the screen, and how far from its edge. */
  const anchor = { element: /** @type {HTMLElement|null} */ (null), offset: 0 };
  function noteAnchor() {
    anchor.element = firstSeen(rows, scroller.scrollTop);
    if (anchor.element) anchor.offset = anchor.element.offsetTop - scroller.scrollTop;
  }
  function keepAnchor() {
    if (!anchor.element?.isConnected) return;
    const top = anchor.element.offsetTop - anchor.offset;
    if (Math.abs(scroller.scrollTop - top) >= 1) scroller.scrollTop = top;
  }

  const pay = () => {
    const looking = look.id !== null && look.placed && look.at_end && document.hasFocus() && document.visibilityState === "visible" && !dialogIsOpen();
    desk.store.dispatch({ type: "attention_changed", attention: looking && scroller.clientHeight > 0 });
  };
  scope.listen(scroller, "scroll", () => {
    look.at_end = atEnd();
    noteAnchor();
    if (look.id !== null && look.placed && scroller.scrollTop < TOP_PX) void desk.loader.loadOlder(look.id);
    render(desk.store.get());
  }, { passive: true });
  scope.listen(older, "click", () => look.id !== null && void desk.loader.loadOlder(look.id));
  scope.listen(unread, "click", () => {
    toFirstUnread();
    scroller.focus();
  });
  scope.listen(newest, "click", () => {
    toEnd();
    scroller.focus();
  });
  scope.listen(content, "keydown", onReactKey);
  scope.listen(content, "click", (event) => {
    const file = dataAt(event, "file");
    if (file !== null) void openFile(desk, file);
    const absent = dataAt(event, "fetch");
    if (absent !== null) void fetchAgain(desk, absent);
    const [action, id] = (dataAt(event, "unsent") ?? "").split(" ");
    if (action && id) on_unsent(action, id);
    if (dataAt(event, "later") !== null) void onLaterPress(event, scope, desk);
    onReactPress(event, rows, desk);
    const quoted = dataAt(event, "jump");
    if (quoted !== null) void jumpTo(desk, rows, Number(quoted));
    const answered = dataAt(event, "answer");
    if (answered !== null) on_answer(Number(answered));
    if (dataAt(event, "again") !== null && look.id !== null) void desk.loader.loadConversation(look.id);
  });
  for (const [target, type] of /** @type {[EventTarget, string][]} */ ([[window, "focus"], [window, "blur"], [document, "visibilitychange"]])) {
    scope.listen(target, type, pay);
  }
  scope.every(SECOND_MS, () => countDown(rows, Date.now()));
  // Pictures grow after they were placed, and the window changes: who was at the end stays there.
  const observer = new ResizeObserver(() => {
    if (look.at_end) toEnd();
    else if (look.placed) keepAnchor();
    pay();
  });
  observer.observe(content);
  observer.observe(scroller);
  scope.own(() => observer.disconnect());

  /** @param {State} state */
  function render(state) {
    const id = state.open_id;
    if (id !== look.id) Object.assign(look, { ...AFRESH, id });
    const timeline = id === null ? undefined : state.timelines[id];
    if (id === null || !timeline) return;
    const row = rowAt(state.conversations, id);
    const inputs = [id, timeline, row?.contact, row?.remote, state.agents, state.typing[id], state.unsent, state.scheduled[id]];
    if (inputs.some((input, at) => input !== look.drawn[at])) {
      look.drawn = inputs;
      draw(state, id, timeline, row ? contactOf(row) : null);
      place(timeline);
      jumpOn(timeline);
    }
    goOn(id);
    renderUnread(timeline);
    renderNewest(timeline);
    pay();
  }

  /** Shows what is wanted of the conversation that is open, once it is placed. @param {string} id */
  function goOn(id) {
    if (wanted === null || wanted.id !== id || !look.placed) return;
    const { seq } = wanted;
    wanted = null;
    if (seq === null) scroller.focus();
    else void jumpTo(desk, rows, seq, t("find_too_far"));
  }

  /**
   * Goes to a message of a conversation that is open or about to be.
   * @param {string} id
   * @param {number|null} seq null for its end
   */
  function goTo(id, seq) {
    wanted = { id, seq };
    if (look.id === id) goOn(id);
  }

  /**
   * @param {State} state
   * @param {string} id
   * @param {import("../state/model.js").Timeline} timeline
   * @param {import("../net/wire.js").ContactBrief|null} contact
   */
  function draw(state, id, timeline, contact) {
    const context = { desk, contact, agents: state.agents, me: state.me.id };
    // A name that changed changes rows that are otherwise the same.
    const names = `${contact?.name} ${contact?.email}`;
    const same_names = look.names === names && look.agents === state.agents;
    Object.assign(look, { names, agents: state.agents });
    reconcile(rows, timelineRows(state, id), { key: (row) => `${id} ${row.key}`, make: makeRow, update: (row_element, row) => updateRow(row_element, row, context), same: (one, other) => same_names && sameRow(one, other) });
    show(older, timeline.older_cursor !== null && timeline.messages.length > 0);
    set(older, "disabled", timeline.loading_older);
    say(older, t(timeline.loading_older ? "timeline_loading_older" : "timeline_older"));
    show(begin, timeline.older_cursor === null && timeline.messages.length > 0 && timeline.status === "ready");
    renderTrouble(trouble, timeline);
    renderTyping(typing, state.typing[id] ?? [], contact?.name ?? null);
  }

  /** @param {import("../state/model.js").Timeline} timeline */
  function place(timeline) {
    if (look.placed) {
      if (look.at_end) toEnd();
      else keepAnchor();
      return;
    }
    if (timeline.messages.length === 0 && timeline.status !== "ready") return;
    toEnd();
    // The first unread message is where reading begins, if it does not fit on the screen with the rest.
    const first = mark();
    if (first && first.offsetTop < scroller.scrollTop) scroller.scrollTop = first.offsetTop - MARK_GAP_PX;
    look.placed = timeline.fresh;
    look.at_end = atEnd();
    look.seq_at_end = lastReadSeq(timeline);
    noteAnchor();
  }

  /** Shows where reading stopped; what of it is not loaded yet is read first. */
  function toFirstUnread() {
    const timeline = look.id === null ? undefined : desk.store.get().timelines[look.id];
    if (!timeline || timeline.unread_from === null) return;
    look.jumps_left = JUMP_PAGES_MAX;
    jumpOn(timeline);
  }

  /** @param {import("../state/model.js").Timeline} timeline */
  function jumpOn(timeline) {
    if (look.jumps_left === 0 || look.id === null || timeline.loading_older) return;
    const missing = timeline.unread_above > 0 && timeline.older_cursor !== null && timeline.status !== "failed";
    look.jumps_left = missing ? look.jumps_left - 1 : 0;
    if (missing && look.jumps_left > 0) return void desk.loader.loadOlder(look.id);
    const first = mark();
    if (first) scroller.scrollTop = Math.max(0, first.offsetTop - MARK_GAP_PX);
    look.at_end = atEnd();
    noteAnchor();
  }

  /** A way back to the first unread message, until it was seen. @param {import("../state/model.js").Timeline} timeline */
  function renderUnread(timeline) {
    if (look.mark_id !== timeline.unread_from) Object.assign(look, { mark_id: timeline.unread_from, mark_seen: false });
    const first = look.placed ? mark() : null;
    const top = first ? first.offsetTop - scroller.scrollTop : 0;
    if (first && timeline.unread_above === 0 && top >= 0 && top < scroller.clientHeight) look.mark_seen = true;
    const shown = first !== null && !look.mark_seen && top < scroller.clientHeight;
    show(unread, shown);
    say(unread_text, shown ? t("timeline_to_unread") : "");
  }

  /** @param {import("../state/model.js").Timeline} timeline */
  function renderNewest(timeline) {
    if (look.at_end) look.seq_at_end = timeline.messages.at(-1)?.seq ?? 0;
    const count = timeline.messages.filter((message) => message.seq > look.seq_at_end).length;
    show(newest, !look.at_end);
    set(newest, "data-new", count > 0 ? "yes" : null);
    say(newest_text, count > 0 ? t("timeline_newest_count", { count }) : t("timeline_newest"));
  }

  return { element, render, toEnd, toFirstUnread, goTo, focus: () => scroller.focus() };
}

/** How a conversation is looked at when it has just been opened. */
const AFRESH = {
  id: /** @type {string|null} */ (null), at_end: true, placed: false, seq_at_end: 0, mark_id: /** @type {string|null} */ (null), mark_seen: false, jumps_left: 0,
};

/**
 * The first message that reaches below a line. Days and marks do not count: they go elsewhere when older messages come.
 * @param {HTMLElement} rows
 * @param {number} top
 */
function firstSeen(rows, top) {
  let from = 0;
  let to = rows.children.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const row = /** @type {HTMLElement} */ (rows.children[middle]);
    if (row.offsetTop + row.offsetHeight <= top) from = middle + 1;
    else to = middle;
  }
  for (let at = from; at < rows.children.length; at += 1) {
    const row = /** @type {HTMLElement} */ (rows.children[at]);
    if (row.dataset["type"] !== "day" && row.dataset["type"] !== "unread") return row;
  }
  return null;
}

/**
 * @param {import("../state/model.js").Timeline} timeline
 * @returns {number} the place of the last message before the unread mark
 */
function lastReadSeq({ messages, unread_from }) {
  const first = messages.find((message) => message.id === unread_from);
  return first ? first.seq - 1 : (messages.at(-1)?.seq ?? 0);
}

/**
 * @param {HTMLElement} box
 * @param {import("../state/model.js").Timeline} timeline
 */
function renderTrouble(box, { status, error, messages }) {
  const what = status === "failed" ? `failed ${error}` : status === "loading" && messages.length === 0 ? "loading" : "";
  if (box.dataset["what"] === what) return;
  box.dataset["what"] = what;
  if (what === "") box.replaceChildren();
  else if (what === "loading") box.replaceChildren(h("p", { class: "quiet-line", text: t("timeline_loading") }));
  else {
    const again = h("button", { type: "button", class: "button", "data-again": "yes", text: t("unsent_retry") });
    box.replaceChildren(emptyState("alert", t("timeline_failed"), error ?? ""), again);
  }
}

/**
 * @param {HTMLElement} box
 * @param {import("../state/model.js").Typist[]} typists
 * @param {string|null} contact_name
 */
function renderTyping(box, typists, contact_name) {
  const names = typists.map((typist) => typist.name ?? (typist.type === "visitor" ? contact_name : null) ?? t("contact_unknown"));
  set(box, "data-shown", names.length > 0 ? "yes" : null);
  if (box.lastElementChild) say(box.lastElementChild, names.length > 0 ? t("timeline_typing", { names: joinNames(names), count: names.length }) : "");
}
