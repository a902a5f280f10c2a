// The sites that may use a widget, as rows of a form.
//
// Guarantees: a complaint of the server's about the third of the origins stands at the third row that holds one.

import { ORIGINS_MAX } from "../../state/widget.js";
import { t } from "../../locale/index.js";
import { h, say, set, show } from "../dom.js";
import { icon } from "../icons.js";

/** @typedef {import("../settings/edit.js").Spot} Spot */

const POINTER = "/settings/allowed_origins";
const ORIGIN_CHARS_MAX = 300;

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {() => void} on_change
 */
export function makeOrigins(scope, on_change) {
  let count = 0;
  /** @type {{element: HTMLElement, input: HTMLInputElement, trouble: HTMLElement}[]} */
  let rows = [];
  const list = h("div", { class: "origin-rows" });
  const anywhere = h("p", { class: "hook-state origin-any", text: t("origins_any") });
  const add = h("button", { type: "button", class: "button small" }, [icon("plus"), h("span", { text: t("origins_add") })]);
  const trouble = h("p", { class: "form-trouble" });

  /** @param {string} value */
  const addRow = (value) => {
    count += 1;
    const input = h("input", { id: `origin-${count}`, "aria-label": t("origin_label"), placeholder: "https://www.example.com", maxlength: ORIGIN_CHARS_MAX, autocomplete: "off", spellcheck: "false", inputmode: "url", dir: "ltr", "aria-describedby": `origin-${count}-trouble` });
    input.value = value;
    const own_trouble = h("p", { class: "form-trouble", id: `origin-${count}-trouble` });
    const remove = h("button", { type: "button", class: "icon-button" }, [icon("close")]);
    const name = () => {
      for (const attribute of ["title", "aria-label"]) set(remove, attribute, t("origin_remove", { origin: input.value }));
    };
    name();
    const element = h("div", { class: "origin-row field" }, [h("div", { class: "origin-line" }, [input, remove]), own_trouble]);
    const row = { element, input, trouble: own_trouble };
    rows = [...rows, row];
    list.append(element);
    scope.listen(input, "input", name);
    scope.listen(remove, "click", () => {
      const place = rows.indexOf(row);
      rows = rows.filter((one) => one !== row);
      element.remove();
      (rows[place] ?? rows[place - 1])?.input.focus();
      if (rows.length === 0) add.focus();
      render();
      on_change();
    });
    render();
    return row;
  };
  const render = () => {
    show(anywhere, rows.length === 0);
    show(add, rows.length < ORIGINS_MAX);
  };
  const filled = () => rows.filter(({ input }) => input.value.trim() !== "");
  scope.listen(add, "click", () => addRow("").input.focus());

  return {
    element: h("div", { class: "origins" }, [h("p", { class: "field-hint", text: t("origins_hint") }), anywhere, list, trouble, h("div", {}, [add])]),
    /** @param {string[]} origins */
    fill(origins) {
      rows = [];
      list.replaceChildren();
      for (const origin of origins) addRow(origin);
      say(trouble, "");
      render();
    },
    /** Rows with nothing in them are none. */
    value: () => filled().map(({ input }) => input.value.trim()),
    /** @returns {Record<string, Spot>} */
    spots() {
      const own = filled().map((row, place) => /** @type {[string, Spot]} */ ([`${POINTER}/${place}`, rowSpot(row)]));
      return { ...Object.fromEntries(own), [POINTER]: { complain: (words) => say(trouble, words), focus: () => (rows[0]?.input ?? add).focus() } };
    },
  };
}

/** @param {{input: HTMLInputElement, trouble: HTMLElement}} row @returns {Spot} */
function rowSpot({ input, trouble }) {
  return {
    complain(words) {
      say(trouble, words);
      set(input, "aria-invalid", words === "" ? null : "true");
    },
    focus: () => input.focus(),
  };
}
