/**
 * How long to wait before another try, and which ends of a connection forbid one. Pure.
 */

/** The longest wait between two tries, in milliseconds. */
export const WAIT_MS_MAX = 30_000;
const WAIT_MS_FIRST = 500;

/**
 * A wait at random between 0 and min(30 s, 0.5 s × 2^attempt), so that clients cut at once do not come back at once.
 * @param {number} attempt 0 for the first try after a connection ended
 * @param {() => number} random between 0 and 1
 * @returns {number} milliseconds
 */
export function wait(attempt, random) {
  return Math.round(random() * Math.min(WAIT_MS_MAX, WAIT_MS_FIRST * 2 ** Math.min(attempt, 16)));
}

/** The session token was not accepted: worth one fresh `init`. */
export const UNAUTHENTICATED = 4501;

/**
 * Whether the server forbids to come back by itself.
 * @param {number} code a WebSocket close code
 */
export function isFinal(code) {
  return code >= 4500 && code <= 4999;
}
