// What can be chosen for a conversation: whom to assign it to, which labels it may get, how urgent it is.
//
// Guarantees: pure; who cannot answer is not offered; what was typed finds names by their words, whatever the accents and the case.

import { ownFirst } from "./prepared.js";
import { allRows } from "./rows.js";
import { FIXED_VIEWS, partsOf } from "./views.js";
import { t } from "../locale/index.js";

/** @typedef {import("./model.js").State} State */
/** @typedef {{value: string, label: string, hint: string, chosen: boolean, color?: string|undefined, find?: string}} Choice `find` is found by what is typed, too */

/** The longest label the server takes. */
export const LABEL_CHARS_MAX = 50;
/** More are not offered at once; typing narrows them. */
export const CHOICES_SHOWN_MAX = 50;
export const STATUSES = /** @type {const} */ (["open", "pending", "snoozed", "resolved"]);
const PRIORITIES = /** @type {const} */ (["urgent", "high", "normal", "low", "none"]);

/**
 * @param {State} state
 * @param {string|null|undefined} chosen undefined: of several, not all the same
 * @returns {Choice[]} I first, then the others by name, then nobody
 */
export function assigneeChoices(state, chosen) {
  const others = Object.values(state.agents)
    .filter((agent) => agent.id !== state.me.id && agent.role !== "viewer" && !agent.disabled)
    .sort((one, other) => one.name.localeCompare(other.name));
  const away = (/** @type {string} */ id) => {
    const presence = state.presence[id];
    return presence === "away" || presence === "offline" ? t(`presence_${presence}`) : "";
  };
  return [
    { value: state.me.id, label: t("head_me", { name: state.me.name }), hint: "", chosen: chosen === state.me.id },
    ...others.map((agent) => ({ value: agent.id, label: agent.name, hint: away(agent.id), chosen: chosen === agent.id })),
    { value: "", label: t("head_unassigned"), hint: "", chosen: chosen === null },
  ];
}

/**
 * Every view that there is: the fixed ones, then the saved ones, then each channel, then each known label.
 * @param {State} state
 * @returns {Choice[]}
 */
export function viewChoices(state) {
  const choice = (/** @type {import("./views.js").ViewName} */ value, /** @type {string} */ hint) => ({ value, label: viewName(state, value), hint, chosen: state.list.view === value });
  return [
    ...FIXED_VIEWS.map((view) => choice(view, "")),
    ...ownFirst(state.prepared.views).map(({ id }) => choice(`saved:${id}`, t("view_kind_saved"))),
    ...state.channels.map(({ id }) => choice(`channel:${id}`, t("view_kind_channel"))),
    ...knownLabels(state).map((label) => choice(`label:${label}`, t("view_kind_label"))),
  ];
}

/** @param {State} state @param {import("./views.js").ViewName} view */
export function viewName({ channels, prepared }, view) {
  const { kind, name } = partsOf(view);
  if (kind === "saved") return prepared.views.find(({ id }) => id === name)?.name ?? t("view_kind_saved");
  if (kind === "label") return name;
  if (kind === "channel") return channels.find((channel) => channel.id === name)?.name ?? t("view_kind_channel");
  return t(/** @type {import("../locale/index.js").Key} */ (`view_${name}`));
}

/** @param {string|undefined} chosen @returns {Choice[]} */
export function statusChoices(chosen) {
  return STATUSES.map((value) => ({ value, label: t(`status_${value}`), hint: "", chosen: value === chosen }));
}

/** @param {string|undefined} chosen @returns {Choice[]} */
export function priorityChoices(chosen) {
  return PRIORITIES.map((value) => ({ value, label: t(`priority_${value}`), hint: "", chosen: value === chosen }));
}

/**
 * The labels that are there on all of some conversations first, then the workspace's, then those that other known conversations have.
 * @param {State} state
 * @param {readonly string[][]} labels of each conversation that is to be changed
 * @returns {Choice[]}
 */
export function labelChoices(state, labels) {
  const on_all = (labels[0] ?? []).filter((label) => labels.every((others) => others.includes(label)));
  const made = new Map(state.prepared.labels.map((label) => [label.name, label]));
  const choice = (/** @type {string} */ label, /** @type {string} */ hint, /** @type {boolean} */ chosen) => ({ value: label, label, hint, chosen, color: made.get(label)?.color });
  return [
    ...on_all.map((label) => choice(label, t("pick_label_on"), true)),
    ...knownLabels(state).filter((label) => !on_all.includes(label)).map((label) => choice(label, made.get(label)?.description ?? "", false)),
  ];
}

/** The workspace's labels, and those of the conversations that the page knows. @param {State} state @returns {string[]} */
export function knownLabels(state) {
  const made = state.prepared.labels.map(({ name }) => name);
  const others = new Set(allRows(state.conversations).flatMap((row) => row.labels));
  for (const label of made) others.delete(label);
  const sorted = (/** @type {Iterable<string>} */ labels) => [...labels].sort((one, other) => one.localeCompare(other));
  return [...sorted(made), ...sorted(others)];
}

/** @param {Choice[]} choices @param {string} text @returns {Choice[]} */
export function matching(choices, text) {
  const words = plain(text).split(/\s+/).filter((word) => word !== "");
  return choices.filter((choice) => words.every((word) => plain(`${choice.label} ${choice.find ?? ""}`).includes(word))).slice(0, CHOICES_SHOWN_MAX);
}

/**
 * What was typed, as a label of its own, where there is none like it.
 * @param {Choice[]} choices
 * @param {string} text
 * @returns {Choice|null}
 */
export function newLabel(choices, text) {
  const label = text.trim();
  if (label === "" || choices.some((choice) => plain(choice.label) === plain(label))) return null;
  return { value: label, label: t("pick_label_new", { label }), hint: "", chosen: false };
}

/** @param {string} text */
function plain(text) {
  return text.trim().normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
