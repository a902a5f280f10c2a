// The shortcuts at work.
//
// Guarantees: a letter is a shortcut only where nobody writes and no dialog is open; browser shortcuts stay the browser's.
// Which keys there are stands in app/shortcuts.js.

import { dialogIsOpen } from "../view/dialogs.js";
import { readPress } from "./shortcuts.js";

/** @typedef {Record<import("./shortcuts.js").Command, (key: string) => unknown>} Actions */

/**
 * @param {import("./scope.js").Scope} scope
 * @param {Actions} actions
 * @param {() => boolean} elsewhere says that the inbox is not on the screen: then its shortcuts rest
 */
export function followKeys(scope, actions, elsewhere) {
  scope.listen(document, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialogIsOpen() || elsewhere()) return;
    const press = readPress(event);
    if (press === null) return;
    if (press.command === "escape") return void actions.escape(press.key);
    if (writes(event.target)) return;
    // A focused button or link keeps its own Enter, and a scroller its own arrows.
    if (event.key === "Enter" && event.target instanceof Element && event.target.closest("a, button, summary")) return;
    if (event.key.startsWith("Arrow") && event.target instanceof Element && event.target.closest("[role=log], [role=region]")) return;
    event.preventDefault();
    actions[press.command](press.key);
  });
}

/** @param {EventTarget|null} target */
function writes(target) {
  if (target instanceof HTMLInputElement) return target.type !== "checkbox";
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || (target instanceof HTMLElement && target.isContentEditable);
}
