/**
 * The conversation: a live log that stays at its end unless the visitor scrolled away.
 *
 * Guarantees: a message's element lives as long as the message does, from the moment it is written; what changes is
 * changed in place, so that a screen reader hears a message once.
 */
import { timeline } from '../state.js';
import { avatar, box, button, element, icon, renderDocument, renderText, setText } from './element.js';

/** So near to the end counts as the end. */
const END_PX = 60;
/** SVG can carry scripts and so is not shown, though it is a picture. */
const PICTURES = /^image\/(png|jpeg|gif|webp|avif)$/;

/** @param {Context} context @returns {Part & {atEnd: () => boolean, onEnd: (fn: () => void) => void}} */
export function createLog(context) {
  const { text, clock } = context;
  const list = element('div', { class: 'list', role: 'log', 'aria-label': text.say('conversation') });
  const greeting = box('greeting', element('p', { class: 'hello' }, text.say('greeting')), element('p', {}, text.say('welcome')));
  const loading = element('p', { class: 'hint' }, text.say('loading'));
  const older = element('p', { class: 'hint' }, text.say('older'));
  const typing = createTyping(context);
  const inside = box('inside', greeting, older, loading, list, typing.node);
  const scroller = element('div', { class: 'scroller', tabindex: '0', role: 'region', 'aria-label': text.say('conversation') }, inside);
  const jump = button({ class: 'jump', hidden: true, onclick: toEnd }, icon('down'), text.say('newer'));

  /** @type {Map<string, {node: HTMLElement, draw: (item: any) => void}>} */
  const rows = new Map();
  let follow = true;
  let top = 0;
  let newest = '';
  let reached = () => {};

  function toEnd() {
    follow = true;
    scroller.scrollTop = scroller.scrollHeight;
    jump.hidden = true;
  }

  scroller.addEventListener('scroll', () => {
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    // What grows below moves the end away, too; only going up means that the visitor wants to stay there.
    if (scrollTop < top) follow = false;
    top = scrollTop;
    if (scrollHeight - scrollTop - clientHeight > END_PX) return;
    follow = true;
    jump.hidden = true;
    reached();
  });
  // Pictures that load, the keyboard of a phone and a growing composer all move the end.
  const observer = new ResizeObserver(() => follow && toEnd());
  observer.observe(scroller);
  observer.observe(inside);

  function createDay() {
    const label = element('span');
    return {
      node: box('day', label),
      /** @param {DayItem} item */
      draw: ({ at }) => setText(label, text.day(at, clock.now())),
    };
  }

  /** @param {Item} item @param {number} index */
  function place(item, index) {
    const row = rows.get(item.key) ?? (item.kind === 'day' ? createDay() : createMessage(context));
    rows.set(item.key, row);
    row.draw(item);
    const there = list.children[index];
    if (there !== row.node) list.insertBefore(row.node, there ?? null);
  }

  /** @param {State} state */
  function render(state) {
    const items = timeline(state);
    const keys = new Set(items.map(({ key }) => key));
    for (const [key, { node }] of rows) {
      if (keys.has(key)) continue;
      node.remove();
      rows.delete(key);
    }
    items.forEach(place);
    greeting.hidden = state.shortened;
    older.hidden = !state.shortened;
    loading.hidden = state.loaded || state.phase === 'refused';
    list.setAttribute('aria-busy', String(!state.loaded));
    typing.render(state);
    settle(items[items.length - 1]);
  }

  /** @param {Item | undefined} last */
  function settle(last) {
    if (!last || last.key === newest) return;
    const ours = last.kind === 'message' && last.ours;
    if (follow || ours || !newest) toEnd();
    else jump.hidden = false;
    newest = last.key;
  }

  return {
    node: box('log', scroller, jump),
    render,
    atEnd: () => follow,
    onEnd(fn) {
      reached = fn;
    },
    stop: () => observer.disconnect(),
  };
}

