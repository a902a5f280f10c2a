/**
 * The top: whose chat this is, who answers, and the way out.
 *
 * @import {Author, State} from '../state/store.js'
 * @import {Context, Part} from './context.js'
 */
import { avatar } from './avatar.js';
import { element, icon, setText } from './element.js';

const FACES_MAX = 3;

/**
 * @param {Context} context
 * @param {boolean} closable
 * @returns {Part}
 */
export function createHeader({ text, actions }, closable) {
  const faces = element('div', { class: 'faces' });
  const title = element('h1');
  const subtitle = element('p');
  const close = element(
    'button',
    { type: 'button', class: 'round', 'aria-label': text.say('close'), hidden: !closable, onclick: actions.close },
    icon('close'),
  );
  const node = element('header', { class: 'top' }, faces, element('div', { class: 'names' }, title, subtitle), close);
  let shown = '';

  return {
    node,
    render(state) {
      setText(title, state.config.theme?.headerText || state.config.headerText || text.say('chat'));
      const people = answering(state);
      setText(subtitle, people.map((one) => one.name).join(', ') || text.say('subtitle'));
      const names = people.map((one) => `${one.name}${one.avatarUrl}`).join();
      if (names === shown) return;
      shown = names;
      faces.replaceChildren(...people.map((one) => avatar(one, one.name ?? '')));
    },
  };
}

/**
 * The people who answered last, each once.
 * @param {State} state
 * @returns {Author[]}
 */
function answering(state) {
  /** @type {Map<string, Author>} */
  const people = new Map();
  for (const { author } of [...state.messages].reverse()) {
    if (author.kind === 'agent' && author.name && people.size < FACES_MAX && !people.has(author.name)) {
      people.set(author.name, author);
    }
  }
  return [...people.values()];
}
