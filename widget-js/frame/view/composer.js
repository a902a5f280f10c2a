/**
 * Where the visitor writes. Enter sends, Shift+Enter begins a line.
 *
 * Guarantees: what is being written, uploaded files included, is kept across pages until it is sent; nothing is cut: a
 * text that is too long says by how much and stays; a file that is too large is refused before anything is sent.
 */
import { FILE_BYTES_MAX } from '../net.js';
import { box, button, element, icon, setText } from './element.js';

/** A visitor who writes is said to type at most this often. */
const TYPING_EVERY_MS = 3_000;
/** Silence after which the visitor no longer counts as typing. */
const TYPING_ENDS_MS = 5_000;
const HEIGHT_PX_MAX = 140;

/** @param {Context} context @returns {Part & {focus: () => void}} */
export function createComposer(context) {
  const { text, actions, clock, kept } = context;
  const area = element('textarea', {
    rows: '1', dir: 'auto', placeholder: text.say('write'), 'aria-label': text.say('message'), enterkeyhint: 'send',
    oninput: changed, onkeydown: key, onpaste: paste,
  });
  const picker = element('input', { type: 'file', multiple: true, hidden: true, onchange: pick });
  const attach = button({ class: 'round', 'aria-label': text.say('attach'), onclick: () => picker.click() }, icon('clip'));
  const send = button({ type: 'submit', class: 'round go', 'aria-label': text.say('send') }, icon('send'));
  const problem = element('p', { class: 'problem', role: 'status' });
  const uploads = createUploads(context, uploadsChanged, (sentence) => setText(problem, sentence));
  const node = element('form', { class: 'composer', onsubmit: submit, ondragover: drag, ondrop: drop },
    problem, uploads.node, box('box', attach, area, send), picker);
  let sendWhenReady = false;
  let typedAt = 0;
  let cancelTyping = () => {};

  const draft = kept.get('draft');
  area.value = draft?.text ?? '';
  uploads.restore(draft?.files ?? []);
  queueMicrotask(fit);

  function fit() {
    area.style.height = 'auto';
    area.style.height = `${Math.min(area.scrollHeight, HEIGHT_PX_MAX)}px`;
    send.classList.toggle('idle', !area.value.trim() && !uploads.ready().length && !uploads.busy());
  }

  function keep() {
    kept.set('draft', { text: area.value, files: uploads.ready() });
    fit();
  }

  function changed() {
    setText(problem, '');
    sendWhenReady = false;
    keep();
    cancelTyping();
    if (!area.value) {
      endTyping();
      return;
    }
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
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
  }

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    const said = area.value.trim();
    const over = [...said].length - actions.limits().text_chars_max;
    if (over > 0) {
      setText(problem, text.count('tooLong', over));
    } else if (uploads.busy()) {
      sendWhenReady = true;
      setText(problem, text.say('sendsLater'));
    } else if (said || uploads.ready().length) {
      actions.write(said, uploads.ready());
      area.value = '';
      uploads.clear();
      changed();
      area.focus();
    }
  }

  function uploadsChanged() {
    keep();
    if (sendWhenReady && !uploads.busy()) node.requestSubmit();
  }

  function pick() {
    uploads.add(picker.files);
    picker.value = '';
    area.focus();
  }

  /** @param {ClipboardEvent} event */
  function paste(event) {
    const files = event.clipboardData?.files;
    if (attach.hidden || !files?.length) return;
    event.preventDefault();
    uploads.add(files);
  }

  /** @param {DragEvent} event */
  function drag(event) {
    if (!attach.hidden) event.preventDefault();
  }

  /** @param {DragEvent} event */
  function drop(event) {
    drag(event);
    if (!attach.hidden) uploads.add(event.dataTransfer?.files);
  }

  return {
    node,
    focus() {
      fit();
      area.focus();
    },
    render(state) {
      attach.hidden = !state.config.allowFileUploads;
    },
    stop() {
      endTyping();
      uploads.stop();
    },
  };
}

/** @typedef {{done: Attachment | null, failed: boolean, abort: () => void, node: HTMLElement}} Chip */

/**
 * The files of the message that is being written. Each upload can be ended, and is ended with the composer.
 * @param {Context} context @param {() => void} changed @param {(sentence: string) => void} complain
 */
function createUploads({ text, actions }, changed, complain) {
  const node = box('chips');
  /** @type {Chip[]} */
  let chips = [];

  /** @param {Iterable<File> | null | undefined} files */
  function add(files) {
    for (const file of files ?? []) {
      const max = actions.limits().attachments_max;
      if (chips.length >= max) complain(text.count('fileLimit', max));
      else if (file.size > FILE_BYTES_MAX) complain(text.say('fileTooLarge', { name: file.name }));
      else start(file);
    }
  }

  /** @param {string} name */
  function draw(name) {
    const state = element('span', { class: 'chip-state' });
    const bar = element('progress', { max: '1', value: '0', 'aria-label': text.say('uploading', { name }) });
    const again = button({ class: 'plain', hidden: true }, text.say('tryAgain'));
    const drop = button({ class: 'round', 'aria-label': text.say('remove', { name }), onclick: remove }, icon('close'));
    /** @type {Chip} */
    const chip = { done: null, failed: false, abort() {}, node: box('chip',
      icon('file'), element('span', { class: 'chip-name', dir: 'auto' }, name), bar, state, again, drop) };

    function remove() {
      chip.abort();
      chip.node.remove();
      chips = chips.filter((one) => one !== chip);
      changed();
    }

    /** @param {Attachment} file */
    function finish(file) {
      chip.done = file;
      bar.hidden = true;
      setText(state, text.size(file.size));
    }

    chips.push(chip);
    node.append(chip.node);
    return { chip, state, bar, again, finish };
  }

  /** @param {File} file */
  function start(file) {
    const { chip, state, bar, again, finish } = draw(file.name);
    again.addEventListener('click', run);
    run();

    /** @param {boolean} failed */
    function show(failed) {
      chip.failed = again.hidden = failed;
      again.hidden = !failed;
      bar.hidden = failed;
      chip.node.classList.toggle('bad', failed);
      setText(state, '');
    }

    async function run() {
      show(false);
      const { done, abort } = actions.upload(file, (part) => {
        bar.value = part;
        setText(state, text.percent(part));
      });
      chip.abort = abort;
      changed();
      try {
        finish(await done);
      } catch {
        if (!chips.includes(chip)) return;
        show(true);
        complain(text.say('fileFailed', { name: file.name }));
      }
      changed();
    }
  }

  return {
    node,
    add,
    /** From a draft. @param {Attachment[]} files */
    restore: (files) => files.forEach((file) => draw(file.filename).finish(file)),
    /** Some are on their way. */
    busy: () => chips.some(({ done, failed }) => !done && !failed),
    ready: () => chips.flatMap(({ done }) => done ?? []),
    /** Takes away what was sent; what failed stays. */
    clear() {
      chips.forEach((chip) => chip.done && chip.node.remove());
      chips = chips.filter(({ done }) => !done);
    },
    stop: () => chips.forEach(({ abort }) => abort()),
  };
}
