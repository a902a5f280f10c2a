// The headers that go out with each delivery, as rows of a form.
//
// Guarantees: a value that the server keeps is never shown and stays unless another one is written.

import { pointerTo } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { h, say, set } from "../dom.js";
import { icon } from "../icons.js";

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {string[]} known names whose values are set
 */
export function makeHeaders(scope, known) {
  let count = 0;
  const rows = h("div", { class: "header-rows" });
  const add = h("button", { type: "button", class: "button small" }, [icon("plus"), h("span", { text: t("form_header_add") })]);
  const trouble = h("p", { class: "form-trouble", id: "headers-trouble" });
  const element = h("fieldset", { class: "headers", "aria-describedby": "headers-hint headers-trouble" }, [
    h("legend", { text: t("form_headers") }),
    h("p", { class: "field-hint", id: "headers-hint", text: t("form_headers_hint") }),
    rows,
    trouble,
    h("div", {}, [add]),
  ]);

  /** @param {string} name @param {boolean} is_set */
  function addRow(name, is_set) {
    count += 1;
    const of_name = h("input", { id: `header-name-${count}`, "aria-label": t("form_header_name"), placeholder: t("form_header_name"), value: name, readonly: is_set, autocomplete: "off", spellcheck: "false", dir: "ltr" });
    const of_value = h("input", { id: `header-value-${count}`, "aria-label": t("form_header_value"), placeholder: t(is_set ? "form_header_kept" : "form_header_value"), autocomplete: "off", spellcheck: "false", dir: "ltr" });
    const remove = h("button", { type: "button", class: "icon-button", title: t("form_header_remove", { name }), "aria-label": t("form_header_remove", { name }) }, [icon("close")]);
    const own_trouble = h("p", { class: "form-trouble", id: `header-trouble-${count}` });
    for (const input of [of_name, of_value]) set(input, "aria-describedby", own_trouble.id);
    const row = h("div", { class: "header-row", "data-set": is_set ? "yes" : null }, [of_name, of_value, remove, own_trouble]);
    rows.append(row);
    scope.listen(of_name, "input", () => {
      for (const attribute of ["title", "aria-label"]) set(remove, attribute, t("form_header_remove", { name: of_name.value }));
    });
    scope.listen(remove, "click", () => {
      row.remove();
      add.focus();
    });
    return of_name;
  }
  for (const name of known) addRow(name, true);
  scope.listen(add, "click", () => addRow("", false).focus());

  /** @returns {{row: HTMLElement, name: HTMLInputElement, value: HTMLInputElement}[]} */
  const inputs = () =>
    [...rows.querySelectorAll("div")].map((row) => {
      const [name, value] = /** @type {NodeListOf<HTMLInputElement>} */ (row.querySelectorAll("input"));
      return { row, name: /** @type {HTMLInputElement} */ (name), value: /** @type {HTMLInputElement} */ (value) };
    });

  return {
    element,
    /** Rows without a name and a value are none. @returns {{name: string, value: string|null}[]} */
    value: () =>
      inputs()
        .filter(({ name, value }) => name.value.trim() !== "" || value.value !== "")
        .map(({ row, name, value }) => ({ name: name.value.trim(), value: row.dataset["set"] === "yes" && value.value === "" ? null : value.value })),
    /** A name that stands in two rows, in whatever spelling: one of their values would be lost. @returns {string|null} */
    twice() {
      const names = inputs().map(({ name }) => name.value.trim()).filter((name) => name !== "");
      return names.find((name, place) => names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) < place) ?? null;
    },
    pointers: () => ["/headers", ...inputs().map(({ name }) => pointerTo("/headers", name.value.trim()))],
    /** @param {Record<string, string>} byField */
    complain(byField) {
      say(trouble, byField["/headers"] ?? "");
      for (const { row, name } of inputs()) {
        const words = byField[pointerTo("/headers", name.value.trim())] ?? "";
        const place = row.querySelector(".form-trouble");
        if (place) say(place, words);
        for (const input of row.querySelectorAll("input")) set(input, "aria-invalid", words === "" ? null : "true");
      }
    },
  };
}
