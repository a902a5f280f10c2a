// A small panel above the button that opens it.
//
// Guarantees: Escape, a click elsewhere and the button itself shut it; the focus comes back to where it was. One listener each, ended
// by the scope. What stands in the panel is its maker's.

import { h, set, show } from "../dom.js";

let count = 0;

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {HTMLButtonElement} button
 * @param {string} label
 * @param {{on_open: () => void, back: () => HTMLElement}} how `back` gets the focus when it shuts
 */
export function makePopover(scope, button, label, { on_open, back }) {
  count += 1;
  const panel = h("div", { class: "popover", id: `popover-${count}`, role: "dialog", "aria-label": label, hidden: true });
  set(button, "aria-expanded", "false");
  set(button, "aria-haspopup", "dialog");
  set(button, "aria-controls", panel.id);

  /** @param {boolean} is_open */
  function turn(is_open) {
    show(panel, is_open);
    set(button, "aria-expanded", is_open ? "true" : "false");
  }
  const self = {
    panel,
    get open() {
      return !panel.hidden;
    },
    toggle() {
      if (self.open) return self.close();
      turn(true);
      on_open();
    },
    close() {
      if (!self.open) return;
      turn(false);
      back().focus();
    },
  };
  scope.listen(button, "click", () => self.toggle());
  scope.listen(panel, "keydown", (/** @type {KeyboardEvent} */ event) => {
    // Letters pressed here are the panel's, not the page's shortcuts.
    event.stopPropagation();
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    self.close();
  });
  scope.listen(document, "pointerdown", (event) => {
    if (event.target instanceof Node && !panel.contains(event.target) && !button.contains(event.target)) turn(false);
  });
  return self;
}
