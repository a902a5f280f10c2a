// Messages over HTTP, for what the socket's frame cannot say: which message they answer.
//
// Guarantees: the answer is the frame that the socket would have brought, so the outbox treats both alike; the `client_id` makes a repeat
// harmless here as there.

import { Problem } from "./api.js";

/** @typedef {import("./wire.js").AckFrame} AckFrame */
/** @typedef {import("./wire.js").RefusedFrame} RefusedFrame */

/**
 * @param {import("./api.js").Api} api
 * @param {{ref: string, conversation_id: string} & Record<string, unknown>} frame the socket's `send`, with what it could not say
 * @param {AbortSignal} signal
 * @returns {Promise<AckFrame|RefusedFrame>} rejects if the signal ends it
 */
export async function postMessage(api, { type: _type, ref, conversation_id, ...body }, signal) {
  try {
    const { id, seq } = await api.say(conversation_id, body, signal);
    return { type: "ack", ref, message_id: id, seq, conversation_id };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return refusalOf(ref, error);
  }
}

/**
 * @param {string} ref
 * @param {Problem} problem
 * @returns {RefusedFrame}
 */
export function refusalOf(ref, { status, code, message, retry_after_secs, body }) {
  const later = status === 0 || status === 429 || status >= 500;
  return {
    type: "refused",
    ref,
    code,
    detail: message,
    retry: later ? "later" : "never",
    ...(retry_after_secs === null ? {} : { retry_after_ms: retry_after_secs * 1000 }),
    ...(Array.isArray(body?.unseen) ? { unseen: body.unseen } : {}),
  };
}
