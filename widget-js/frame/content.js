/**
 * A message's document tree as elements.
 *
 * Guarantees: text becomes text nodes, never markup; a link leads to the web, to mail or to a telephone and nowhere else;
 * a node that is not known shows what text it holds; depth and number of nodes are bounded.
 *
 * @import {Mark, Node as Doc} from './wire.js'
 */
import { element } from './view/element.js';

const DEPTH_MAX = 12;
const NODES_MAX = 2_000;
const ADDRESS = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,:;!?)\]]/g;

/**
 * @param {unknown} href
 * @returns {string | null} null where it must not be followed
 */
export function safeAddress(href) {
  if (typeof href !== 'string') return null;
  try {
    const { protocol } = new URL(href);
    return ['http:', 'https:', 'mailto:', 'tel:'].includes(protocol) ? href : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} href
 * @param {(Node | string)[]} inside
 */
function link(href, ...inside) {
  return element('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow' }, ...inside);
}

/**
 * A text with the addresses in it made into links.
 * @param {string} text
 * @returns {(Node | string)[]}
 */
function withLinks(text) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    parts.push(text.slice(end, match.index), link(match[0], match[0]));
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== '');
}

/**
 * @param {string} text
 * @returns {HTMLElement[]}
 */
export function renderText(text) {
  return text.split(/\n{2,}/).map((paragraph) => {
    const lines = paragraph.split('\n').flatMap((line, index) => [...(index ? [element('br')] : []), ...withLinks(line)]);
    return element('p', {}, ...lines);
  });
}

/**
 * @param {Doc} doc
 * @returns {Node[]}
 */
export function renderDocument(doc) {
  let left = NODES_MAX;

  /**
   * @param {Doc[] | undefined} nodes
   * @param {number} depth
   * @returns {Node[]}
   */
  function all(nodes, depth) {
    if (!Array.isArray(nodes) || depth > DEPTH_MAX) return [];
    return nodes.flatMap((node) => (left-- > 0 ? one(node, depth) : []));
  }

  /**
   * @param {Doc} node
   * @param {number} depth
   * @returns {Node[]}
   */
  function one(node, depth) {
    switch (node.type) {
      case 'text': return marked(node.text ?? '', node.marks ?? []);
      case 'hardBreak': return [element('br')];
      case 'paragraph': return [element('p', {}, ...all(node.content, depth + 1))];
      case 'bulletList': return [element('ul', {}, ...all(node.content, depth + 1))];
      case 'orderedList': return [element('ol', {}, ...all(node.content, depth + 1))];
      case 'listItem': return [element('li', {}, ...all(node.content, depth + 1))];
      case 'image': return picture(node.attrs ?? {});
      default: return [...(node.text ? marked(node.text, []) : []), ...all(node.content, depth + 1)];
    }
  }

  return all(doc.content, 1);
}

/**
 * @param {string} text
 * @param {Mark[]} marks
 * @returns {Node[]}
 */
function marked(text, marks) {
  const href = marks.map((mark) => (mark.type === 'link' ? safeAddress(mark.attrs?.href) : null)).find(Boolean);
  const code = marks.some((mark) => mark.type === 'code');
  /** @type {Node[]} */
  let nodes = href || code
    ? [document.createTextNode(text)]
    : withLinks(text).map((part) => (typeof part === 'string' ? document.createTextNode(part) : part));
  if (code) nodes = [element('code', {}, ...nodes)];
  if (marks.some((mark) => mark.type === 'italic')) nodes = [element('em', {}, ...nodes)];
  if (marks.some((mark) => mark.type === 'bold')) nodes = [element('strong', {}, ...nodes)];
  return href ? [link(href, ...nodes)] : nodes;
}

/**
 * The frame loads pictures from its own origin alone: one from elsewhere is a link to it.
 * @param {Record<string, unknown>} attrs
 * @returns {Node[]}
 */
function picture({ src, alt }) {
  const href = safeAddress(src);
  const words = typeof alt === 'string' ? alt : '';
  if (!href) return words ? [document.createTextNode(words)] : [];
  if (new URL(href).origin !== location.origin) return [element('p', {}, link(href, words || href))];
  return [element('img', { src: href, alt: words, loading: 'lazy' })];
}
