// The conversations that the page knows, so held that a change of one among thousands costs little.
//
// Guarantees: plain data, never mutated; a change copies the few rows that share a shelf with the changed one, not all of them (a copy
// of 10,000 rows takes milliseconds, and a busy workspace changes a hundred a second). What is not changed keeps its identity.
// It knows no order: that is state/order.js.

/** @typedef {import("../net/wire.js").Conversation} Conversation */
/** @typedef {Readonly<Record<string, Conversation>>} Shelf */
/** @typedef {{readonly shelves: readonly Shelf[], readonly size: number}} Rows */

/** At 10,000 rows a shelf holds forty. A power of two. */
const SHELVES = 256;
/** @type {Shelf} */
const BARE = Object.freeze({});

/** @type {Rows} */
export const NO_ROWS = { shelves: Array.from({ length: SHELVES }, () => BARE), size: 0 };

/**
 * @param {Rows} rows
 * @param {string} id
 * @returns {Conversation|undefined}
 */
export function rowAt(rows, id) {
  return rows.shelves[shelfOf(id)]?.[id];
}

/** @param {Rows} rows @returns {Conversation[]} in no order */
export function allRows(rows) {
  return rows.shelves.flatMap((shelf) => Object.values(shelf));
}

/** @param {Iterable<Conversation>} list @returns {Rows} */
export function rowsOf(list) {
  const draft = draftOf(NO_ROWS);
  for (const row of list) draft.put(row);
  return draft.done();
}

/**
 * Several changes at once: a shelf is copied once, however many of its rows change.
 * @param {Rows} before
 */
export function draftOf(before) {
  /** @type {Shelf[]|null} */
  let shelves = null;
  /** @type {Map<number, Record<string, Conversation>>} */
  const own = new Map();
  let size = before.size;

  /** @param {number} place */
  const writable = (place) => {
    const known = own.get(place);
    if (known) return known;
    shelves ??= [...before.shelves];
    const copy = { ...(before.shelves[place] ?? BARE) };
    own.set(place, copy);
    shelves[place] = copy;
    return copy;
  };

  return {
    /** @param {string} id @returns {Conversation|undefined} */
    at: (id) => (shelves ?? before.shelves)[shelfOf(id)]?.[id],
    /** @param {Conversation} row */
    put(row) {
      const shelf = writable(shelfOf(row.id));
      if (shelf[row.id] === undefined) size += 1;
      shelf[row.id] = row;
    },
    /** @param {string} id */
    remove(id) {
      const shelf = writable(shelfOf(id));
      if (shelf[id] === undefined) return;
      delete shelf[id];
      size -= 1;
    },
    /** @returns {Rows} */
    done: () => (shelves === null ? before : { shelves, size }),
  };
}

/**
 * Ids are UUIDs of version 7: what stands at their end is random.
 * @param {string} id
 */
function shelfOf(id) {
  let sum = 0;
  for (let at = Math.max(0, id.length - 4); at < id.length; at += 1) sum = (sum * 31 + id.charCodeAt(at)) | 0;
  return sum & (SHELVES - 1);
}
