// Shows what a message says: its document tree, or its plain text.
//
// Guarantees: text is text; a link leads only to http, https, mailto or tel, opens elsewhere and tells nobody where it came
// from; an unknown node shows what it contains. Addresses written out in plain text become links too.

import { h } from "./dom.js";

/** @typedef {import("../net/wire.js").ContentNode} ContentNode */

const LINK_PROTOCOLS = ["http:", "https:", "mailto:", "tel:"];
const ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/g;
/** Deeper than the server lets a document be. */
const DEPTH_MAX = 16;

/**
 * @param {Pick<import("../net/wire.js").Message, "content"|"content_text">} message
 * @returns {HTMLElement}
 */
export function messageBody(message) {
  const body = h("div", { class: "message-body", dir: "auto" });
  const blocks = message.content?.content;
  if (blocks && blocks.length > 0) body.append(...blocks.map((node) => blockNode(node, 0)));
  else body.append(...plainParagraphs(message.content_text));
  return body;
}

/** @param {string} text */
export function plainParagraphs(text) {
  return text.split(/\n{2,}/).map((paragraph) => h("p", {}, withLinks(paragraph)));
}

/**
 * @param {ContentNode} node
 * @param {number} depth
 * @returns {Node}
 */
function blockNode(node, depth) {
  if (depth > DEPTH_MAX) return document.createTextNode("");
  const children = (node.content ?? []).map((child) => blockNode(child, depth + 1));
  switch (node.type) {
    case "paragraph":
      return h("p", {}, children);
    case "bulletList":
      return h("ul", {}, children);
    case "orderedList":
      return h("ol", {}, children);
    case "listItem":
      return h("li", {}, children);
    case "hardBreak":
      return h("br");
    case "image":
      return imageNode(node);
    case "text":
      return textNode(node);
    default:
      return h("div", {}, [...children, ...(node.text ? [document.createTextNode(node.text)] : [])]);
  }
}

/** @param {ContentNode} node */
function textNode(node) {
  const marks = node.marks ?? [];
  const link = marks.find((mark) => mark.type === "link");
  const href = link ? safeAddress(String(link.attrs?.["href"] ?? link.href ?? "")) : null;
  const text = node.text ?? "";
  /** @type {Node} */
  let shown = document.createDocumentFragment();
  shown.appendChild(document.createTextNode(""));
  /** @type {DocumentFragment} */ (shown).append(...(href === null ? withLinks(text) : [text]));
  for (const mark of marks) {
    if (mark.type === "bold") shown = h("strong", {}, [shown]);
    else if (mark.type === "italic") shown = h("em", {}, [shown]);
    else if (mark.type === "code") shown = h("code", {}, [shown]);
  }
  return href === null ? shown : anchor(href, [shown]);
}

/**
 * A picture by address stays a link: the page loads nothing from strangers.
 * @param {ContentNode} node
 */
function imageNode(node) {
  const href = safeAddress(String(node.attrs?.["src"] ?? ""));
  const name = String(node.attrs?.["alt"] ?? "") || (href ?? "");
  return h("p", {}, [href === null ? name : anchor(href, [name])]);
}

/**
 * @param {string} text
 * @returns {(Node|string)[]}
 */
function withLinks(text) {
  /** @type {(Node|string)[]} */
  const pieces = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const href = safeAddress(match[0]);
    if (href === null) continue;
    pieces.push(text.slice(from, match.index), anchor(href, [match[0]]));
    from = match.index + match[0].length;
  }
  pieces.push(text.slice(from));
  return pieces.filter((piece) => piece !== "");
}

/**
 * @param {string} href
 * @param {(Node|string)[]} children
 */
function anchor(href, children) {
  return h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, children);
}

/**
 * @param {string} address
 * @returns {string|null}
 */
export function safeAddress(address) {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  return LINK_PROTOCOLS.includes(url.protocol) ? url.href : null;
}
