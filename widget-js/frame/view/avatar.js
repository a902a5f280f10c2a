/**
 * A face, or the initials of a name on a colour that goes with the name.
 *
 * @import {Author} from '../state/store.js'
 */
import { element } from './element.js';

const TINTS = 6;

/** @param {string} name */
export function initials(name) {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words[words.length - 1] : ''].map((word) => [...(word ?? '')][0] ?? '');
  return letters.join('').toLocaleUpperCase();
}

/**
 * @param {Author} author
 * @param {string} name what to call an author without one
 */
export function avatar(author, name) {
  const sum = [...name].reduce((total, letter) => total + (letter.codePointAt(0) ?? 0), 0);
  const node = element('span', { class: `avatar tint-${sum % TINTS}`, 'aria-hidden': 'true' }, initials(name));
  if (author.avatarUrl) {
    const picture = element('img', { src: author.avatarUrl, alt: '', onerror: () => picture.remove() });
    node.append(picture);
  }
  return node;
}
