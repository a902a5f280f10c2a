// Which conversations the list shows, and in which order.
//
// Guarantees: `list.order` holds exactly the known conversations that the view shows, as far down as it is loaded, in the server's order;
// a change moves one id and touches nothing else. While the list is held (`list.shown`), nothing on the screen moves: rows change where
// they stand, what leaves the view stays until the list is released, and what belongs above waits and is counted.
// Start reading at `putRows`, then `hold`.

import { allRows, draftOf, rowAt, rowsOf } from "./rows.js";
import { compare, filterOf, isTrashed, passes, placeOf, sortOf } from "./views.js";

/** @typedef {import("./model.js").State} State */
/** @typedef {import("./model.js").List} List */
/** @typedef {import("../net/wire.js").Conversation} Conversation */
/** @typedef {import("./views.js").Place} Place */
/** @typedef {(id: string) => Conversation|undefined} Known */

/** How far down a list is loaded at most: what is older is found by a narrower view or a search. */
export const LIST_ROWS_MAX = 12_000;
/** How many rows are kept that the view does not show, so that going back is instant and memory stays flat. */
export const OTHERS_KEPT_MAX = 1000;
/** So many more may gather before they are swept out. */
const OTHERS_SLACK = 500;

/**
 * Takes rows in as they are now.
 * @param {State} state
 * @param {Conversation[]} changed
 * @returns {State}
 */
export function putRows(state, changed) {
  const { list, me } = state;
  const rows = draftOf(state.conversations);
  const listed = lister(list, me.id);
  const sort = sortOf(list);
  let { order, shown } = list;
  let unread_mine = state.unread_mine;
  let filed = true;

  for (const row of changed) {
    const before = rows.at(row.id);
    unread_mine += countedFor(row, me.id) - (before ? countedFor(before, me.id) : 0);
    if (list.hits === null) {
      const was = before !== undefined && listed(before);
      const is = listed(row);
      const moved = was && is && compare(sort, before, row) !== 0;
      if (was && (moved || !is)) order = without(order, seek(order, sort, rows.at, before), row.id);
      rows.put(row);
      if (is && (moved || !was)) {
        const at = seek(order, sort, rows.at, row);
        order = [...order.slice(0, at), row.id, ...order.slice(at)];
        // What comes after everything that is shown moves nothing.
        if (shown !== null && at === order.length - 1 && !shown.includes(row.id)) shown = [...shown, row.id];
      }
    } else {
      if (before === undefined || listed(before) !== listed(row)) filed = false;
      rows.put(row);
    }
  }
  const next = { ...state, conversations: rows.done(), unread_mine, list: order === list.order && shown === list.shown ? list : { ...list, order, shown } };
  return swept(filed ? next : file(next));
}

/**
 * Forgets a conversation that is not there any more.
 * @param {State} state
 * @param {string} id
 * @returns {State}
 */
export function dropRow(state, id) {
  const row = rowAt(state.conversations, id);
  if (!row) return state;
  const rows = draftOf(state.conversations);
  rows.remove(id);
  const keep = (/** @type {string} */ other) => other !== id;
  const { list } = state;
  return {
    ...state,
    conversations: rows.done(),
    unread_mine: state.unread_mine - countedFor(row, state.me.id),
    list: { ...list, order: list.order.filter(keep), shown: list.shown?.filter(keep) ?? null, hits: list.hits?.filter(keep) ?? null },
  };
}

/**
 * Puts the list together anew, for another question or another depth.
 * @param {State} state
 * @returns {State}
 */
export function file(state) {
  const { list, me } = state;
  const listed = lister(list, me.id);
  const sort = sortOf(list);
  const known = (/** @type {string} */ id) => rowAt(state.conversations, id);
  const order = list.hits
    ? list.hits.filter((id) => {
        const row = known(id);
        return row !== undefined && listed(row);
      })
    : allRows(state.conversations).filter(listed).sort((one, other) => compare(sort, one, other)).map((row) => row.id);
  return { ...state, list: { ...list, order } };
}

/**
 * Goes further down: the rows of a page that was read, whose last one is the new end of the list.
 * @param {State} state the rows of the page are in it
 * @param {Place|null} floor null: that was the end of all
 * @returns {State}
 */
export function deepen(state, floor) {
  const { list, me } = state;
  const sort = sortOf(list);
  const before = list.floor;
  const deeper = { ...list, floor };
  const listed = lister(deeper, me.id);
  const more = allRows(state.conversations)
    .filter((row) => listed(row) && before !== null && compare(sort, row, before) > 0)
    .sort((one, other) => compare(sort, one, other))
    .map((row) => row.id);
  const here = new Set(list.shown);
  const shown = list.shown === null ? null : [...list.shown, ...more.filter((id) => !here.has(id))];
  return { ...state, list: { ...deeper, order: [...list.order, ...more], shown } };
}

/**
 * From now on nothing moves: the agent points at a row, stands on it, or reads further down.
 * @param {State} state
 * @returns {State}
 */
export function hold(state) {
  const { list } = state;
  if (list.shown !== null) return state;
  const first = list.order[0] === undefined ? undefined : rowAt(state.conversations, list.order[0]);
  return { ...state, list: { ...list, shown: list.order, top: first ? placeOf(first) : null } };
}

