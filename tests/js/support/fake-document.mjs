/**
 * As much of a document as the widget needs to make elements, and a way to read them back as text.
 */
class FakeNode {
  constructor(name, data = '') {
    Object.assign(this, { name, data, attributes: {}, children: [] });
  }

  append(...nodes) {
    this.children.push(...nodes.map((node) => (typeof node === 'string' ? new FakeNode('#text', node) : node)));
  }

  setAttribute(key, value) {
    this.attributes[key] = value;
  }

  addEventListener() {}
}

export function installFakeDocument() {
  globalThis.document = {
    createElement: (name) => new FakeNode(name),
    createElementNS: (_space, name) => new FakeNode(name),
    createTextNode: (text) => new FakeNode('#text', text),
  };
  globalThis.location = new URL('https://chat.example/widget/v1/frame');
}

/** Reads nodes back: `<p>text <a href=…>text</a></p>`; a text is quoted so that what looks like markup shows. */
export function outline(nodes) {
  return nodes.map((node) => {
    if (node.name === '#text') return node.data === '' ? '' : `"${node.data}"`;
    const attributes = Object.entries(node.attributes).filter(([key]) => ['href', 'src', 'alt'].includes(key)).map(([key, value]) => ` ${key}=${value}`);
    return `<${node.name}${attributes.join('')}>${outline(node.children)}</${node.name}>`;
  }).join('');
}
