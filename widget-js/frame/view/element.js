/**
 * Makes elements: plain ones, icons, avatars, and a message's document tree.
 *
 * Guarantees: text becomes text nodes, never markup; a link leads to the web, to mail or to a telephone and nowhere else;
 * a node that is not known shows what text it holds; depth and number of nodes are bounded.
 */

/**
 * `on…` is a listener; false is left out.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name @param {Record<string, string | boolean | ((event: any) => void)>} [attributes]
 * @param {(Node | string)[]} children @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(key.slice(2), value);
    else if (value !== false) node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children);
  return node;
}

/** @param {string} name of the class @param {(Node | string)[]} children */
export const box = (name, ...children) => element('div', { class: name }, ...children);

/** @param {Parameters<typeof element>[1]} attributes @param {(Node | string)[]} children */
export const button = (attributes, ...children) => element('button', { type: 'button', ...attributes }, ...children);

/** Only where it differs, so that live regions speak once. @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Outlines on a grid of 24 by 24. */
const ICONS = {
  close: 'M6 6l12 12M18 6L6 18',
  send: 'M12 19V6M6 11l6-6 6 6',
  clip: 'M19 11.5l-7.2 7.2a4.6 4.6 0 01-6.5-6.5l7.6-7.6a3.1 3.1 0 014.4 4.4l-7.6 7.6a1.5 1.5 0 01-2.2-2.2l7-7',
  file: 'M7 3h7l4 4v14H7zM14 3v4h4',
  down: 'M12 5v13M6 12.5l6 6 6-6',
};

/** It says nothing by itself: the control around it has the words. @param {keyof typeof ICONS} name */
export function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const path = document.createElementNS(space, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

const TINTS = 4;

/** A face, or initials on a colour that goes with the name. @param {Author} author @param {string} name */
export function avatar({ avatarUrl }, name) {
  const words = name.trim().split(/\s+/).map((word) => [...word][0] ?? '');
  const letters = words.length > 1 ? `${words[0]}${words[words.length - 1]}` : words.join('');
  const sum = [...name].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  const node = element('span', { class: `avatar tint-${sum % TINTS}`, 'aria-hidden': 'true' }, letters.toLocaleUpperCase());
  if (avatarUrl) {
    const picture = element('img', { src: avatarUrl, alt: '', onerror: () => picture.remove() });
    node.append(picture);
  }
  return node;
}

const DEPTH_MAX = 12;
const NODES_MAX = 2_000;
const ADDRESS = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,:;!?)\]]/g;

/** @param {unknown} href @returns {string} empty where it must not be followed */
export function safeAddress(href) {
  const protocol = URL.canParse(String(href)) ? new URL(String(href)).protocol : '';
  return ['http:', 'https:', 'mailto:', 'tel:'].includes(protocol) ? String(href) : '';
}

/** @param {string} href @param {(Node | string)[]} inside */
const link = (href, ...inside) => element('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow' }, ...inside);

/** A text with the addresses in it made into links. @param {string} text @returns {Node[]} */
function withLinks(text) {
  /** @type {Node[]} */
  const parts = [];
  let end = 0;
  for (const { 0: address, index } of text.matchAll(ADDRESS)) {
    parts.push(document.createTextNode(text.slice(end, index)), link(address, address));
    end = index + address.length;
  }
  return [...parts, document.createTextNode(text.slice(end))];
}

/** @param {string} text @returns {Node[]} */
export const renderText = (text) => text.split(/\n{2,}/).map((paragraph) =>
  element('p', {}, ...paragraph.split('\n').flatMap((line, index) => [...(index ? [element('br')] : []), ...withLinks(line)])));

/** @type {Record<string, keyof HTMLElementTagNameMap>} */
const BLOCKS = { paragraph: 'p', bulletList: 'ul', orderedList: 'ol', listItem: 'li' };

/** @param {DocNode} doc @returns {Node[]} */
export function renderDocument(doc) {
  let left = NODES_MAX;

  /** @param {DocNode} node @param {number} depth @returns {Node[]} */
  function render({ type, text, marks, attrs, content }, depth) {
    left -= 1;
    if (left < 0 || depth > DEPTH_MAX) return [];
    if (type === 'hardBreak') return [element('br')];
    if (type === 'image') return picture(attrs ?? {});
    const inside = (Array.isArray(content) ? content : []).flatMap((child) => render(child, depth + 1));
    const block = BLOCKS[type];
    if (block) return [element(block, {}, ...inside)];
    return text ? [...marked(text, marks ?? []), ...inside] : inside;
  }

  return render(doc, 0);
}

/** @param {string} text @param {DocMark[]} marks @returns {Node[]} */
function marked(text, marks) {
  /** @param {string} type */
  const mark = (type) => marks.find((one) => one.type === type);
  const href = safeAddress(mark('link')?.attrs?.href);
  let nodes = href || mark('code') ? [document.createTextNode(text)] : withLinks(text);
  if (mark('code')) nodes = [element('code', {}, ...nodes)];
  if (mark('italic')) nodes = [element('em', {}, ...nodes)];
  if (mark('bold')) nodes = [element('strong', {}, ...nodes)];
  return href ? [link(href, ...nodes)] : nodes;
}

/** The frame loads pictures from its own origin alone: one from elsewhere is a link. @param {Record<string, unknown>} attrs */
function picture({ src, alt }) {
  const href = safeAddress(src);
  const words = String(alt ?? '');
  if (!href) return [document.createTextNode(words)];
  const own = new URL(href).origin === location.origin;
  return [own ? element('img', { src: href, alt: words }) : element('p', {}, link(href, words || href))];
}
