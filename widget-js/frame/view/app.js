/**
 * The whole screen: header, notice, and either the questions before the chat or the conversation with its composer.
 */
import { createComposer } from './composer.js';
import { avatar, box, button, element, icon, setText } from './element.js';
import { createLog } from './log.js';

/** @param {HTMLElement} root @param {Store} store @param {Context} context */
export function createApp(root, store, context) {
  const log = createLog(context);
  const composer = createComposer(context);
  const preChat = createPreChat(context);
  const top = [createHeader(context), createNotice(context)];
  const parts = [...top, log, preChat, composer];
  root.replaceChildren(...top.map(({ node }) => node), element('main', {}, log.node, preChat.node, composer.node));
  let due = false;
  let wantsFocus = false;

  function draw() {
    due = false;
    const state = store.get();
    const { phase, answered, conversationId, config, outgoing } = state;
    const known = answered || conversationId !== null || outgoing.length > 0;
    const asking = phase === 'ready' && !known && !!config.preChatForm?.length;
    preChat.node.hidden = !asking;
    log.node.hidden = asking;
    // Before the session is there, who has talked with us before may write already: the outbox keeps it.
    composer.node.hidden = asking || phase === 'refused' || (phase === 'starting' && !known);
    parts.forEach((part) => part.render(state));
    if (wantsFocus && (asking || !composer.node.hidden)) {
      wantsFocus = false;
      (asking ? preChat : composer).focus();
    }
  }

  const stopListening = store.listen(() => {
    if (!due) queueMicrotask(draw);
    due = true;
  });
  draw();

  return {
    atEnd: log.atEnd,
    onEnd: log.onEnd,
    /** Where the visitor goes on, as soon as it is there: the first question, or the composer. */
    focus() {
      wantsFocus = true;
      draw();
    },
    stop() {
      stopListening();
      parts.forEach((part) => part.stop?.());
    },
  };
}

const FACES_MAX = 3;

/** Whose chat this is, who answers, and the way out. @param {Context} context @returns {Part} */
function createHeader({ text, actions }) {
  const faces = box('faces');
  const title = element('h1');
  const subtitle = element('p');
  const close = button({ class: 'round', 'aria-label': text.say('close'), onclick: actions.close }, icon('close'));
  let shown = '';

  return {
    node: element('header', {}, faces, box('names', title, subtitle), close),
    render({ config, messages }) {
      setText(title, config.theme?.headerText || config.headerText || text.say('chat'));
      /** @type {Map<string, Author>} the people who answered last */
      const people = new Map();
      for (const { author } of messages.toReversed()) {
        if (author.kind === 'agent' && author.name && people.size < FACES_MAX) people.set(author.name, author);
      }
      const names = [...people.keys()].join(', ');
      setText(subtitle, names || text.say('subtitle'));
      if (names !== shown) faces.replaceChildren(...[...people].map(([name, author]) => avatar(author, name)));
      shown = names;
    },
  };
}

/** @type {Record<number, Sentence>} what the close codes mean to a visitor */
const STOPPED = { 4501: 'ended', 4502: 'notHere', 4503: 'ended', 4504: 'tooMany' };

/**
 * Why things are not as usual: a sentence, until when, and whether the visitor can do something about it.
 * @param {State} state @param {boolean} online what the browser thinks
 * @returns {{say: Sentence, count?: Sentence, until?: number | null, calm?: boolean, action?: boolean} | null}
 */
export function noticeFor({ phase, link, held }, online) {
  const { status, code, retryAt: until } = link;
  if (phase === 'refused') return { say: 'notHere' };
  if (status === 'stopped') return { say: STOPPED[code ?? 0] ?? 'stopped', action: code !== 4502 };
  if (status === 'online') {
    return held && { say: held.code === 'rate_limited' ? 'slowDown' : 'busy', count: 'goesOn', until: held.until };
  }
  if (!online) return { say: 'offline' };
  if (status === 'draining') return { say: 'draining', count: 'again', until };
  return status === 'waiting' ? { say: 'reconnecting', count: 'again', until } : { say: 'connecting', calm: true };
}

const TICK_MS = 1_000;

