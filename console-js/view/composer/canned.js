// Canned responses where somebody writes: a slash at the beginning of a line opens those that fit, above the field; or all of them, to choose from.
//
// Guarantees: the field keeps the focus and its undo; Escape leaves what was typed as it is, and the same slash does not open again by itself;
// what is inserted has its placeholders filled in, and a name that nobody knows is said to be missing.

import { cannedFor, fillIn, ownFirst, slashAt } from "../../state/prepared.js";
import { openRow } from "../../state/select.js";
import { t } from "../../locale/index.js";
import { h, say, set, show } from "../dom.js";
import { iconButton } from "../parts.js";
import { pick } from "../picker.js";

/** @typedef {import("../../net/prepared-wire.js").CannedResponse} CannedResponse */

/** As much of a text as one sees before one takes it. */
const PREVIEW_CHARS = 90;

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {import("../../app/desk.js").Desk} desk
 * @param {{field: HTMLTextAreaElement, replace: (from: number, to: number, text: string) => void}} on
 */
export function makeCanned(scope, desk, { field, replace }) {
  const list = h("ul", { class: "canned-list", id: "canned-list", role: "listbox", "aria-label": t("canned_title") });
  const said = h("p", { class: "canned-said", role: "status" });
  const panel = h("div", { class: "popover canned-panel", hidden: true }, [list, said]);
  const button = iconButton("canned", t("canned_open"), { class: "canned-open" });
  /** @type {CannedResponse[]} */
  let shown = [];
  let marked = 0;
  /** The slash that was left by Escape. */
  let left = -1;

  const all = () => desk.store.get().prepared["canned-responses"];
  const slash = () => (field.selectionStart === field.selectionEnd ? slashAt(field.value, field.selectionStart) : null);
  /** @param {CannedResponse} one */
  const filled = (one) => {
    const state = desk.store.get();
    return fillIn(one.content_text, { contact: openRow(state)?.contact ?? null, agent: state.me });
  };

  /** @param {CannedResponse} one @param {number} from @param {number} to */
  function insert(one, from, to) {
    const text = filled(one);
    close();
    replace(from, to, text);
    if (/\{\{\s*contact\./.test(text)) desk.reports.on_notice(t("canned_filled"));
  }

  function follow() {
    const found = document.activeElement === field && !field.disabled ? slash() : null;
    if (found === null || found.from === left) {
      if (found === null) left = -1;
      return close();
    }
    shown = cannedFor(all(), found.typed);
    // A slash that means nothing here is a slash: only somebody who has just typed it is told that there is nothing.
    if (shown.length === 0 && found.typed !== "") return close();
    marked = 0;
    list.replaceChildren(...shown.map(optionOf));
    show(list, shown.length > 0);
    say(said, shown.length > 0 ? t("canned_found", { count: shown.length }) : t("canned_none_yet"));
    show(panel, true);
    set(field, "aria-controls", list.id);
    mark();
  }

  /** @param {CannedResponse} one @param {number} at */
  function optionOf(one, at) {
    const preview = filled(one).replace(/\s+/g, " ");
    return h("li", { id: `canned-${at}`, role: "option", class: "canned-option", "data-at": at }, [
      h("span", { class: "canned-name" }, [h("code", { dir: "ltr", text: `/${one.shortcut}` }), h("bdi", { text: one.name })]),
      h("span", { class: "canned-preview", dir: "auto", text: preview.length > PREVIEW_CHARS ? `${preview.slice(0, PREVIEW_CHARS - 1)}…` : preview }),
    ]);
  }

  function mark() {
    for (const [at, option] of [...list.children].entries()) {
      set(option, "aria-selected", at === marked ? "true" : "false");
      if (at === marked) option.scrollIntoView({ block: "nearest" });
    }
    set(field, "aria-activedescendant", shown.length > 0 ? `canned-${marked}` : null);
  }

  function close() {
    if (panel.hidden) return;
    show(panel, false);
    set(field, "aria-activedescendant", null);
    set(field, "aria-controls", null);
  }

  scope.listen(field, "input", follow);
  scope.listen(field, "click", follow);
  scope.listen(field, "blur", close);
  scope.listen(field, "keyup", (/** @type {KeyboardEvent} */ event) => {
    if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) follow();
  });
  scope.listen(field, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (panel.hidden || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const found = slash();
    const one = shown[marked];
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && shown.length > 0) {
      marked = (marked + step + shown.length) % shown.length;
      mark();
    } else if ((event.key === "Enter" || event.key === "Tab") && found && one) insert(one, found.from, field.selectionStart);
    else if (event.key === "Escape") {
      left = found?.from ?? -1;
      close();
    } else return;
    event.preventDefault();
  });
  // Before the field loses the focus, and with it the panel.
  scope.listen(list, "pointerdown", (event) => {
    event.preventDefault();
    const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
    const one = shown[Number(option?.getAttribute("data-at"))];
    const found = slash();
    if (option && one && found) insert(one, found.from, field.selectionStart);
  });
  scope.listen(button, "click", () => void choose());

  /** All of them, to choose from; what is chosen stands where the caret was. */
  async function choose() {
    if (field.disabled) return;
    const [from, to] = [field.selectionStart, field.selectionEnd];
    const responses = ownFirst(all());
    const choices = responses.map(({ id, shortcut, name, content_text }) => ({ value: id, label: name, hint: `/${shortcut}`, chosen: false, find: `${shortcut} ${content_text}` }));
    const choice = await pick(scope, { title: t("canned_pick"), choices, nothing: t(all().length === 0 ? "canned_none_yet" : "pick_nothing") });
    const one = responses.find(({ id }) => id === choice?.value);
    if (one) insert(one, from, to);
  }

  return { button, panel, choose };
}
