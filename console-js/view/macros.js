// Running a macro: which one, over what is chosen, and what came of it.
//
// Guarantees: one that writes to several contacts asks first; what was not done is said, with the reason.

import { PreparedApi } from "../net/prepared.js";
import { macroWords, speaks } from "../state/macros.js";
import { ownFirst } from "../state/prepared.js";
import { wasStopped, wordsFor } from "../state/problems.js";
import { t } from "../locale/index.js";
import { sure } from "./channels/sure.js";
import { pick } from "./picker.js";

/** The server takes so many conversations at once. */
const AT_ONCE_MAX = 100;

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 * @param {string[]} ids the conversations that it concerns
 */
export async function runMacro(scope, desk, ids) {
  if (ids.length === 0) return;
  const state = desk.store.get();
  const macros = ownFirst(state.prepared.macros);
  const choices = macros.map((macro) => ({ value: macro.id, label: macro.name, hint: macroWords(state, macro), chosen: false, find: macroWords(state, macro) }));
  const choice = await pick(scope, { title: t("macro_pick"), choices, stacked: true, nothing: t(macros.length === 0 ? "macro_none_yet" : "pick_nothing") });
  const macro = macros.find(({ id }) => id === choice?.value);
  if (!macro) return;
  const many = ids.length > 1 && speaks(macro);
  if (many && !(await sure(scope, { title: t("macro_sure_title", { name: macro.name }), lead: t("macro_sure_lead", { count: ids.length }), submit: t("macro_run") }))) return;
  const api = new PreparedApi(desk.api);
  let done = 0;
  let reason = "";
  try {
    for (let from = 0; from < ids.length; from += AT_ONCE_MAX) {
      for (const { status, error } of await api.run(macro.id, ids.slice(from, from + AT_ONCE_MAX), scope.signal)) {
        if (status === "done") done += 1;
        else reason ||= error?.detail ?? "";
      }
    }
  } catch (error) {
    if (scope.stopped || wasStopped(error)) return;
    reason = wordsFor(error);
  }
  if (scope.stopped) return;
  const { name } = macro;
  if (done === ids.length) desk.reports.on_notice(ids.length === 1 ? t("macro_done", { name }) : t("macro_done_many", { name, count: done }));
  else desk.reports.on_notice(t("macro_failed", { name, done, total: ids.length, reason }));
  // The events tell of it; without a socket the rows are read again.
  if (!desk.socket.live) for (const id of ids) desk.store.dispatch({ type: "conversation_wanted", id });
}
