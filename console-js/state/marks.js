// Formatting as it is typed: `**bold**`, `_italic_`, `` `code` `` and `[words](address)`, and the document that comes of it.
//
// Guarantees: pure. What does not stand as a whole sign on one line is left as it was typed, so nothing typed is ever lost; inside
// code and inside an address nothing is a sign. A document's plain form has the line breaks of the text, blank lines too: it is one
// paragraph with hard breaks, because a provider's plain text closes the gaps between paragraphs.
// It knows no lists and no pictures. Start reading at `toDocument`, then `readLine`.

/** @typedef {import("../net/wire.js").ContentNode} ContentNode */
/** @typedef {"bold"|"italic"|"code"} Sign */
/** @typedef {{type: string, attrs?: Record<string, unknown>}} Mark */
/** @typedef {{text: string, marks: Mark[]}} Run */
/** What becomes of a text: from here to there it is replaced, and then this much of it is selected. @typedef {{from: number, to: number, insert: string, start: number, end: number}} Edit */

/** Most nodes of a document that the server takes, marks counted too (entities/src/content.rs). */
export const NODES_MAX = 2000;
/** Longest address of a link. */
const ADDRESS_CHARS_MAX = 2048;
const LINK_PROTOCOLS = ["http:", "https:", "mailto:", "tel:"];

