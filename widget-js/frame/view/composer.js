/**
 * Where the visitor writes. Enter sends, Shift+Enter begins a line.
 *
 * Guarantees: what is being written is kept across pages until it is sent; nothing is cut: a text that is too long says by
 * how much and stays.
 *
 * @import {Context, Part} from './context.js'
 */
import { element, icon, setText } from './element.js';
import { createUploads } from './uploads.js';

/** A visitor who writes is said to type at most this often. */
const TYPING_EVERY_MS = 3_000;
/** Silence after which the visitor no longer counts as typing. */
const TYPING_ENDS_MS = 5_000;
const HEIGHT_PX_MAX = 140;

/**
 * @param {Context} context
 * @returns {Part & {focus: () => void}}
 */
export function createComposer(context) {
  const { text, actions, clock, kept } = context;
  const area = element('textarea', {
    rows: '1', dir: 'auto', placeholder: text.say('write'), 'aria-label': text.say('message'), enterkeyhint: 'send',
    oninput: changed, onkeydown: key, onpaste: paste,
  });
  const picker = element('input', { type: 'file', multiple: true, hidden: true, tabindex: '-1', onchange: pick });
  const attach = element('button', { type: 'button', class: 'round', 'aria-label': text.say('attach'), onclick: () => picker.click() }, icon('clip'));
  const send = element('button', { type: 'submit', class: 'round go', 'aria-label': text.say('send') }, icon('send'));
  const problem = element('p', { class: 'problem', role: 'status' });
  const uploads = createUploads(context, { changed: uploadsChanged, complain: (sentence) => setText(problem, sentence) });
  const box = element('div', { class: 'box' }, attach, area, send);
  const node = element('form', { class: 'composer', onsubmit: submit, ondragover: drag, ondrop: drop }, problem, uploads.node, box, picker);

  let sendWhenReady = false;
  let files = false;
  let typedAt = 0;
  let cancelTyping = () => {};

  const draft = kept.get('draft');
  if (draft) {
    area.value = String(draft.text ?? '');
    uploads.restore(Array.isArray(draft.files) ? draft.files : []);
  }
  queueMicrotask(fit);

  function fit() {
    area.style.height = 'auto';
    area.style.height = `${Math.min(area.scrollHeight, HEIGHT_PX_MAX)}px`;
    const said = area.value.trim() !== '' || uploads.ready().length > 0 || uploads.busy();
    send.classList.toggle('idle', !said);
  }

  function keep() {
    const now = { text: area.value, files: uploads.ready() };
    if (now.text || now.files.length) kept.set('draft', now);
    else kept.remove('draft');
  }

  function changed() {
    setText(problem, '');
    sendWhenReady = false;
    fit();
    keep();
    tellTyping();
  }

  function tellTyping() {
    cancelTyping();
    if (area.value === '') return endTyping();
    if (clock.now() - typedAt >= TYPING_EVERY_MS) {
      typedAt = clock.now();
      actions.typing(true);
    }
    cancelTyping = clock.after(TYPING_ENDS_MS, endTyping);
  }

  function endTyping() {
    cancelTyping();
    if (typedAt) actions.typing(false);
    typedAt = 0;
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    // While an input method composes a character, Enter belongs to it.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit(event);
  }

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    const said = area.value.trim();
    const over = [...said].length - actions.limits().text_chars_max;
    if (over > 0) return setText(problem, text.count('tooLong', over));
    if (uploads.busy()) {
      sendWhenReady = true;
      return setText(problem, text.say('sendsLater'));
    }
    const attached = uploads.ready();
    if (!said && attached.length === 0) return undefined;
    actions.write(said, attached);
    area.value = '';
    uploads.clear();
    setText(problem, '');
    sendWhenReady = false;
    endTyping();
    keep();
    fit();
    return area.focus();
  }

  function uploadsChanged() {
    fit();
    keep();
    if (sendWhenReady && !uploads.busy()) node.requestSubmit();
  }

  function pick() {
    uploads.add(picker.files ?? []);
    picker.value = '';
    area.focus();
  }

  /** @param {ClipboardEvent} event */
  function paste(event) {
    const pasted = event.clipboardData?.files;
    if (!files || !pasted?.length) return;
    event.preventDefault();
    uploads.add(pasted);
  }

  /** @param {DragEvent} event */
  function drag(event) {
    if (files) event.preventDefault();
  }

  /** @param {DragEvent} event */
  function drop(event) {
    if (!files || !event.dataTransfer?.files.length) return;
    event.preventDefault();
    uploads.add(event.dataTransfer.files);
  }

  return {
    node,
    focus: () => area.focus(),
    render(state) {
      files = state.config.allowFileUploads === true;
      attach.hidden = !files;
    },
    stop() {
      cancelTyping();
      uploads.stop();
    },
  };
}
