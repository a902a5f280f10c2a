// The bar below the list: what is chosen and what can be done with it, how far it is, and what failed and why.

import { contactName, contactOf } from "../state/format.js";
import { rowAt } from "../state/rows.js";
import { selectedIds } from "../state/selection.js";
import { shownIds } from "../state/order.js";
import { t } from "../locale/index.js";
import { h, say, set, show } from "./dom.js";
import { icon } from "./icons.js";
import { iconButton } from "./parts.js";

/** @typedef {import("../state/model.js").State} State */

/** More failures are counted, not listed. */
const FAILURES_SHOWN_MAX = 50;
const ICONS = /** @type {const} */ ({ assign: "mine", label: "label", status: "resolved", macro: "macro", restore: "restore", trash: "trash", delete: "trash" });

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 * @param {(command: "assign"|"label"|"status"|"macro"|"trash"|"restore"|"select_all") => void} on_command
 */
export function makeBulk(scope, desk, on_command) {
  const count = h("p", { class: "bulk-count", role: "status" });
  const all = h("button", { type: "button", class: "link-button" });
  const clear = iconButton("close", t("bulk_clear"));
  const acts = /** @type {const} */ (["assign", "label", "status", "macro", "restore", "trash", "delete"]).map((command) =>
    h("button", { type: "button", class: "button small", "data-command": command }, [icon(ICONS[command]), t(command === "label" ? "bulk_label_act" : command === "delete" ? "trash_delete" : `bulk_${command}`)]),
  );
  const choosing = h("div", { class: "bulk-choosing" }, [h("div", { class: "bulk-line" }, [count, all, clear]), h("div", { class: "bulk-acts" }, acts)]);
  const words = h("p", { class: "bulk-count", role: "status" });
  const bar = h("progress", { class: "bulk-bar", "aria-label": t("bulk_progress") });
  const stop = h("button", { type: "button", class: "button small", text: t("bulk_stop") });
  const again = h("button", { type: "button", class: "button small", text: t("unsent_retry") });
  const close = iconButton("close", t("dialog_close"));
  const failures = h("ul", { class: "bulk-failures", tabindex: "0", "aria-label": t("bulk_failures") });
  const working = h("div", { class: "bulk-working" }, [h("div", { class: "bulk-line" }, [words, stop, again, close]), bar, failures]);
  const element = h("section", { class: "bulk", "aria-label": t("bulk_label"), hidden: true }, [working, choosing]);
  /** @type {State["bulk"]} */
  let drawn = null;

  scope.listen(all, "click", () => on_command("select_all"));
  scope.listen(clear, "click", () => desk.store.dispatch({ type: "selection_cleared" }));
  scope.listen(stop, "click", () => desk.bulk.stop());
  scope.listen(again, "click", () => void desk.bulk.again());
  scope.listen(close, "click", () => desk.bulk.dismiss());
  for (const button of acts) {
    const command = button.dataset["command"];
    scope.listen(button, "click", () => (command === "assign" || command === "label" || command === "status" || command === "macro" || command === "trash" || command === "restore") && on_command(command));
    // In the trash the same key and command deletes for good, and asks before.
    if (command === "delete") scope.listen(button, "click", () => on_command("trash"));
  }
  // Leaving the page ends what is not done: the browser asks before.
  scope.listen(window, "beforeunload", (event) => desk.bulk.running && !desk.bulk.handed && event.preventDefault());

  /** @param {State} state */
  function renderWork(state) {
    const { bulk } = state;
    show(working, bulk !== null);
    if (bulk === null || bulk === drawn) return void (drawn = bulk);
    drawn = bulk;
    const { total, done, failed, running, left } = bulk;
    const unnamed = bulk.more_failed ?? 0;
    const missing = failed.length + left.length + unnamed;
    const over = done + failed.length + unnamed;
    say(words, running ? t(bulk.handed ? "bulk_handed" : "bulk_running", { done: over, total, words: bulk.words }) : missing > 0 ? t("bulk_done_some", { done, total, words: bulk.words }) : t("bulk_done", { count: done, words: bulk.words }));
    set(bar, "max", total);
    set(bar, "value", over);
    show(bar, running);
    show(stop, running && bulk.handed !== true);
    show(again, !running && failed.length + left.length > 0);
    show(close, !running);
    show(failures, missing > 0 && !running);
    const listed = failed.slice(0, FAILURES_SHOWN_MAX).map(({ id, reason }) => {
      const row = rowAt(state.conversations, id);
      return h("li", {}, [h("span", { class: "bulk-who", dir: "auto", text: row ? contactName(contactOf(row)) : t("contact_unknown") }), " ", reason]);
    });
    const more = failed.length - listed.length + unnamed;
    failures.replaceChildren(...listed, ...(more > 0 ? [h("li", { text: t("bulk_more_failed", { count: more }) })] : []), ...(left.length > 0 ? [h("li", { text: t("bulk_left", { count: left.length }) })] : []));
  }

  return {
    element,
    /** @param {State} state */
    render(state) {
      const chosen = selectedIds(state).length;
      const shown = shownIds(state).length;
      const may_write = state.me.role !== "viewer";
      show(element, (may_write && chosen > 0) || state.bulk !== null);
      show(choosing, may_write && chosen > 0 && state.bulk?.running !== true);
      const in_trash = state.list.view === "trash";
      for (const button of acts) {
        const command = button.dataset["command"];
        show(button, command === "trash" ? !in_trash : (command !== "restore" && command !== "delete") || in_trash);
      }
      say(count, chosen > 0 ? t("bulk_selected", { count: chosen }) : "");
      say(all, t("bulk_all", { count: shown }));
      show(all, chosen < shown);
      renderWork(state);
    },
  };
}
