// A question with one answer out of many: type to narrow it down, Enter to take it.
//
// Guarantees: works by keyboard alone and says to a screen reader what is marked; the focus goes back to where it was. It changes nothing:
// it answers what was chosen.

import { matching } from "../state/choices.js";
import { t } from "../locale/index.js";
import { h, set } from "./dom.js";
import { icon } from "./icons.js";
import { iconButton, paint } from "./parts.js";

/** @typedef {import("../state/choices.js").Choice} Choice */

let count = 0;

/**
 * @param {import("../app/scope.js").Scope} owner
 * @param {{title: string, choices: Choice[], chars_max?: number, nothing?: string, stacked?: boolean, more?: (text: string) => Choice|null}} what `more` offers what was typed;
 *   `nothing` is said where there is nothing to choose; `stacked` puts what is long below the names
 * @returns {Promise<Choice|null>} null for Escape
 */
export function pick(owner, { title, choices, chars_max = 100, nothing: words = t("pick_nothing"), stacked = false, more = () => null }) {
  const scope = owner.child();
  count += 1;
  const id = `pick-${count}`;
  const field = h("input", {
    class: "pick-field", role: "combobox", "aria-expanded": "true", "aria-controls": `${id}-list`, "aria-autocomplete": "list", "aria-labelledby": `${id}-title`,
    autocomplete: "off", spellcheck: "false", maxlength: chars_max, placeholder: t("pick_narrow"),
  });
  const list = h("ul", { class: "pick-list", id: `${id}-list`, role: "listbox", "aria-labelledby": `${id}-title` });
  const nothing = h("p", { class: "quiet-line", role: "status" });
  const close = iconButton("close", t("dialog_close"), { class: "dialog-close" });
  const dialog = h("dialog", { class: stacked ? "pick stacked" : "pick", "aria-labelledby": `${id}-title` }, [
    h("header", { class: "dialog-head" }, [h("h2", { id: `${id}-title`, text: title }), close]),
    h("div", { class: "pick-body" }, [field, list, nothing]),
  ]);
  /** @type {Choice[]} */
  let shown = [];
  let marked = 0;
  /** @type {Choice|null} */
  let answer = null;

  function narrow() {
    const found = matching(choices, field.value);
    const fresh = more(field.value);
    shown = fresh ? [...found, fresh] : found;
    marked = 0;
    list.replaceChildren(...shown.map((choice, at) => optionOf(choice, `${id}-${at}`, at)));
    nothing.textContent = shown.length === 0 ? words : "";
    mark();
  }
  function mark() {
    for (const [at, option] of [...list.children].entries()) {
      set(option, "aria-selected", at === marked ? "true" : "false");
      if (at === marked) option.scrollIntoView({ block: "nearest" });
    }
    set(field, "aria-activedescendant", shown.length > 0 ? `${id}-${marked}` : null);
  }
  /** @param {number} at */
  function take(at) {
    const choice = shown[at];
    if (!choice) return;
    answer = choice;
    dialog.close();
  }

  scope.listen(field, "input", narrow);
  scope.listen(field, "keydown", (/** @type {KeyboardEvent} */ event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && shown.length > 0) {
      event.preventDefault();
      marked = (marked + step + shown.length) % shown.length;
      mark();
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      take(marked);
    }
  });
  scope.listen(list, "click", (event) => {
    const option = event.target instanceof Element ? event.target.closest("[role=option]") : null;
    if (option) take(Number(option.getAttribute("data-at")));
  });
  scope.listen(close, "click", () => dialog.close());
  document.body.append(dialog);
  scope.own(() => dialog.remove());
  narrow();
  dialog.showModal();
  field.focus();

  return new Promise((resolve) => {
    scope.listen(dialog, "close", () => {
      scope.stop();
      resolve(answer);
    });
  });
}

/** @param {Choice} choice @param {string} id @param {number} at */
function optionOf(choice, id, at) {
  return h("li", { id, role: "option", class: "pick-option", "data-at": at }, [
    paint(h("span", { class: "pick-label", dir: "auto", text: choice.label }), choice.color),
    h("span", { class: "pick-hint", text: choice.hint }),
    choice.chosen ? icon("check") : null,
  ]);
}
