// The few things that views need to make and keep elements.
//
// Guarantees: text is only ever set as text; `reconcile` keeps the element of a key, so focus, selection and scroll survive an
// update, and touches only what changed. It does not own listeners: those go through a scope.

/**
 * Makes an element. `class`, `text` and attributes are set as they are; a null or false attribute is left out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string|number|boolean|null|undefined>} [attributes]
 * @param {(Node|string|null)[]} [children]
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = String(value ?? "");
    else set(element, name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/**
 * Sets or removes an attribute; nothing happens if it is so already.
 * @param {Element} element
 * @param {string} name
 * @param {string|number|boolean|null|undefined} value
 */
export function set(element, name, value) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/**
 * @param {Node} node
 * @param {string} text
 */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * @param {HTMLElement} element
 * @param {boolean} shown
 */
export function show(element, shown) {
  if (element.hidden === shown) element.hidden = !shown;
}

/** @type {WeakMap<Element, Map<string, {element: HTMLElement, item: unknown}>>} */
const KEPT = new WeakMap();

/**
 * Makes the children of `parent` those of `items`, in order, each kept by its key.
 * @template I
 * @param {HTMLElement} parent
 * @param {I[]} items
 * @param {{key: (item: I) => string, make: (item: I) => HTMLElement, update: (element: HTMLElement, item: I) => void,
 *   same?: (one: I, other: I) => boolean}} how `update` is called after `make` too; `same` spares an update
 */
export function reconcile(parent, items, { key, make, update, same = Object.is }) {
  const before = KEPT.get(parent) ?? new Map();
  const after = new Map();
  for (const item of items) {
    const id = key(item);
    const kept = before.get(id);
    const element = kept?.element ?? make(item);
    if (!kept || !same(/** @type {I} */ (kept.item), item)) update(element, item);
    after.set(id, { element, item });
  }
  for (const [id, { element }] of before) {
    if (!after.has(id)) element.remove();
  }
  /** @type {ChildNode|null} */
  let place = parent.firstChild;
  for (const { element } of after.values()) {
    if (place !== null && element === place) place = place.nextSibling;
    else parent.insertBefore(element, place);
  }
  KEPT.set(parent, after);
}

/**
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => E} kind
 * @returns {E}
 */
export function find(root, selector, kind) {
  const element = root.querySelector(selector);
  if (!(element instanceof kind)) throw new Error(`no ${selector} in the page`);
  return element;
}

/**
 * The nearest element with a data attribute, from where an event happened.
 * @param {Event} event
 * @param {string} name
 * @returns {string|null}
 */
export function dataAt(event, name) {
  if (!(event.target instanceof Element)) return null;
  return event.target.closest(`[data-${name}]`)?.getAttribute(`data-${name}`) ?? null;
}
