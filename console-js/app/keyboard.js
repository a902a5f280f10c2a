// The shortcuts.
//
// Guarantees: a letter is a shortcut only where nobody writes and no dialog is open; browser shortcuts stay the browser's.
// The sheet in view/dialogs.js lists them all.

import { dialogIsOpen } from "../view/dialogs.js";

/**
 * @typedef {{move: (step: 1|-1) => void, open: () => void, reply: () => void, note: () => void, resolve: () => void,
 *   search: () => void, help: () => void, escape: () => void, elsewhere: () => boolean}} Actions
 * `elsewhere` says that the inbox is not on the screen: then its shortcuts rest.
 */

/** @type {Record<string, (actions: Actions) => void>} */
const KEYS = {
  j: (actions) => actions.move(1),
  ArrowDown: (actions) => actions.move(1),
  k: (actions) => actions.move(-1),
  ArrowUp: (actions) => actions.move(-1),
  Enter: (actions) => actions.open(),
  r: (actions) => actions.reply(),
  n: (actions) => actions.note(),
  e: (actions) => actions.resolve(),
  "/": (actions) => actions.search(),
  "?": (actions) => actions.help(),
};

/**
 * @param {import("./scope.js").Scope} scope
 * @param {Actions} actions
 */
export function followKeys(scope, actions) {
  scope.listen(document, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialogIsOpen() || actions.elsewhere()) return;
    if (event.key === "Escape") return actions.escape();
    if (writes(event.target)) return;
    // A focused button or link keeps its own Enter, and a scroller its own arrows.
    if (event.key === "Enter" && event.target instanceof Element && event.target.closest("a, button, summary")) return;
    if (event.key.startsWith("Arrow") && event.target instanceof Element && event.target.closest("[role=log], [role=region]")) return;
    const action = KEYS[event.key];
    if (!action) return;
    event.preventDefault();
    action(actions);
  });
}

/** @param {EventTarget|null} target */
function writes(target) {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
