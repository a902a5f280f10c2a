// Which conversations are chosen, to be changed together.
//
// Guarantees: pure; what is chosen stands on the screen: a row that leaves the list is chosen no more, and another question begins with none.

import { shownIds } from "./order.js";

/** @typedef {import("./model.js").State} State */
/** @typedef {{ids: readonly string[], anchor: string|null}} Selection `anchor` is where a range begins */

/** @type {Selection} */
export const NONE_SELECTED = { ids: [], anchor: null };

/** @param {State} state @returns {string[]} from the top */
export function selectedIds(state) {
  const { ids } = state.selection;
  if (ids.length === 0) return [];
  const chosen = new Set(ids);
  return shownIds(state).filter((id) => chosen.has(id));
}

/** @param {State} state @param {string} id @returns {State} */
export function toggle(state, id) {
  const { ids } = state.selection;
  const others = ids.filter((known) => known !== id);
  return { ...state, selection: { ids: others.length < ids.length ? others : [...ids, id], anchor: id } };
}

/**
 * Chooses everything from where the last choice was made to here.
 * @param {State} state
 * @param {string} id
 * @returns {State}
 */
export function reach(state, id) {
  const shown = shownIds(state);
  const from = state.selection.anchor === null ? -1 : shown.indexOf(state.selection.anchor);
  const to = shown.indexOf(id);
  if (from === -1 || to === -1) return toggle(state, id);
  const between = shown.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ...state, selection: { ids: [...new Set([...state.selection.ids, ...between])], anchor: id } };
}

/** Everything that the list holds so far, or nothing if that was chosen. @param {State} state @returns {State} */
export function selectAll(state) {
  const shown = shownIds(state);
  const all = selectedIds(state).length === shown.length;
  return { ...state, selection: all ? NONE_SELECTED : { ids: shown, anchor: null } };
}

/** @param {State} state @returns {State} */
export function selectNone(state) {
  return state.selection === NONE_SELECTED ? state : { ...state, selection: NONE_SELECTED };
}
