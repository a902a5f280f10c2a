/**
 * Time, as a part that tests can replace: every timer of the widget is made here and is cancelled by who made it.
 *
 * @typedef {object} Clock
 * @property {() => number} now milliseconds since 1970
 * @property {(ms: number, fn: () => void) => (() => void)} after calls once; the result cancels
 * @property {(ms: number, fn: () => void) => (() => void)} every calls again and again; the result ends it
 */

/** @type {Clock} */
export const clock = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
  every(ms, fn) {
    const timer = setInterval(fn, ms);
    return () => clearInterval(timer);
  },
};
