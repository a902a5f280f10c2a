// How an agent is reached: what they are to others, and which news is worth a word to somebody who is not looking.
//
// Guarantees: pure; the clock is given. What an agent does is never news to that agent.

/** @typedef {import("../net/wire.js").PresenceStatus} PresenceStatus */
/** @typedef {import("../net/wire.js").Conversation} Conversation */
/** @typedef {{conversation_id: string, position: number, text: string, files: number}} News */

/** After so long without a key, a click or a touch nobody is there. */
export const IDLE_MS = 10 * 60_000;
/** The longest beginning of a message that a notification shows. */
const TEXT_CHARS_MAX = 140;
/** More conversations than these are told of in one sentence. */
const APART_MAX = 3;

/**
 * What an agent is to others: as chosen, but away when nobody is there.
 * @param {PresenceStatus} chosen
 * @param {number} active_ms when somebody was last there
 * @param {number} now_ms
 * @returns {PresenceStatus}
 */
export function presenceNow(chosen, active_ms, now_ms) {
  return chosen === "online" && now_ms - active_ms >= IDLE_MS ? "away" : chosen;
}

/**
 * What an event says that may be worth a word.
 * @param {import("../net/wire.js").EventFrame} frame
 * @returns {News|null}
 */
export function newsOf({ event, data, position }) {
  if (event !== "conversation.message_created" || data.direction !== "in" || data.kind !== "message") return null;
  const text = data.content_text.replace(/\s+/g, " ").trim();
  const letters = [...text];
  const short = letters.length > TEXT_CHARS_MAX ? `${letters.slice(0, TEXT_CHARS_MAX - 1).join("")}…` : text;
  return { conversation_id: data.conversation_id, position, text: short, files: data.attachments.length };
}

/**
 * Whether a conversation is this agent's to hear of.
 * @param {Pick<Conversation, "assignee_id">} row
 * @param {string} me
 * @param {boolean} mine_only
 */
export function concerns({ assignee_id }, me, mine_only) {
  return assignee_id === me || (assignee_id === null && !mine_only);
}

/**
 * The newest news of each conversation, or one word for all where they are many.
 * @param {News[]} news in the order of the events
 * @returns {{apart: News[], many: number}}
 */
export function gather(news) {
  const byId = new Map(news.map((one) => [one.conversation_id, one]));
  return byId.size > APART_MAX ? { apart: [], many: byId.size } : { apart: [...byId.values()], many: 0 };
}
