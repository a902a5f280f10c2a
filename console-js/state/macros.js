// Macros: what each does, in words, and what stands in the form that makes one.
//
// Guarantees: pure; an action that a later server adds is called by its own name and kept as it is.

import { t } from "../locale/index.js";

/** @typedef {import("./model.js").State} State */
/** @typedef {import("../net/prepared-wire.js").Macro} Macro */
/** @typedef {import("../net/prepared-wire.js").MacroAction} MacroAction */

/** The actions, in the order in which they are offered. */
export const ACTION_TYPES = /** @type {const} */ (["send_message", "note", "assign", "set_team", "add_labels", "remove_labels", "set_status", "set_priority"]);
export const ACTIONS_MAX = 20;
/** As much of a text as a menu shows. */
const TEXT_CHARS_SHOWN = 40;
const HOUR_SECS = 3600;

/**
 * What an action does.
 * @param {Pick<State, "agents"|"prepared">} state
 * @param {MacroAction} action
 */
export function actionWords({ agents, prepared }, { type, assignee_id, team_id, labels = [], status, snoozed_for_s, priority, text = "" }) {
  const key = (/** @type {string} */ name) => t(/** @type {import("../locale/index.js").Key} */ (name));
  const letters = [...text.replace(/\s+/g, " ")];
  const short = letters.length > TEXT_CHARS_SHOWN ? `${letters.slice(0, TEXT_CHARS_SHOWN - 1).join("")}…` : letters.join("");
  switch (type) {
    case "send_message":
      return t("macro_says", { text: short });
    case "note":
      return t("macro_notes", { text: short });
    case "assign":
      return assignee_id == null ? t("bulk_do_unassign") : t("bulk_do_assign", { name: agents[assignee_id]?.name ?? t("contact_unknown") });
    case "set_team":
      return team_id == null ? t("macro_no_team") : t("macro_team", { name: prepared.teams.find(({ id }) => id === team_id)?.name ?? t("contact_unknown") });
    case "add_labels":
      return t("macro_labels", { labels: labels.join(", ") });
    case "remove_labels":
      return t("macro_unlabels", { labels: labels.join(", ") });
    case "set_status":
      if (snoozed_for_s !== undefined) return t("macro_snooze", { hours: Math.max(1, Math.round(snoozed_for_s / HOUR_SECS)) });
      return t("bulk_do_status", { status: key(`status_${status}`) });
    case "set_priority":
      return t("bulk_do_priority", { priority: key(`priority_${priority}`) });
    default:
      return type;
  }
}

/** @param {Pick<State, "agents"|"prepared">} state @param {Pick<Macro, "actions">} macro */
export function macroWords(state, { actions }) {
  return actions.map((action) => actionWords(state, action)).join(" · ");
}

/** Whether it says something to the contact. @param {Pick<Macro, "actions">} macro */
export function speaks({ actions }) {
  return actions.some(({ type }) => type === "send_message");
}

/** An action of a kind before anything is chosen for it. @param {string} type @returns {MacroAction} */
export function freshAction(type) {
  if (type === "assign") return { type, assignee_id: null };
  if (type === "set_team") return { type, team_id: null };
  if (type === "add_labels" || type === "remove_labels") return { type, labels: [] };
  if (type === "set_status") return { type, status: "resolved" };
  if (type === "set_priority") return { type, priority: "high" };
  return { type, text: "" };
}

/** Whether something is missing in an action. @param {MacroAction} action */
export function isBare({ type, labels = [], text = "" }) {
  if (type === "add_labels" || type === "remove_labels") return labels.length === 0;
  return (type === "send_message" || type === "note") && text.trim() === "";
}

/** Labels divided by commas. @param {string} text @returns {string[]} */
export function labelsOf(text) {
  return [...new Set(text.split(",").map((label) => label.trim().toLocaleLowerCase()).filter((label) => label !== ""))];
}
