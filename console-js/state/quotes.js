// Messages that answer one message: what they answer, and which ones can be answered so.
//
// Guarantees: pure. The server says what a message answers by its place in the conversation (`via.reply_to_seq`), or, where it never had
// that message, by the provider's own id (`via.reply_to_id`): then there is nothing to show but that something was answered.

/** @typedef {import("../net/wire.js").Message} Message */
/** @typedef {import("../net/wire.js").Remote} Remote */

/** Where the other side sees which message is answered (docs/channels). */
const KINDS = ["whatsapp", "messenger", "instagram", "slack"];
/** So much of a message stands in a quote. */
const EXCERPT_CHARS = 160;

/**
 * What a message answers: `message` is null where it is not loaded, `seq` is null where the server never had it.
 * @typedef {{seq: number|null, message: Message|null}} Quote
 */

/**
 * @param {Message[]} messages those that are loaded
 * @param {Message} message
 * @returns {Quote|null} null if it answers none
 */
export function quoteOf(messages, message) {
  const { reply_to_seq: seq, reply_to_id: id } = message.via ?? {};
  if (message.deleted_at) return null;
  if (seq !== undefined && seq !== null) return { seq, message: messageAt(messages, seq) };
  return id === undefined || id === null ? null : { seq: null, message: null };
}

/**
 * @param {Message[]} messages
 * @param {number} seq
 * @returns {Message|null}
 */
export function messageAt(messages, seq) {
  return messages.find((message) => message.seq === seq) ?? null;
}

/**
 * Whether an answer can name this message: its provider has it, and shows such.
 * @param {Remote|undefined} remote
 * @param {Message} message
 */
export function canBeAnswered(remote, message) {
  if (!remote || !KINDS.includes(remote.kind)) return false;
  if (message.kind !== "message" || message.author.type === "system" || message.deleted_at) return false;
  return message.direction === "in" || (message.status !== "queued" && message.status !== "failed");
}

/**
 * The beginning of a message on one line; empty where it has no words.
 * @param {Message} message
 */
export function excerptOf(message) {
  const text = message.content_text.replace(/\s+/g, " ").trim();
  const letters = [...text];
  if (letters.length > EXCERPT_CHARS) return `${letters.slice(0, EXCERPT_CHARS).join("")}…`;
  return text || message.attachments.map(({ filename }) => filename).join(", ");
}
