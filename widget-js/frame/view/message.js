/**
 * One message in the log.
 *
 * Guarantees: its element lives as long as the message does, from the moment it is written; what changes is changed in
 * place, so that a screen reader hears a message once and its delivery when that changes.
 *
 * @import {MessageItem} from '../state/timeline.js'
 * @import {Context} from './context.js'
 */
import { renderDocument, renderText } from '../content.js';
import { avatar } from './avatar.js';
import { element, setText } from './element.js';
import { fileView } from './files.js';

/**
 * @param {Context} context
 */
export function createMessage(context) {
  const { text, actions } = context;
  const face = element('div', { class: 'face' });
  const who = element('p', { class: 'who' });
  const bubble = element('div', { class: 'bubble', dir: 'auto' });
  const files = element('div', { class: 'files' });
  const time = element('time');
  const delivery = element('span', { class: 'delivery' });
  const meta = element('p', { class: 'meta' }, time, delivery);
  const node = element('div', { class: 'message' }, face, element('div', { class: 'stack' }, who, bubble, files, meta));
  let said = '';
  let attached = '';
  let clientId = '';
  /** @type {HTMLElement | null} */
  let choices = null;

  /** @param {MessageItem} item */
  function draw(item) {
    const name = item.ours ? text.say('you') : item.author.name || text.say('team');
    node.className = `message ${item.author.kind === 'system' ? 'system' : item.ours ? 'ours' : 'theirs'}`;
    node.classList.toggle('first', item.first);
    node.classList.toggle('last', item.last);
    node.classList.toggle('pending', item.pending !== null);
    setText(who, name);
    who.classList.toggle('unseen', item.ours || !item.first);
    if (face.childElementCount === 0 && !item.ours) face.append(avatar(item.author, name));
    setText(time, text.time(item.at));
    time.dateTime = new Date(item.at).toISOString();
    setText(delivery, item.delivery ? text.say(item.delivery) : '');
    node.classList.toggle('failed', item.delivery === 'failed');
    meta.classList.toggle('unseen', !(item.ours ? item.telling : item.last));
    drawContent(item);
    drawChoices(item);
  }

  /** @param {MessageItem} item */
  function drawContent(item) {
    // A visitor writes plain text, so the tree says nothing more, and its coming must not draw the message anew.
    const rich = item.ours ? null : item.content;
    const now = rich ? JSON.stringify(rich) : item.text;
    if (now !== said) {
      said = now;
      bubble.replaceChildren(...(rich ? renderDocument(rich) : renderText(item.text)));
    }
    bubble.hidden = item.text === '' && item.attachments.length > 0;
    const ids = item.attachments.map((file) => file.id).join();
    if (ids === attached) return;
    attached = ids;
    files.replaceChildren(...item.attachments.map((file) => fileView(file, context)));
  }

  /** @param {MessageItem} item */
  function drawChoices(item) {
    const wanted = item.delivery === 'failed' && item.pending !== null;
    clientId = item.pending ?? '';
    if (wanted === (choices !== null)) return;
    choices?.remove();
    choices = wanted
      ? element(
        'span',
        { class: 'choices' },
        element('button', { type: 'button', class: 'plain', onclick: () => actions.resend(clientId) }, text.say('resend')),
        element('button', { type: 'button', class: 'plain', onclick: () => actions.discard(clientId) }, text.say('discard')),
      )
      : null;
    if (choices) meta.append(choices);
  }

  return { node, draw };
}
