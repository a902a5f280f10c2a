// Questions and sheets that stand above everything.
//
// Guarantees: one at a time; focus goes in and comes back; Escape is the mildest answer. A dialog ends with its scope.

import { GROUPS, SHORTCUTS } from "../app/shortcuts.js";
import { t } from "../locale/index.js";
import { h } from "./dom.js";
import { iconButton } from "./parts.js";

/** @typedef {import("../app/scope.js").Scope} Scope */

let count = 0;

/**
 * Asks, and answers with the value of the button that was pressed, or "" for Escape.
 * @param {Scope} owner
 * @param {{title: string, body: (Node|string)[], actions: {value: string, label: string, kind?: "primary"|"danger"|"quiet"}[], wide?: boolean,
 *   focus?: HTMLElement, before?: (value: string) => Promise<boolean>}} what `before` may keep it open
 * @returns {Promise<string>}
 */
export function ask(owner, { title, body, actions, wide = false, focus, before }) {
  const scope = owner.child();
  count += 1;
  const title_id = `dialog-title-${count}`;
  const buttons = actions.map(({ value, label, kind = "" }) =>
    h("button", { type: "submit", value, class: `button ${kind}`, text: label }),
  );
  const close = iconButton("close", t("dialog_close"), { class: "dialog-close" });
  const form = h("form", { method: "dialog", novalidate: before !== undefined }, [
    h("header", { class: "dialog-head" }, [h("h2", { id: title_id, text: title }), close]),
    h("div", { class: "dialog-body" }, body),
    h("footer", { class: "dialog-actions" }, buttons),
  ]);
  const dialog = h("dialog", { "aria-labelledby": title_id, class: wide ? "wide" : "" }, [form]);
  document.body.append(dialog);
  scope.own(() => dialog.remove());
  dialog.showModal();
  const last = buttons.at(-1);
  (focus ?? last ?? close).focus();
  let busy = false;
  // Enter in a field presses the last button, which is the one that goes on; the browser would take the first.
  scope.listen(form, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (before === undefined || event.key !== "Enter" || event.isComposing || !(event.target instanceof HTMLInputElement) || event.target.type === "checkbox") return;
    event.preventDefault();
    last?.click();
  });
  scope.listen(form, "submit", async (/** @type {SubmitEvent} */ event) => {
    if (before === undefined) return;
    event.preventDefault();
    const value = event.submitter instanceof HTMLButtonElement ? event.submitter.value : "";
    if (busy) return;
    busy = true;
    const goes = await before(value);
    busy = false;
    if (goes) dialog.close(value);
  });

  return new Promise((resolve) => {
    scope.listen(close, "click", () => dialog.close(""));
    scope.listen(dialog, "cancel", () => void (dialog.returnValue = ""));
    scope.listen(dialog, "close", () => {
      scope.stop();
      resolve(dialog.returnValue);
    });
  });
}

export function dialogIsOpen() {
  return document.querySelector("dialog[open]") !== null;
}

/**
 * @param {Scope} scope
 * @param {boolean} everywhere
 * @param {number} unsent
 * @returns {Promise<boolean>}
 */
export async function askSignOut(scope, everywhere, unsent) {
  if (!everywhere && unsent === 0) return true;
  const sentences = [
    ...(everywhere ? [t("signout_everywhere_lead")] : []),
    ...(unsent > 0 ? [t("signout_unsent", { count: unsent })] : []),
  ];
  const answer = await ask(scope, {
    title: t(everywhere ? "signout_everywhere_title" : "signout_title"),
    body: sentences.map((text) => h("p", { text })),
    actions: [
      { value: "", label: t("dialog_cancel") },
      { value: "yes", label: t("signout_confirm"), kind: "primary" },
    ],
  });
  return answer === "yes";
}

/** @param {Scope} scope @param {number} count @returns {Promise<boolean>} whether they are to be deleted for good */
export async function askDelete(scope, count) {
  const answer = await ask(scope, {
    title: t("trash_delete_title", { count }),
    body: [h("p", { text: t("trash_delete_lead") })],
    actions: [
      { value: "yes", label: t("trash_delete"), kind: "danger" },
      { value: "", label: t("dialog_cancel") },
    ],
  });
  return answer === "yes";
}

/** @param {Scope} scope */
export function showKeys(scope) {
  const groups = GROUPS.map((group) => {
    const rows = SHORTCUTS.filter((shortcut) => shortcut.group === group).map(({ keys, shown = keys, what }) =>
      h("div", { class: "key-row" }, [h("dt", {}, shown.map((key) => (key === "–" ? key : h("kbd", { text: key })))), h("dd", { text: t(what) })]),
    );
    return h("section", { class: "keys-group" }, [h("h3", { text: t(`keys_group_${group}`) }), h("dl", { class: "keys" }, rows)]);
  });
  const sheet = h("div", { class: "keys-sheet", tabindex: "0", role: "region", "aria-label": t("keys_title") }, groups);
  return ask(scope, { title: t("keys_title"), wide: true, body: [sheet], actions: [] });
}
