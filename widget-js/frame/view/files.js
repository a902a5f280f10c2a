/**
 * The files of a message: pictures are shown, others named, and each opens in a tab of its own.
 *
 * @import {Attachment} from '../wire.js'
 * @import {Context} from './context.js'
 */
import { element, icon, setText } from './element.js';

/** SVG can carry scripts and so is not shown, though it is a picture. */
const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'];

/**
 * @param {Attachment} file
 * @param {Context} context
 */
export function fileView(file, { text, actions }) {
  const name = file.filename;
  const problem = element('p', { class: 'problem', role: 'status' });
  const button = element(
    'button',
    { type: 'button', class: 'file', 'aria-label': text.say('open', { name }), onclick: open },
    icon('file'),
    element('span', { class: 'file-name', dir: 'auto' }, name),
    element('span', { class: 'file-size' }, text.size(file.size)),
  );

  async function open() {
    setText(problem, '');
    try {
      const href = await actions.address(file.id);
      element('a', { href, target: '_blank', rel: 'noopener noreferrer' }).click();
    } catch {
      setText(problem, text.say('cannotOpen', { name }));
    }
  }

  async function show() {
    try {
      const src = await actions.address(file.id);
      const picture = element('img', { src, alt: '', onload: () => button.classList.add('picture'), onerror: () => picture.remove() });
      button.prepend(picture);
    } catch {
      // The name and the size stay; opening it says what is wrong.
    }
  }

  if (PICTURES.includes(file.type)) show();
  return element('div', { class: 'file-slot' }, button, problem);
}