/**
 * Everything goes where it belongs.
 * @param {State} state
 * @returns {State}
 */
export function release(state) {
  if (state.list.shown === null) return state;
  return shortened({ ...state, list: { ...state.list, shown: null, top: null } });
}

/** @param {State} state @returns {readonly string[]} the ids on the screen, from the top */
export function shownIds({ list }) {
  return list.shown ?? list.order;
}

/** How many rows belong above what is shown, and are not there. @param {State} state */
export function newerCount({ list, conversations }) {
  const { shown, top, order } = list;
  if (shown === null || shown === order || list.hits !== null) return 0;
  const count = top === null ? order.length : seek(order, sortOf(list), (id) => rowAt(conversations, id), top);
  for (let at = 0; at < count; at += 1) {
    if (order[at] !== shown[at]) return count;
  }
  return 0;
}

/** Whether a conversation belongs into the view that is shown. @param {State} state @param {Parameters<typeof passes>[1]} row */
export function belongs({ list, me }, row) {
  return passes(filterOf(list), row, me.id);
}

/** @param {State} state @param {Conversation} row whether it stands in the list, and not only on the screen until the list is released */
export function isListed({ list, me }, row) {
  return lister(list, me.id)(row);
}

/** Whether the list is as long as it may get. @param {List} list */
export function isFull({ order, next_cursor }) {
  return next_cursor !== null && order.length >= LIST_ROWS_MAX;
}

/**
 * Forgets what the view does not show, but for the latest `OTHERS_KEPT_MAX` and the open one.
 * @param {State} state
 * @param {Set<string>} listed
 * @returns {State}
 */
export function sweep(state, listed) {
  const others = allRows(state.conversations).filter((row) => !listed.has(row.id) && row.id !== state.open_id);
  if (others.length <= OTHERS_KEPT_MAX) return state;
  others.sort((one, other) => compare("-updated_at", one, other));
  const gone = new Set(others.slice(OTHERS_KEPT_MAX).map((row) => row.id));
  const kept = allRows(state.conversations).filter((row) => !gone.has(row.id));
  const unread_mine = kept.reduce((sum, row) => sum + countedFor(row, state.me.id), 0);
  return { ...state, conversations: rowsOf(kept), unread_mine };
}

/** @param {State} state @returns {State} */
function swept(state) {
  const { list } = state;
  const others = state.conversations.size - (list.shown ?? list.order).length;
  const next = others > OTHERS_KEPT_MAX + OTHERS_SLACK ? sweep(state, new Set([...list.order, ...(list.shown ?? [])])) : state;
  return list.shown === null ? shortened(next) : next;
}

/**
 * A list that grew too long, because more came in above, loses its last pages; they are read again where somebody goes there.
 * @param {State} state
 * @returns {State}
 */
function shortened(state) {
  const { list } = state;
  if (list.order.length <= LIST_ROWS_MAX + OTHERS_SLACK || list.hits !== null) return state;
  const sort = sortOf(list);
  const known = (/** @type {string} */ id) => rowAt(state.conversations, id);
  for (let count = list.marks.length - 1; count > 0; count -= 1) {
    const mark = list.marks[count - 1];
    if (!mark) break;
    const length = seekAfter(list.order, sort, known, mark.floor);
    if (length > LIST_ROWS_MAX) continue;
    return { ...state, list: { ...list, order: list.order.slice(0, length), floor: mark.floor, next_cursor: mark.cursor, marks: list.marks.slice(0, count) } };
  }
  return state;
}

/**
 * @param {List} list
 * @param {string} me
 * @returns {(row: Conversation) => boolean}
 */
function lister(list, me) {
  const filter = filterOf(list);
  const sort = sortOf(list);
  const { floor } = list;
  if (list.hits !== null || floor === null) return (row) => passes(filter, row, me);
  return (row) => passes(filter, row, me) && compare(sort, row, floor) <= 0;
}

/** What a conversation adds to the number of unread messages that are mine. @param {Conversation} row @param {string} me */
function countedFor(row, me) {
  return row.status === "open" && row.assignee_id === me && !isTrashed(row) ? row.unread_count : 0;
}

/** @param {readonly string[]} order @param {number} at where it should be @param {string} id */
function without(order, at, id) {
  const place = order[at] === id ? at : order.indexOf(id);
  return place === -1 ? order : [...order.slice(0, place), ...order.slice(place + 1)];
}

/**
 * How many stand above a place.
 * @param {readonly string[]} order
 * @param {import("./views.js").Sort} sort
 * @param {Known} known
 * @param {Place} place
 */
function seek(order, sort, known, place) {
  return bisect(order, (id) => {
    const row = known(id);
    return row !== undefined && compare(sort, row, place) < 0;
  });
}

/** How many stand above a place or on it. @param {readonly string[]} order @param {import("./views.js").Sort} sort @param {Known} known @param {Place} place */
function seekAfter(order, sort, known, place) {
  return bisect(order, (id) => {
    const row = known(id);
    return row !== undefined && compare(sort, row, place) <= 0;
  });
}

/** @param {readonly string[]} order @param {(id: string) => boolean} is_above true for a first part of the list, false for the rest */
function bisect(order, is_above) {
  let from = 0;
  let to = order.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const id = order[middle];
    if (id !== undefined && is_above(id)) from = middle + 1;
    else to = middle;
  }
  return from;
}
