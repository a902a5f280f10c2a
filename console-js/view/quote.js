// What a message answers: the line above it, the button that answers it, and the bar above the field while an answer is written.
//
// Guarantees: text is text, in its own direction; all of it can be reached with the keyboard.

import { excerptOf, messageAt } from "../state/quotes.js";
import { contactName, contactOf } from "../state/format.js";
import { rowAt } from "../state/rows.js";
import { t } from "../locale/index.js";
import { h, set, show } from "./dom.js";
import { icon } from "./icons.js";
import { iconButton } from "./parts.js";

/** @typedef {import("../net/wire.js").Message} Message */

/** So many pages of older messages are loaded on the way to one. */
const JUMP_PAGES_MAX = 20;

/**
 * @param {import("../state/quotes.js").Quote} quote
 * @param {string} name who said what is quoted
 */
export function quoteLine({ seq, message }, name) {
  if (seq === null) return h("p", { class: "quote" }, [h("span", { class: "quote-text", text: t("quote_unknown") })]);
  const parts = quoteParts(message, name);
  return h("button", { type: "button", class: "quote", "data-jump": seq, title: t("quote_jump") }, parts);
}

/**
 * @param {Message|null} message null if it is not loaded
 * @param {string} name
 */
function quoteParts(message, name) {
  if (message === null) return [h("span", { class: "quote-text", text: t("quote_earlier") })];
  const text = message.deleted_at ? t("timeline_deleted") : excerptOf(message);
  return [h("span", { class: "quote-name", dir: "auto", text: name }), h("span", { class: "quote-text", dir: "auto", text })];
}

/** @param {Message} message @param {string} name who said it */
export function answerButton(message, name) {
  return iconButton("reply", t("quote_answer", { name }), { "data-answer": String(message.seq) });
}

/**
 * The bar above the field: what the reply will answer, with a cross to drop it.
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 * @param {() => void} on_drop
 */
export function makeQuoteBar(scope, desk, on_drop) {
  const words = h("div", { class: "quote" });
  const close = iconButton("close", t("quote_drop"));
  const element = h("div", { class: "quote-bar", role: "status" }, [icon("reply"), words, close]);
  let shown = "";

  /** @param {import("../state/model.js").State} state */
  function render(state) {
    const id = state.open_id;
    const seq = id === null ? null : desk.quotes.read(id);
    show(element, seq !== null);
    if (id === null || seq === null) return;
    const message = messageAt(state.timelines[id]?.messages ?? [], seq);
    const name = message === null ? "" : nameOf(message, state, id);
    const key = JSON.stringify([id, seq, name, message?.content_text, message?.deleted_at]);
    if (key === shown) return;
    shown = key;
    words.replaceChildren(...quoteParts(message, name));
  }

  /** @returns {boolean} whether there was one */
  function drop() {
    const { open_id: id } = desk.store.get();
    if (id === null || desk.quotes.take(id) === null) return false;
    render(desk.store.get());
    on_drop();
    return true;
  }
  scope.listen(close, "click", drop);
  return { element, render, drop };
}

/**
 * @param {Message} message
 * @param {import("../state/model.js").State} state
 * @param {string} id
 */
function nameOf({ author }, state, id) {
  const row = rowAt(state.conversations, id);
  if (author.type === "visitor" && row) return contactName(contactOf(row));
  return author.name ?? (author.id === null ? undefined : state.agents[author.id]?.name) ?? t("contact_unknown");
}

/**
 * Goes to a message of the timeline, loading older ones until it is there.
 * @param {import("../app/desk.js").Desk} desk
 * @param {HTMLElement} rows
 * @param {number} seq
 * @param {string} [absent] what is said where it is not to be had
 */
export async function jumpTo(desk, rows, seq, absent = t("quote_unknown")) {
  const { open_id: id } = desk.store.get();
  for (let pages = 0; pages < JUMP_PAGES_MAX && id !== null; pages += 1) {
    const timeline = desk.store.get().timelines[id];
    if (!timeline || messageAt(timeline.messages, seq) !== null || timeline.older_cursor === null) break;
    const before = timeline.older_cursor;
    await desk.loader.loadOlder(id);
    // It says itself what went wrong; asking for the same again helps nobody.
    if (desk.store.get().timelines[id]?.older_cursor === before) break;
  }
  if (desk.store.get().open_id !== id || desk.scope.stopped) return;
  // The screen is drawn once a frame.
  requestAnimationFrame(() => requestAnimationFrame(() => light(rows.querySelector(`.entry[data-seq="${seq}"]`), desk, absent)));
}

/** @param {Element|null} entry @param {import("../app/desk.js").Desk} desk @param {string} absent */
function light(entry, desk, absent) {
  if (!(entry instanceof HTMLElement)) return desk.reports.on_notice(absent);
  set(entry, "tabindex", "-1");
  entry.scrollIntoView({ block: "center" });
  entry.focus({ preventScroll: true });
  set(entry, "data-lit", null);
  requestAnimationFrame(() => set(entry, "data-lit", "yes"));
  entry.addEventListener("blur", () => set(entry, "data-lit", null), { once: true });
}