/** @type {Record<Sign, string>} */
const SIGNS = { bold: "**", italic: "_", code: "`" };
const BARE_ADDRESS = /https?:\/\/[^\s<>"'`]+/y;
/** One pair of brackets may stand in an address. */
const LINK = /\[([^[\]\n]+)\]\(((?:[^\s()]|\([^\s()]*\))+)\)/y;
const WORD = /[\p{L}\p{N}_]/u;

/**
 * The document of what was typed.
 * @param {string} text
 * @returns {ContentNode|null} null where nothing is marked: then the text speaks for itself
 */
export function toDocument(text) {
  const lines = text.split(/\r?\n/).map((line) => readLine(line, []));
  if (!lines.some((runs) => runs.some((run) => run.marks.length > 0))) return null;
  /** @type {ContentNode[]} */
  const content = lines.flatMap((runs, index) => [
    ...(index > 0 ? [{ type: "hardBreak" }] : []),
    ...runs.map((run) => ({ type: "text", text: run.text, ...(run.marks.length > 0 ? { marks: run.marks } : {}) })),
  ]);
  return { type: "doc", content: [{ type: "paragraph", content }] };
}

/** How many nodes the server counts. @param {ContentNode} node @returns {number} */
export function nodesOf(node) {
  return (node.content ?? []).reduce((sum, child) => sum + 1 + (child.marks?.length ?? 0) + nodesOf(child), 0);
}

/** What a document says to who sees no marks. @param {ContentNode} node @returns {string} */
export function plainOf(node) {
  if (node.type === "text") return node.text ?? "";
  if (node.type === "hardBreak") return "\n";
  return (node.content ?? []).map(plainOf).join(node.type === "doc" ? "\n" : "");
}

/**
 * An address as a link may have it.
 * @param {string} typed `www.example.com` means https
 * @returns {string|null}
 */
export function linkAddress(typed) {
  const trimmed = typed.trim();
  const whole = /^[a-z][a-z0-9+.-]*:/i.test(trimmed) ? trimmed : /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(trimmed) ? `mailto:${trimmed}` : `https://${trimmed}`;
  // A browser would make something of spaces: nobody means that.
  if (trimmed === "" || /\s/.test(trimmed) || !URL.canParse(whole)) return null;
  const { protocol, href } = new URL(whole);
  return LINK_PROTOCOLS.includes(protocol) && href.length <= ADDRESS_CHARS_MAX ? href : null;
}

/**
 * @param {string} line
 * @param {Mark[]} marks what it stands in
 * @returns {Run[]}
 */
function readLine(line, marks) {
  /** @type {Run[]} */
  const runs = [];
  let plain = "";
  let at = 0;
  const close = () => {
    if (plain !== "") runs.push({ text: plain, marks });
    plain = "";
  };
  while (at < line.length) {
    const found = bareAddress(line, at) ?? code(line, at, marks) ?? pair(line, at, "bold", marks) ?? pair(line, at, "italic", marks) ?? link(line, at, marks);
    if (found === null) {
      plain += line.charAt(at);
      at += 1;
    } else if (found.runs === null) {
      plain += line.slice(at, found.end);
      at = found.end;
    } else {
      close();
      runs.push(...found.runs);
      at = found.end;
    }
  }
  close();
  return runs;
}

/** An address that stands as it is: nothing in it is a sign. @param {string} line @param {number} at */
function bareAddress(line, at) {
  BARE_ADDRESS.lastIndex = at;
  const match = BARE_ADDRESS.exec(line);
  // Signs around an address are not part of it: **https://example.com**
  return match ? { end: at + match[0].replace(/(\*\*|_)+$/, "").length, runs: null } : null;
}

/** @param {string} line @param {number} at @param {Mark[]} marks */
function code(line, at, marks) {
  if (line.charAt(at) !== "`") return null;
  const end = line.indexOf("`", at + 1);
  const text = line.slice(at + 1, end);
  return end === -1 || text.trim() === "" ? null : { end: end + 1, runs: [{ text, marks: [...marks, { type: "code" }] }] };
}

/** @param {string} line @param {number} at @param {"bold"|"italic"} type @param {Mark[]} marks */
function pair(line, at, type, marks) {
  const sign = SIGNS[type];
  if (!line.startsWith(sign, at) || marks.some((mark) => mark.type === type) || !opens(line, at, sign)) return null;
  for (let end = line.indexOf(sign, at + sign.length); end !== -1; end = line.indexOf(sign, end + 1)) {
    if (end > at + sign.length && closes(line, end, sign)) {
      return { end: end + sign.length, runs: readLine(line.slice(at + sign.length, end), [...marks, { type }]) };
    }
  }
  return null;
}

/** @param {string} line @param {number} at @param {string} sign */
function opens(line, at, sign) {
  // Inside a word an underscore is a letter: snake_case_names.
  if (sign === "_" && WORD.test(before(line, at))) return false;
  return /\S/.test(line.charAt(at + sign.length));
}

/** @param {string} line @param {number} end @param {string} sign */
function closes(line, end, sign) {
  if (sign === "_" && WORD.test([...line.slice(end + 1, end + 3)][0] ?? "")) return false;
  return /\S/.test(line.charAt(end - 1));
}

/** The letter before a place, whole. @param {string} line @param {number} at */
function before(line, at) {
  return [...line.slice(Math.max(0, at - 2), at)].at(-1) ?? "";
}

/** @param {string} line @param {number} at @param {Mark[]} marks */
function link(line, at, marks) {
  if (marks.some((mark) => mark.type === "link")) return null;
  LINK.lastIndex = at;
  const match = LINK.exec(line);
  const href = match?.[2] === undefined || !/^[a-z]+:/i.test(match[2]) ? null : linkAddress(match[2]);
  if (!match || href === null) return null;
  return { end: at + match[0].length, runs: readLine(match[1] ?? "", [...marks, { type: "link", attrs: { href } }]) };
}

/**
 * Marks what is selected, or takes the mark away again.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {Sign} type
 * @returns {Edit}
 */
export function toggle(text, start, end, type) {
  const sign = SIGNS[type];
  const size = sign.length;
  const chosen = text.slice(start, end);
  const lead = chosen.length - chosen.trimStart().length;
  const from = chosen.trim() === "" ? start : start + lead;
  const to = chosen.trim() === "" ? start : from + chosen.trim().length;
  const inner = text.slice(from, to);
  if (inner === "") return toggleHere(text, from, sign);
  if (text.slice(from - size, from) === sign && text.slice(to, to + size) === sign) {
    return { from: from - size, to: to + size, insert: inner, start: from - size, end: to - size };
  }
  if (inner.length > 2 * size && inner.startsWith(sign) && inner.endsWith(sign)) {
    const bare = inner.slice(size, -size);
    return { from, to, insert: bare, start: from, end: from + bare.length };
  }
  // A sign holds on one line: each line has its own.
  const insert = inner.replace(/[^\n]*\S[^\n]*/g, (line) => {
    const words = line.trim();
    return line.replace(words, () => sign + words + sign);
  });
  const one_line = !inner.includes("\n");
  return { from, to, insert, start: from + (one_line ? size : 0), end: from + insert.length - (one_line ? size : 0) };
}

/** With nothing selected: begins a mark, or steps out of one. @param {string} text @param {number} at @param {string} sign @returns {Edit} */
function toggleHere(text, at, sign) {
  const size = sign.length;
  const behind = text.slice(at, at + size) === sign;
  if (behind && text.slice(at - size, at) === sign) return { from: at - size, to: at + size, insert: "", start: at - size, end: at - size };
  if (behind) return { from: at, to: at, insert: "", start: at + size, end: at + size };
  return { from: at, to: at, insert: sign + sign, start: at + size, end: at + size };
}

/**
 * Makes a link of what is selected.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {string} href
 * @returns {Edit}
 */
export function linkEdit(text, start, end, href) {
  const words = text.slice(start, end).replace(/[[\]\n]+/g, " ").trim() || href.replace(/^(https?:\/\/|mailto:|tel:)/, "");
  const insert = `[${words}](${href.replace(/\(/g, "%28").replace(/\)/g, "%29")})`;
  return { from: start, to: end, insert, start: start + insert.length, end: start + insert.length };
}
