// How long to wait before the next try.
//
// Guarantees: at random between 0 and min(30 s, 0.5 s × 2^n), as docs/sockets.md asks, so that a restarted server is not
// met by everybody at once.

const WAIT_MS_MAX = 30_000;
const WAIT_MS_FIRST = 500;
/** Beyond this power the bound rules anyway. */
const POWER_MAX = 6;

/**
 * @param {number} failures how many tries have failed in a row, from 0
 * @param {() => number} random at least 0, below 1
 * @returns {number} milliseconds
 */
export function waitBefore(failures, random) {
  const bound = Math.min(WAIT_MS_MAX, WAIT_MS_FIRST * 2 ** Math.min(failures, POWER_MAX));
  return Math.floor(random() * bound);
}
