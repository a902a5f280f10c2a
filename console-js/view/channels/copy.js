// A text to be taken elsewhere, with a button that copies it.

import { t } from "../../locale/index.js";
import { h, say } from "../dom.js";
import { icon } from "../icons.js";
import { onPress } from "../webhooks/parts.js";

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {string} id
 * @param {string} label
 * @param {string} text
 * @param {string} hint
 */
export function makeCopy(scope, id, label, text, hint) {
  const field = h("input", { id, class: "secret-text", readonly: true, value: text, dir: "ltr", spellcheck: "false", autocomplete: "off", "aria-describedby": `${id}-hint` });
  const copy = h("button", { type: "button", class: "button", "aria-label": `${t("copy")}: ${label}` }, [icon("copy"), h("span", { text: t("copy") })]);
  const said = h("p", { class: "field-hint", role: "status" });
  onPress(scope, copy, async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(text);
      say(said, t("copied"));
    } catch {
      // No clipboard without a secure context, or the reader said no.
      field.focus();
      say(said, t("copy_by_hand"));
    }
  });
  scope.listen(field, "focus", () => field.select());
  return h("div", { class: "field copy-field" }, [
    h("label", { for: id, text: label }),
    h("div", { class: "secret-line" }, [field, copy]),
    h("p", { class: "field-hint", id: `${id}-hint`, text: hint }),
    said,
  ]);
}