/** The sentence is announced once; the seconds beside it count down in silence. @param {Context} context @returns {Part} */
function createNotice({ text, actions, clock }) {
  const sentence = element('span', { role: 'status' });
  const count = element('span', { 'aria-hidden': 'true' });
  const again = button({ class: 'plain', onclick: actions.reconnect }, text.say('tryAgain'));
  const node = box('notice', sentence, count, again);
  /** @type {State | null} */
  let last = null;
  let cancelTick = () => {};

  function draw() {
    const notice = last && noticeFor(last, navigator.onLine);
    const left = (notice?.until ?? 0) - clock.now();
    node.classList.toggle('shown', notice !== null);
    node.classList.toggle('calm', !!notice?.calm);
    setText(sentence, notice ? text.say(notice.say) : '');
    setText(count, notice?.count && left > 0 ? ` ${text.say(notice.count, { time: text.span(left) })}` : '');
    again.hidden = !notice?.action;
    cancelTick();
    if (left > 0) cancelTick = clock.after(TICK_MS, draw);
  }

  window.addEventListener('online', draw);
  window.addEventListener('offline', draw);
  return {
    node,
    render(state) {
      last = state;
      draw();
    },
    stop() {
      cancelTick();
      window.removeEventListener('online', draw);
      window.removeEventListener('offline', draw);
    },
  };
}

/** Kinds of field that browsers know; all else is a line of text. @type {Record<string, string>} */
const INPUTS = { email: 'email', phone: 'tel', tel: 'tel', url: 'url', number: 'number', date: 'date' };
/** So that browsers can fill in what they know. @type {Record<string, string>} */
const AUTOFILL = { name: 'name', email: 'email', phone: 'tel', company: 'organization' };
const ANSWER_CHARS_MAX = 1_000;

/**
 * The questions before the first message. What is missing or wrong is said beside its field, and the first such field gets
 * the focus; what was answered stays until the server has taken it.
 * @param {Context} context @returns {Part & {focus: () => void}}
 */
function createPreChat({ text, actions }) {
  const intro = element('p', { class: 'intro' }, text.say('introduction'));
  const fields = box('fields');
  const problem = element('p', { class: 'problem', role: 'alert' });
  const start = button({ type: 'submit', class: 'wide' }, text.say('start'));
  const form = element('form', { novalidate: true, onsubmit: submit }, intro, fields, problem, start);
  /** @type {ReturnType<typeof createField>[]} */
  let inputs = [];
  let asked = '';

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    const wrong = inputs.filter((one) => !one.check());
    if (wrong[0]) {
      wrong[0].input.focus();
      return;
    }
    setText(problem, '');
    start.disabled = true;
    const answers = inputs.map((one) => [one.field.name, one.input.value.trim()]).filter(([, answer]) => answer);
    const failure = await actions.introduce(Object.fromEntries(answers));
    start.disabled = false;
    if (failure) setText(problem, text.say(failure.passing ? 'formFailed' : 'formRefused'));
  }

  /** @param {FormField} field @param {number} index */
  function createField(field, index) {
    const id = `field-${index}`;
    const common = {
      id, name: field.name, required: field.required, maxlength: String(ANSWER_CHARS_MAX), 'aria-describedby': `${id}-problem`,
      autocomplete: AUTOFILL[field.name] ?? 'off', dir: 'auto', oninput: () => complain(''),
    };
    const input = field.type === 'textarea'
      ? element('textarea', { ...common, rows: '3' })
      : element('input', { ...common, type: INPUTS[field.type] ?? 'text' });
    const wrong = element('p', { class: 'problem', id: `${id}-problem` });
    const label = element('label', { for: id }, field.label || field.name);
    if (!field.required) label.append(' ', element('span', { class: 'optional' }, `(${text.say('optional')})`));
    const slot = box('field', label, input, wrong);

    /** @param {string} sentence */
    function complain(sentence) {
      setText(wrong, sentence);
      input.setAttribute('aria-invalid', String(sentence !== ''));
    }

    return {
      field,
      input,
      slot,
      check() {
        const { valid, typeMismatch } = input.validity;
        if (field.required && input.value.trim() === '') complain(text.say('needed'));
        else if (typeMismatch && field.type === 'email') complain(text.say('needsEmail'));
        else if (!valid) complain(text.say('formRefused'));
        else return true;
        return false;
      },
    };
  }

  return {
    node: box('prechat', form),
    focus: () => inputs[0]?.input.focus(),
    render(state) {
      const form = state.config.preChatForm ?? [];
      const now = JSON.stringify(form);
      if (now === asked) return;
      asked = now;
      inputs = form.map(createField);
      fields.replaceChildren(...inputs.map((one) => one.slot));
    },
  };
}
