// Messages that are sent later.
//
// Guarantees: pure.

/** @typedef {import("../net/wire.js").ScheduledMessage} ScheduledMessage */

/**
 * A scheduled message as it is sent by hand: its files are uploaded, its words are formatted as they were.
 * @param {ScheduledMessage} message
 */
export function postedAs({ kind, content, content_text, attachments, via }) {
  const formatted = content !== null && content !== undefined && !isPlain(content);
  return { kind, part: { text: content_text, attachments, plain: !formatted }, content: formatted ? content : null, reply_to_seq: via?.reply_to_seq ?? null };
}

/** Paragraphs of bare words say no more than their text. @param {import("../net/wire.js").ContentNode} node @returns {boolean} */
function isPlain({ type, marks, content = [] }) {
  return ["doc", "paragraph", "text", "hardBreak"].includes(type) && (marks ?? []).length === 0 && content.every(isPlain);
}
