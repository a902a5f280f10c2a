/**
 * Cursors: `{epoch}-{place}`. The epoch is opaque; the place is a `seq`.
 */

/** @param {string} cursor */
export function splitCursor(cursor) {
  const dash = cursor.lastIndexOf('-');
  const place = Number(cursor.slice(dash + 1));
  if (dash < 1 || !Number.isSafeInteger(place)) return { epoch: '', place: null };
  return { epoch: cursor.slice(0, dash), place };
}

/**
 * @param {string} epoch
 * @param {number | null} place
 * @returns {string | null} null where no place is known yet
 */
export function joinCursor(epoch, place) {
  return epoch === '' || place === null ? null : `${epoch}-${place}`;
}
