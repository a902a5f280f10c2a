// Asks where a link leads to.
//
// Guarantees: only an address that the server takes becomes a link; anything else is said to be none, and stays to be mended.

import { linkAddress } from "../../state/marks.js";
import { t } from "../../locale/index.js";
import { h, say, set } from "../dom.js";
import { makePopover } from "./popover.js";

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {HTMLButtonElement} button
 * @param {{on_link: (href: string) => void, back: () => HTMLElement, suggest: () => string}} on `suggest` is what stands in the field first
 */
export function makeLinkPanel(scope, button, { on_link, back, suggest }) {
  // No form: the composer is one already.
  const input = h("input", { type: "text", id: "composer-link", class: "link-address", inputmode: "url", dir: "ltr", autocomplete: "off", spellcheck: "false", placeholder: "https://", "aria-describedby": "composer-link-trouble" });
  const trouble = h("p", { id: "composer-link-trouble", class: "composer-trouble", role: "alert" });
  const add = h("button", { type: "button", class: "button primary small", text: t("composer_link_add") });
  const popover = makePopover(scope, button, t("composer_link"), {
    back,
    on_open() {
      input.value = suggest();
      complain("");
      input.select();
      input.focus();
    },
  });
  popover.panel.classList.add("link-panel");
  popover.panel.append(h("label", { for: input.id, text: t("composer_link_address") }), h("div", { class: "link-line" }, [input, add]), trouble);

  /** @param {string} words */
  function complain(words) {
    say(trouble, words);
    set(input, "aria-invalid", words === "" ? null : "true");
  }
  function take() {
    const href = linkAddress(input.value);
    if (href === null) {
      complain(t("composer_link_bad"));
      input.focus();
      return;
    }
    popover.close();
    on_link(href);
  }
  scope.listen(add, "click", take);
  scope.listen(input, "input", () => complain(""));
  scope.listen(input, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    take();
  });
  return popover;
}