/** Who is typing: three dots to see, a sentence to hear. @param {Context} context */
function createTyping({ text }) {
  const face = box('face');
  const sentence = element('span', { class: 'unseen', role: 'status' });
  const dots = element('div', { class: 'bubble dots', 'aria-hidden': 'true' }, element('i'), element('i'), element('i'));
  const node = box('message theirs typing', face, box('stack', dots, sentence));
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

/** @param {Context} context */
function createMessage(context) {
  const { text, actions } = context;
  const face = box('face');
  const who = element('p', { class: 'who' });
  const bubble = element('div', { class: 'bubble', dir: 'auto' });
  const files = box('files');
  const time = element('time');
  const delivery = element('span', { class: 'delivery' });
  const choices = element('span', { class: 'choices', hidden: true });
  const meta = element('p', { class: 'meta' }, time, delivery, choices);
  const node = box('', face, box('stack', who, bubble, files, meta));
  let said = '';
  let attached = '';

  /** @param {MessageItem} item */
  function draw(item) {
    const { ours, author, at, first, last } = item;
    const name = ours ? text.say('you') : author.name || text.say('team');
    const side = author.kind === 'system' ? 'system' : ours ? 'ours' : 'theirs';
    node.className = `message ${side} ${item.delivery ?? ''}${first ? ' first' : ''}${last ? ' last' : ''}`;
    setText(who, name);
    who.classList.toggle('unseen', ours || !first);
    if (!ours && !face.firstChild) face.append(avatar(author, name));
    setText(time, text.time(at));
    setText(delivery, item.delivery ? text.say(item.delivery) : '');
    meta.classList.toggle('unseen', !(ours ? item.telling : last));
    drawContent(item);
    drawChoices(item);
  }

  /** @param {MessageItem} item */
  function drawContent({ ours, content, text: plain, attachments }) {
    // A visitor writes plain text: the tree says nothing more, and its coming must not draw the message anew.
    const rich = ours ? null : content;
    const now = rich ? JSON.stringify(rich) : plain;
    if (now !== said) bubble.replaceChildren(...(rich ? renderDocument(rich) : renderText(plain)));
    said = now;
    bubble.hidden = plain === '' && attachments.length > 0;
    const ids = attachments.map(({ id }) => id).join();
    if (ids !== attached) files.replaceChildren(...attachments.map((file) => createFile(file, context)));
    attached = ids;
  }

  /** @param {MessageItem} item */
  function drawChoices({ delivery: how, pending }) {
    const wanted = how === 'failed' && pending !== null;
    if (wanted !== choices.hidden) return;
    choices.hidden = !wanted;
    choices.replaceChildren(...(wanted ? [
      button({ class: 'plain', onclick: () => actions.resend(pending) }, text.say('resend')),
      button({ class: 'plain', onclick: () => actions.discard(pending) }, text.say('discard')),
    ] : []));
  }

  return { node, draw };
}

/** A picture is shown, another file named; each opens in a tab of its own. @param {Attachment} file @param {Context} context */
function createFile({ id, filename: name, type, size }, { text, actions }) {
  const problem = element('p', { class: 'problem', role: 'status' });
  const face = button({ class: 'file', onclick: open },
    icon('file'),
    element('span', { class: 'file-name', dir: 'auto' }, name),
    element('span', { class: 'file-size' }, text.size(size)));

  async function open() {
    setText(problem, '');
    try {
      element('a', { href: await actions.address(id), target: '_blank', rel: 'noopener noreferrer' }).click();
    } catch {
      setText(problem, text.say('cannotOpen', { name }));
    }
  }

  async function show() {
    try {
      const src = await actions.address(id);
      const picture = element('img', { src, alt: '', onload: () => face.classList.add('picture'), onerror: () => picture.remove() });
      face.prepend(picture);
    } catch {
      // The name and the size stay; opening it says what is wrong.
    }
  }

  if (PICTURES.test(type)) show();
  return box('file-slot', face, problem);
}
