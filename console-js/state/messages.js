// One message, told several times: which telling is the later one.
//
// Guarantees: merging is the same in any order and however often; receipts and edits only ever go forward.

/** @typedef {import("../net/wire.js").Message} Message */

const STATUS_RANK = { queued: 0, sent: 1, failed: 2, delivered: 3, read: 4 };

/**
 * Both lists in order of `seq`, each message once, in its latest state.
 * @param {Message[]} known
 * @param {Message[]} arrived
 * @returns {Message[]}
 */
export function mergeMessages(known, arrived) {
  const byId = new Map(known.map((message) => [message.id, message]));
  for (const message of arrived) {
    const before = byId.get(message.id);
    byId.set(message.id, before ? later(before, message) : message);
  }
  return [...byId.values()].sort((one, other) => one.seq - other.seq);
}

/**
 * The list with a message as the stream tells it now: events come in order, so what they say is the latest, also where a message that had
 * failed is sent again. What a reader has seen stays seen.
 * @param {Message[]} known
 * @param {Message & {changes?: unknown}} told
 * @returns {Message[]}
 */
export function replaceMessage(known, { changes: _changes, ...told }) {
  return known.map((message) => {
    if (message.id !== told.id) return message;
    return message.status === "read" && told.status !== "failed" ? { ...told, status: "read" } : told;
  });
}

/**
 * Of two states of one message the later: receipts and edits only ever go forward.
 * @param {Message} before
 * @param {Message} after
 * @returns {Message}
 */
export function later(before, after) {
  const status = STATUS_RANK[before.status] > STATUS_RANK[after.status] ? before.status : after.status;
  const edited = (before.deleted_at ?? before.edited_at ?? "") > (after.deleted_at ?? after.edited_at ?? "");
  const latest = edited ? before : after;
  return latest.status === status ? latest : { ...latest, status };
}

/**
 * The message after somebody has read up to a place; unchanged if that does not concern it. What a visitor reads is ours, what an agent reads
 * is the visitor's: read by one agent it is read.
 * @param {Message} message
 * @param {import("../net/wire.js").ReadFact} fact
 * @returns {Message}
 */
export function seenUpTo(message, fact) {
  if (message.seq > fact.seq || message.kind !== "message" || message.status !== "sent") return message;
  return (message.direction === "out") === (fact.by.type === "visitor") ? { ...message, status: "read" } : message;
}
