// A conversation that runs over a provider: what may be said there, and until when.
//
// Guarantees: pure; the clock is given. The server decides (it refuses what the provider would refuse); this tells an agent beforehand.

/** @typedef {import("../net/wire.js").Remote} Remote */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Hours after the contact's last message: for anything, and for a person who answers (docs/channels).
 * @type {Record<string, [number, number|null]>}
 */
const WINDOW_HOURS = { whatsapp: [24, null], messenger: [24, 168], instagram: [24, 168] };

/**
 * The other side after it has written something: its window opens anew.
 * @template {Remote|undefined} T
 * @param {T} remote
 * @param {import("../net/wire.js").Message} message
 * @returns {T}
 */
export function heardFrom(remote, message) {
  if (remote === undefined || message.direction !== "in") return remote;
  const hours = WINDOW_HOURS[remote.kind];
  if (!hours) return remote;
  const said_ms = Date.parse(message.via?.said_at ?? message.created_at);
  const until = (/** @type {number|null} */ count) => (count === null ? null : new Date(said_ms + count * HOUR_MS).toISOString());
  const reply_until = later(remote.reply_until, until(hours[0]));
  return { ...remote, reply_until, human_until: later(remote.human_until, until(hours[1])) };
}

/** @param {string|null} one @param {string|null} other */
function later(one, other) {
  if (one === null || other === null) return one ?? other;
  return Date.parse(one) > Date.parse(other) ? one : other;
}

/**
 * What an agent may still do.
 * @param {Remote} remote
 * @param {number} now_ms
 * @returns {{may: "anything"|"open"|"human"|"closed"|"opted_out", left_ms: number}}
 */
export function mayReply(remote, now_ms) {
  if (remote.opted_out) return { may: "opted_out", left_ms: 0 };
  if (remote.reply_until === null) return { may: "anything", left_ms: Infinity };
  const open = Date.parse(remote.reply_until) - now_ms;
  if (open > 0) return { may: "open", left_ms: open };
  const human = remote.human_until === null ? 0 : Date.parse(remote.human_until) - now_ms;
  return human > 0 ? { may: "human", left_ms: human } : { may: "closed", left_ms: 0 };
}

/**
 * So long in hours and minutes, rounded down: nobody counts on a minute that is not there.
 * @param {number} ms
 */
export function hoursAndMinutes(ms) {
  const minutes = Math.floor(ms / MINUTE_MS);
  return { hours: Math.floor(minutes / 60), minutes: minutes % 60 };
}
