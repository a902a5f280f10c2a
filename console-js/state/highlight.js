// Where what was searched for stands in a text.
//
// Guarantees: pure; the same letters count as the same as on the server (upper and lower case of ASCII), so what it found is what is shown;
// the pieces joined are the text. They are texts, never markup.

/** @typedef {{text: string, hit: boolean}} Piece */

/** What is kept in front of a hit that stands far inside a text. */
const LEAD_CHARS = 18;
/** So far inside a hit is still seen in a line. */
const SEEN_CHARS = 28;

/** @param {string} text @param {string} query */
export function holds(text, query) {
  return query !== "" && plain(text).includes(plain(query));
}

/**
 * @param {string} text
 * @param {string} query
 * @returns {Piece[]}
 */
export function pieces(text, query) {
  if (query === "") return [{ text, hit: false }];
  const searched = plain(text);
  const wanted = plain(query);
  /** @type {Piece[]} */
  const found = [];
  let from = 0;
  for (let at = searched.indexOf(wanted); at !== -1; at = searched.indexOf(wanted, from)) {
    if (at > from) found.push({ text: text.slice(from, at), hit: false });
    from = at + wanted.length;
    found.push({ text: text.slice(at, from), hit: true });
  }
  if (from < text.length || found.length === 0) found.push({ text: text.slice(from), hit: false });
  return found;
}

/**
 * A line of a long text in which the first hit is seen.
 * @param {string} text
 * @param {string} query
 */
export function lineAround(text, query) {
  const at = query === "" ? -1 : plain(text).indexOf(plain(query));
  if (at <= SEEN_CHARS) return text;
  const from = text.lastIndexOf(" ", at - LEAD_CHARS);
  return `…${text.slice(from > 0 ? from + 1 : at - LEAD_CHARS)}`;
}

/**
 * What a row shows of a conversation that was found: which of its texts holds the words, in the order in which people look.
 * @param {import("../net/wire.js").Conversation} row
 * @param {string} name as it is shown
 * @param {string} query
 * @returns {{where: "name"|"number"|"message"|"subject"|"email"|"earlier", text: string}}
 */
export function foundIn({ contact, ticket, last_message: last }, name, query) {
  const number = /^#*(\d+)$/.exec(query)?.[1];
  const said = last && !last.deleted_at ? oneLine(last.content_text) : "";
  if (holds(said, query)) return { where: "message", text: said };
  if (holds(name, query)) return { where: "name", text: name };
  if (number !== undefined && ticket?.number === Number(number)) return { where: "number", text: number };
  if (holds(ticket?.subject ?? "", query)) return { where: "subject", text: ticket?.subject ?? "" };
  if (holds(contact.email ?? "", query)) return { where: "email", text: contact.email ?? "" };
  return { where: "earlier", text: "" };
}

/** @param {string} text */
export function oneLine(text) {
  return text.replace(/\s+/g, " ");
}

/** Of the same length as the text, so that places in one are places in the other. @param {string} text */
function plain(text) {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
