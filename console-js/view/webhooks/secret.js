// A secret, shown once: there is no way back to it.

import { fullTime } from "../../state/format.js";
import { t } from "../../locale/index.js";
import { h, say } from "../dom.js";
import { icon } from "../icons.js";
import { onPress } from "./parts.js";

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {import("./index.js").FreshSecret} fresh
 * @param {() => void} on_done
 */
export function makeSecret(scope, { secret, previous_secret_until: until, rotated }, on_done) {
  const heading = h("h3", { id: "secret-title", tabindex: "-1", text: t("secret_title") });
  const field = h("input", { class: "secret-text", readonly: true, "aria-label": t("secret_title"), dir: "ltr", spellcheck: "false", autocomplete: "off" });
  // As a property: an attribute would stay in the page's source.
  field.value = secret;
  const copy = h("button", { type: "button", class: "button" }, [icon("copy"), h("span", { text: t("secret_copy") })]);
  const said = h("p", { class: "field-hint", role: "status" });
  const done = h("button", { type: "button", class: "button primary", text: t("secret_done") });
  const element = h("section", { class: "card secret", "aria-labelledby": heading.id }, [
    heading,
    h("p", { text: t("secret_lead") }),
    rotated ? h("p", { text: until === null ? t("secret_at_once") : t("secret_until", { at: fullTime(until) }) }) : null,
    h("div", { class: "secret-line" }, [field, copy]),
    said,
    h("div", { class: "form-actions" }, [done]),
  ]);
  onPress(scope, copy, async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(secret);
      say(said, t("secret_copied"));
    } catch {
      // No clipboard without a secure context, or the reader said no.
      field.focus();
      say(said, t("secret_copy_by_hand"));
    }
  });
  scope.listen(field, "focus", () => field.select());
  onPress(scope, done, on_done);
  return { element, heading };
}
