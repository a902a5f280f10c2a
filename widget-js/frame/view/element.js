/**
 * Makes elements. Text is always text; there is no way to hand in markup.
 */

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | boolean | ((event: any) => void)>} [attributes] `on…`: a listener; false: left out
 * @param {(Node | string | null)[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(key.slice(2), value);
    else if (value !== false) node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** @type {Record<string, string>} outlines on a 24 × 24 grid */
const ICONS = {
  close: 'M6 6l12 12M18 6L6 18',
  send: 'M12 19V6M6 11l6-6 6 6',
  clip: 'M19 11.5l-7.2 7.2a4.6 4.6 0 01-6.5-6.5l7.6-7.6a3.1 3.1 0 014.4 4.4l-7.6 7.6a1.5 1.5 0 01-2.2-2.2l7-7',
  file: 'M7 3h7l4 4v14H7zM14 3v4h4',
  down: 'M12 5v13M6 12.5l6 6 6-6',
};

/**
 * A picture that says nothing by itself: the control around it has the words.
 * @param {keyof typeof ICONS} name
 */
export function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const path = document.createElementNS(space, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'icon');
  path.setAttribute('d', ICONS[name] ?? '');
  svg.append(path);
  return svg;
}

/**
 * Sets a text only where it differs, so that live regions speak once.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
