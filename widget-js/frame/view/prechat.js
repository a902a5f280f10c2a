/**
 * The questions before the first message. What is missing or wrong is said beside its field, and the first such field gets
 * the focus; what was answered stays until the server has taken it.
 */
import { box, element, setText } from './element.js';

/** Kinds of field that browsers know; all else is a line of text. @type {Record<string, string>} */
const INPUTS = { email: 'email', phone: 'tel', tel: 'tel', url: 'url', number: 'number', date: 'date' };
/** So that browsers can fill in what they know. @type {Record<string, string>} */
const AUTOFILL = { name: 'name', email: 'email', phone: 'tel', company: 'organization' };
const ANSWER_CHARS_MAX = 1_000;

/** @param {Context} context @returns {Part & {focus: () => void}} */
export function createPreChat({ text, actions }) {
  const intro = element('p', { class: 'intro' }, text.say('introduction'));
  const fields = box('fields');
  const problem = element('p', { class: 'problem', role: 'alert' });
  const start = element('button', { type: 'submit', class: 'wide' }, text.say('start'));
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
