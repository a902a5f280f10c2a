// How long a reply is, as the provider of its channel counts it.
//
// Guarantees: pure; the same count as the server's adapters make when they cut a long text (docs/channels), so what is told while
// typing is what happens. How long a message may be is the API's to say (`capabilities.text_max` of /api/v1/providers); in which
// units it is counted, and where a network puts parts together, is said here.
// It does not foresee where exactly a text is cut: cuts fall between words, so there may be one part more.

/** @typedef {import("../net/wire.js").Capabilities} Capabilities */
/** @typedef {{used: number, max: number, parts: number, unit: "characters"|"bytes"|"sms"}} Length */

/** @type {Record<string, "utf16"|"bytes"|"points"|"sms">} */
const UNITS = { whatsapp: "utf16", messenger: "utf16", instagram: "bytes", slack: "points", dialpad: "points", sms: "sms" };
const ENCODER = new TextEncoder();

/** The basic table of GSM-7 (3GPP TS 23.038, section 6.2.1) but for digits and the letters of English, and its extension, which counts double. */
const GSM_BASIC = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà");
const GSM_EXTENSION = new Set("\f^{}\\[~]|€");
/** Units of a text message alone, and of each part of a longer one. */
const ROOM = { gsm7: [160, 153], ucs2: [70, 67] };

/**
 * @param {string} kind of the channel
 * @param {string} text
 * @param {Capabilities|undefined} capabilities
 * @returns {Length|null} null where no provider counts
 */
export function lengthOf(kind, text, capabilities) {
  const unit = UNITS[kind];
  if (!unit || !capabilities) return null;
  if (unit === "sms") return smsLength(text);
  const used = unit === "bytes" ? ENCODER.encode(text).length : unit === "points" ? [...text].length : text.length;
  const max = capabilities.text_max;
  return { used, max, parts: Math.max(1, Math.ceil(used / max)), unit: unit === "bytes" ? "bytes" : "characters" };
}

/** Whether a length is worth a word: a text message always is, others when they come near their limit. @param {Length} length */
export function isTelling({ used, max, unit }) {
  return unit === "sms" ? used > 0 : used * 5 >= max * 4;
}

/** @param {string} text @returns {Length} */
function smsLength(text) {
  const letters = [...text];
  const sizes = letters.map(gsmUnits);
  const is_gsm = sizes.every((size) => size !== null);
  const [alone = 0, part = 0] = is_gsm ? ROOM.gsm7 : ROOM.ucs2;
  const units = letters.map((letter, index) => (is_gsm ? (sizes[index] ?? 1) : letter.length));
  const used = units.reduce((sum, size) => sum + size, 0);
  if (used <= alone) return { used, max: alone, parts: 1, unit: "sms" };
  let parts = 1;
  let filled = 0;
  // A letter that counts double is not torn between two parts.
  for (const size of units) {
    if (filled + size > part) {
      parts += 1;
      filled = 0;
    }
    filled += size;
  }
  return { used, max: part, parts, unit: "sms" };
}

/** @param {string} letter */
function gsmUnits(letter) {
  if (/^[A-Za-z0-9]$/.test(letter) || GSM_BASIC.has(letter)) return 1;
  return GSM_EXTENSION.has(letter) ? 2 : null;
}

/** Channels whose readers see marks; on the others a text goes out as it is typed. */
const MARKED = ["widget", "slack"];

/** @param {string|undefined} kind undefined for a conversation without a provider: the widget */
export function showsMarks(kind) {
  return MARKED.includes(kind ?? "widget");
}
