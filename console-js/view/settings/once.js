// A text that is shown once: there is no way back to it.

import { t } from "../../locale/index.js";
import { h, say } from "../dom.js";
import { icon } from "../icons.js";
import { onPress } from "../webhooks/parts.js";

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {{title: string, lead: string, text: string, more?: string}} what
 * @param {() => void} on_done
 */
export function makeOnce(scope, { title, lead, text, more }, on_done) {
  const heading = h("h3", { id: "once-title", tabindex: "-1", text: title });
  const field = h("input", { class: "secret-text", readonly: true, "aria-label": title, dir: "ltr", spellcheck: "false", autocomplete: "off" });
  // As a property: an attribute would stay in the page's source.
  field.value = text;
  const copy = h("button", { type: "button", class: "button" }, [icon("copy"), h("span", { text: t("copy") })]);
  const said = h("p", { class: "field-hint", role: "status" });
  const done = h("button", { type: "button", class: "button primary", text: t("secret_done") });
  onPress(scope, copy, () => copyFrom(field, text, said));
  scope.listen(field, "focus", () => field.select());
  onPress(scope, done, on_done);
  return {
    heading,
    element: h("section", { class: "card secret", "aria-labelledby": heading.id }, [
      heading,
      h("p", { text: lead }),
      more === undefined ? null : h("p", { text: more }),
      h("div", { class: "secret-line" }, [field, copy]),
      said,
      h("div", { class: "form-actions" }, [done]),
    ]),
  };
}

/**
 * Lines of code to be taken elsewhere, with a button that copies them.
 * @param {import("../../app/scope.js").Scope} scope
 * @param {string} id
 * @param {string} label
 * @param {string} code
 * @param {string} [hint]
 */
export function makeCode(scope, id, label, code, hint = "") {
  const field = h("textarea", { id, class: "code-text", readonly: true, rows: String(code.split("\n").length + 1), dir: "ltr", spellcheck: "false", text: code });
  const copy = h("button", { type: "button", class: "button small", "aria-label": `${t("copy")}: ${label}` }, [icon("copy"), h("span", { text: t("copy") })]);
  const said = h("p", { class: "field-hint", role: "status" });
  onPress(scope, copy, () => copyFrom(field, code, said));
  return h("div", { class: "field code-field" }, [
    h("div", { class: "code-head" }, [h("label", { for: id, text: label }), copy]),
    field,
    hint === "" ? null : h("p", { class: "field-hint", text: hint }),
    said,
  ]);
}

/**
 * @param {HTMLInputElement|HTMLTextAreaElement} field
 * @param {string} text
 * @param {HTMLElement} said
 */
async function copyFrom(field, text, said) {
  field.select();
  try {
    await navigator.clipboard.writeText(text);
    say(said, t("copied"));
  } catch {
    // No clipboard without a secure context, or the reader said no.
    field.focus();
    say(said, t("copy_by_hand"));
  }
}
