/**
 * The conversation: a live log that stays at its end unless the visitor scrolled away.
 *
 * @import {State} from '../state/store.js'
 * @import {DayItem, MessageItem} from '../state/timeline.js'
 * @import {Context, Part} from './context.js'
 */
import { timeline } from '../state/timeline.js';
import { avatar } from './avatar.js';
import { element, icon, setText } from './element.js';
import { createMessage } from './message.js';

/** So near to the end counts as the end. */
const END_PX = 60;

/**
 * @param {Context} context
 * @returns {Part & {atEnd: () => boolean, onEnd: (fn: () => void) => void}}
 */
export function createLog(context) {
  const { text, clock } = context;
  const list = element('div', { class: 'list', role: 'log', 'aria-label': text.say('conversation') });
  const greeting = element(
    'div',
    { class: 'greeting' },
    element('p', { class: 'hello' }, text.say('greeting')),
    element('p', {}, text.say('welcome')),
  );
  const loading = element('p', { class: 'hint' }, text.say('loading'));
  const older = element('p', { class: 'hint' }, text.say('older'));
  const typing = createTyping(context);
  const scroller = element(
    'div',
    { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': text.say('conversation') },
    element('div', { class: 'inside' }, greeting, older, loading, list, typing.node),
  );
  const jump = element('button', { type: 'button', class: 'jump', hidden: true, onclick: toEnd }, icon('down'), text.say('newer'));
  const node = element('div', { class: 'log' }, scroller, jump);

  /** @type {Map<string, {node: HTMLElement, draw: (item: any) => void}>} */
  const rows = new Map();
  let follow = true;
  let newest = '';
  let reached = () => {};

  function toEnd() {
    follow = true;
    scroller.scrollTop = scroller.scrollHeight;
    jump.hidden = true;
  }

  scroller.addEventListener('scroll', () => {
    follow = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < END_PX;
    if (!follow) return;
    jump.hidden = true;
    reached();
  });
  // Pictures that load, the keyboard of a phone and a growing composer all move the end.
  const observer = new ResizeObserver(() => follow && toEnd());
  observer.observe(scroller);
  if (scroller.firstElementChild) observer.observe(scroller.firstElementChild);

  /** @param {DayItem | MessageItem} item */
  function row(item) {
    const known = rows.get(item.key);
    if (known) return known;
    const made = item.kind === 'day' ? createDay(context) : createMessage(context);
    rows.set(item.key, made);
    return made;
  }

  /** @param {State} state */
  function render(state) {
    const items = timeline(state);
    const keys = new Set(items.map((item) => item.key));
    for (const [key, { node: gone }] of rows) {
      if (!keys.has(key)) {
        gone.remove();
        rows.delete(key);
      }
    }
    items.forEach((item, index) => {
      const { node: here, draw } = row(item);
      draw(item);
      if (list.children[index] !== here) list.insertBefore(here, list.children[index] ?? null);
    });
    greeting.hidden = state.shortened;
    older.hidden = !state.shortened;
    loading.hidden = state.loaded || state.phase === 'refused';
    list.setAttribute('aria-busy', String(!state.loaded));
    typing.render(state);
    settle(items);
  }

  /** @param {(DayItem | MessageItem)[]} items */
  function settle(items) {
    const last = items[items.length - 1];
    const key = last?.key ?? '';
    if (key === newest) return;
    const ours = last?.kind === 'message' && last.ours;
    const wasEmpty = newest === '';
    newest = key;
    if (follow || ours || wasEmpty) toEnd();
    else jump.hidden = false;
  }

  return {
    node,
    render,
    atEnd: () => follow,
    onEnd(fn) {
      reached = fn;
    },
    stop: () => observer.disconnect(),
  };

  /** @param {Context} day */
  function createDay({ text: words }) {
    const label = element('span');
    return {
      node: element('div', { class: 'day' }, label),
      /** @param {DayItem} item */
      draw: (item) => setText(label, words.day(item.at, clock.now())),
    };
  }
}

/**
 * Who is typing: three dots to see, a sentence to hear.
 * @param {Context} context
 */
function createTyping({ text }) {
  const face = element('div', { class: 'face' });
  const sentence = element('span', { class: 'unseen', role: 'status' });
  const dots = element('div', { class: 'bubble dots', 'aria-hidden': 'true' }, element('i'), element('i'), element('i'));
  const node = element('div', { class: 'message theirs typing' }, face, element('div', { class: 'stack' }, dots, sentence));
  let shown = '';
  return {
    node,
    /** @param {State} state */
    render({ typist }) {
      const name = typist ? typist.name || text.say('team') : '';
      node.classList.toggle('on', typist !== null);
      if (name === shown) return;
      shown = name;
      if (typist) face.replaceChildren(avatar(typist, name));
      setText(sentence, typist ? text.say('typing', { name }) : '');
    },
  };
}
