// The order of the event stream: what to do with the next frame.
//
// Guarantees: a frame is applied once, and only after the one that its `prev` names. Pure; the socket acts on the answer.

/**
 * The workspace's place in a cursor, `{epoch}-{position}`.
 * @param {string} cursor
 * @returns {{epoch: string, position: number}|null} null if it is no cursor
 */
export function readCursor(cursor) {
  const dash = cursor.lastIndexOf("-");
  const digits = cursor.slice(dash + 1);
  if (dash < 1 || !/^[0-9]+$/.test(digits)) return null;
  return { epoch: cursor.slice(0, dash), position: Number(digits) };
}

/**
 * @param {number} last_position the position of the last frame that was applied, or the one in `welcome.cursor`
 * @param {{position: number, prev: number}} frame
 * @returns {"apply"|"duplicate"|"gap"}
 */
export function judge(last_position, frame) {
  if (frame.position <= last_position) return "duplicate";
  return frame.prev === last_position ? "apply" : "gap";
}
