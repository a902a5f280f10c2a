// The search over everything: what was said, people, tickets; above the page, with live results.
//
// Guarantees: works by keyboard alone and says to a screen reader how much was found and which hit is marked; what was found is shown as text, with
// the hits as <mark>; Escape and the cross leave everything as it was, and the focus goes back.
// It opens nothing itself: it answers the hit that was chosen. How it searches stands in app/finder.js.

import { Finder, FIND_CHARS_MAX } from "../app/finder.js";
import { finder } from "../net/find.js";
import { ago, fullTime } from "../state/format.js";
import { t } from "../locale/index.js";
import { h, reconcile, say, set, show } from "./dom.js";
import { icon } from "./icons.js";
import { iconButton } from "./parts.js";

/** @typedef {import("../net/find.js").Hit} Hit */

const ICONS = /** @type {const} */ ({ message: "open", contact: "mine", conversation: "resolved" });
/** So many pixels before the end of the hits the next ones are read. */
const AHEAD_PX = 160;

/**
 * @param {import("../app/scope.js").Scope} owner
 * @param {import("../net/api.js").Api} api
 * @returns {Promise<Hit|null>} null for Escape
 */
export function askFind(owner, api) {
  const scope = owner.child();
  const { dialog, field, list, state_text, hint, again, more, close } = parts();
  /** @type {Hit[]} */
  let drawn = [];
  let marked = 0;
  /** @type {Hit|null} */
  let answer = null;
  const search = new Finder(scope, finder(api), draw);

  function draw() {
    const { found } = search;
    // What was found for fewer letters stays until the answer is there; then the first hit is marked.
    if (found.hits !== drawn) {
      const goes_on = drawn.length > 0 && found.hits[0] === drawn[0];
      drawn = found.hits;
      marked = goes_on ? marked : 0;
      reconcile(list, found.hits.map((hit, at) => ({ hit, at })), { key: ({ hit }) => `${hit.type} ${hit.message_id ?? hit.contact_id} ${hit.number}`, make: () => h("li", { role: "option", class: "find-hit" }), update: drawHit, same: (one, other) => one.hit === other.hit && one.at === other.at });
      if (!goes_on) list.scrollTop = 0;
    }
    show(list, drawn.length > 0);
    show(hint, found.status === "idle");
    say(state_text, stateWords(found));
    show(again, found.status === "failed");
    show(more, found.status === "ready" && found.next_cursor !== null);
    set(list, "aria-busy", found.status === "busy" ? "true" : null);
    mark();
  }
  function mark() {
    for (const [at, option] of [...list.children].entries()) set(option, "aria-selected", at === marked ? "true" : "false");
    const option = list.children[marked];
    set(field, "aria-activedescendant", option?.id ?? null);
    set(field, "aria-expanded", drawn.length > 0 ? "true" : "false");
  }
  /** @param {number} at */
  function take(at) {
    const hit = drawn[at];
    // An answer to what was typed before is not what somebody means who presses Enter now.
    if (!hit || hit.conversation_id === null || search.found.status === "busy") return;
    answer = hit;
    dialog.close();
  }

  scope.listen(field, "input", () => search.type(field.value));
  scope.listen(field, "keydown", (/** @type {KeyboardEvent} */ event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && drawn.length > 0) {
      event.preventDefault();
      marked = (marked + step + drawn.length) % drawn.length;
      mark();
      list.children[marked]?.scrollIntoView({ block: "nearest" });
      if (marked === drawn.length - 1) void search.more();
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      take(marked);
    }
  });
  scope.listen(list, "click", (event) => {
    const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
    if (option) take([...list.children].indexOf(option));
  });
  scope.listen(list, "scroll", () => {
    if (list.scrollHeight - list.scrollTop - list.clientHeight < AHEAD_PX) void search.more();
  }, { passive: true });
  scope.listen(again, "click", () => {
    search.again();
    field.focus();
  });
  scope.listen(more, "click", () => {
    void search.more();
    field.focus();
  });
  scope.listen(close, "click", () => dialog.close());
  document.body.append(dialog);
  scope.own(() => dialog.remove());
  draw();
  dialog.showModal();
  field.focus();

  return new Promise((resolve) => {
    scope.listen(dialog, "close", () => {
      scope.stop();
      resolve(answer);
    });
  });
}

function parts() {
  const field = h("input", {
    type: "text", class: "pick-field", role: "combobox", "aria-expanded": "false", "aria-controls": "find-list", "aria-autocomplete": "list", "aria-labelledby": "find-title",
    "aria-describedby": "find-hint", autocomplete: "off", spellcheck: "false", enterkeyhint: "search", dir: "auto", maxlength: FIND_CHARS_MAX, placeholder: t("find_placeholder"),
  });
  const list = h("ul", { class: "find-list", id: "find-list", role: "listbox", "aria-labelledby": "find-title" });
  const state_text = h("p", { class: "quiet-line", role: "status" });
  const hint = h("p", { class: "quiet-line", id: "find-hint", text: t("find_hint") });
  const again = h("button", { type: "button", class: "button", text: t("find_again") });
  const more = h("button", { type: "button", class: "button quiet", text: t("find_more") });
  const close = iconButton("close", t("dialog_close"), { class: "dialog-close" });
  const dialog = h("dialog", { class: "pick find", "aria-labelledby": "find-title" }, [
    h("header", { class: "dialog-head" }, [h("h2", { id: "find-title", text: t("find_title") }), close]),
    h("div", { class: "find-body" }, [field, list, h("div", { class: "find-tail" }, [hint, state_text, again, more])]),
  ]);
  return { dialog, field, list, state_text, hint, again, more, close };
}

/** @param {import("../app/finder.js").Found} found */
function stateWords({ status, text, hits, next_cursor, error }) {
  if (status === "idle") return "";
  if (status === "busy") return t("find_busy");
  if (status === "failed") return t("find_failed", { reason: error ?? "" });
  if (hits.length === 0) return t("find_nothing", { text });
  return t(next_cursor === null ? "find_count" : "find_count_some", { count: hits.length });
}

/** @param {HTMLElement} option @param {{hit: Hit, at: number}} drawn */
function drawHit(option, { hit, at }) {
  option.id = `find-hit-${at}`;
  set(option, "data-type", hit.type);
  set(option, "data-message", hit.message_id);
  set(option, "aria-disabled", hit.conversation_id === null ? "true" : null);
  const text = h("span", { class: "find-text", dir: "auto" }, hit.excerpt.map((part) => (part.hit ? h("mark", { text: part.text }) : part.text)));
  // Of a person the text says the name already.
  const is_person = hit.type === "contact";
  const name = is_person ? t("find_type_contact") : (hit.contact_name ?? t("contact_unknown"));
  const number = hit.type === "message" && hit.number !== null ? t("find_number", { number: hit.number }) : "";
  const aside = hit.conversation_id === null ? t("find_no_conversation") : number;
  option.replaceChildren(
    h("span", { class: "find-icon", title: t(`find_type_${hit.type}`) }, [icon(ICONS[hit.type])]),
    h("span", { class: "find-said" }, [
      h("span", { class: "find-top" }, [
        is_person ? null : h("span", { class: "unseen", text: `${t(`find_type_${hit.type}`)} ` }),
        h("span", { class: is_person ? "find-aside" : "find-name", dir: "auto", text: name }),
        h("span", { class: "find-aside", text: aside }),
        h("time", { datetime: hit.created_at, title: fullTime(hit.created_at), text: ago(hit.created_at, Date.now()) }),
      ]),
      text,
    ]),
  );
}
