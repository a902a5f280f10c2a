// Opening a list and reading it, page by page.
//
// Guarantees: a new question begins with what is known already, if it is no search; an answer to a question that is no longer asked
// changes nothing; pages join without a hole and without a row twice.

import { takeConversations } from "./conversations.js";
import { emptyList } from "./model.js";
import { deepen, file, sweep } from "./order.js";
import { selectNone } from "./selection.js";
import { placeOf, sameQuestion } from "./views.js";

/** @typedef {import("./model.js").State} State */

/**
 * @param {State} state
 * @param {import("./views.js").Question} question
 * @returns {State}
 */
export function openList(state, question) {
  // Another view is about to be read: what is quiet for long is forgotten.
  const swept = selectNone(sweep(state, new Set()));
  return file({ ...swept, list: { ...emptyList(question), status: "loading" } });
}

/**
 * @param {State} state
 * @param {Extract<import("./model.js").Action, {type: "list_loaded"}>} action
 * @returns {State}
 */
export function takePage(state, { question, page, append }) {
  const { list } = state;
  if (!sameQuestion(list, question)) return state;
  const cursor = page.next_cursor;
  const last = page.data.at(-1);
  const read = { ...list, status: /** @type {const} */ ("ready"), error: null, loading_more: false, next_cursor: cursor };
  if (list.hits !== null) {
    const hits = [...new Set([...(append ? list.hits : []), ...page.data.map((row) => row.id)])];
    return file(takeConversations({ ...state, list: { ...read, hits } }, page.data));
  }
  // A page without rows that goes on tells nothing of how deep it went.
  const floor = cursor === null ? null : last ? placeOf(last) : list.floor;
  const mark = cursor !== null && floor !== null ? [{ floor, cursor }] : [];
  if (append) return deepen(takeConversations({ ...state, list: { ...read, marks: [...list.marks, ...mark] } }, page.data), floor);
  return file(takeConversations({ ...state, list: { ...read, floor, marks: mark } }, page.data));
}
