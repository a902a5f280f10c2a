/**
 * Files that are being attached to the message in the composer.
 *
 * Guarantees: a file that is too large is refused before anything is sent; each upload can be ended, and is ended with
 * the composer; what was uploaded is kept in the draft across pages.
 *
 * @import {Attachment} from '../wire.js'
 * @import {Context} from './context.js'
 *
 * @typedef {{file: File | null, done: Attachment | null, abort: () => void, node: HTMLElement}} Chip
 */
import { FILE_BYTES_MAX } from '../net/api.js';
import { element, icon, setText } from './element.js';

/**
 * @param {Context} context
 * @param {{changed: () => void, complain: (sentence: string) => void}} on
 */
export function createUploads({ text, actions }, on) {
  const node = element('div', { class: 'chips' });
  /** @type {Chip[]} */
  let chips = [];

  /** @param {Iterable<File>} files */
  function add(files) {
    for (const file of files) {
      const max = actions.limits().attachments_max;
      if (chips.length >= max) {
        on.complain(text.count('fileLimit', max));
        return;
      }
      if (file.size > FILE_BYTES_MAX) on.complain(text.say('fileTooLarge', { name: file.name }));
      else start(file);
    }
  }

  /**
   * @param {string} name
   * @param {() => void} remove
   */
  function draw(name, remove) {
    const state = element('span', { class: 'chip-state' });
    const bar = element('progress', { max: '1', value: '0', 'aria-label': text.say('uploading', { name }) });
    const again = element('button', { type: 'button', class: 'plain', hidden: true }, text.say('tryAgain'));
    const drop = element(
      'button',
      { type: 'button', class: 'chip-drop', 'aria-label': text.say('remove', { name }), onclick: remove },
      icon('close'),
    );
    const chip = element('div', { class: 'chip' }, icon('file'), element('span', { class: 'chip-name', dir: 'auto' }, name), bar, state, again, drop);
    node.append(chip);
    return { chip, state, bar, again };
  }

  /** @param {File} file */
  function start(file) {
    const { chip, state, bar, again } = draw(file.name, () => remove(entry));
    /** @type {Chip} */
    const entry = { file, done: null, abort: () => {}, node: chip };
    chips.push(entry);
    again.addEventListener('click', run);
    run();

    async function run() {
      bar.hidden = false;
      again.hidden = true;
      chip.classList.remove('bad');
      entry.file = file;
      const upload = actions.upload(file, (part) => {
        bar.value = part;
        setText(state, text.percent(part));
      });
      entry.abort = upload.abort;
      on.changed();
      try {
        entry.done = await upload.done;
        finish(state, bar, entry.done);
      } catch {
        if (!chips.includes(entry)) return;
        entry.file = null;
        bar.hidden = true;
        again.hidden = false;
        chip.classList.add('bad');
        setText(state, '');
        on.complain(text.say('fileFailed', { name: file.name }));
      }
      on.changed();
    }
  }

  /**
   * @param {HTMLElement} state
   * @param {HTMLElement} bar
   * @param {Attachment} file
   */
  function finish(state, bar, file) {
    bar.hidden = true;
    setText(state, text.size(file.size));
  }

  /** @param {Chip} entry */
  function remove(entry) {
    entry.abort();
    entry.node.remove();
    chips = chips.filter((one) => one !== entry);
    on.changed();
  }

  return {
    node,
    add,
    /** @param {Attachment[]} files from a draft */
    restore(files) {
      for (const file of files) {
        const { chip, state, bar } = draw(file.filename, () => remove(entry));
        const entry = { file: null, done: file, abort() {}, node: chip };
        chips.push(entry);
        finish(state, bar, file);
      }
    },
    /** Some are on their way. */
    busy: () => chips.some((chip) => chip.file !== null && chip.done === null),
    /** @returns {Attachment[]} */
    ready: () => chips.flatMap((chip) => (chip.done ? [chip.done] : [])),
    /** Takes away what was sent; what failed stays. */
    clear() {
      chips.filter((chip) => chip.done).forEach((chip) => chip.node.remove());
      chips = chips.filter((chip) => !chip.done);
    },
    stop: () => chips.forEach((chip) => chip.abort()),
  };
}
