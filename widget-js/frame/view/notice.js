/**
 * The line that says, in words, why things are not as usual: offline, reconnecting, draining, slowed down, stopped.
 *
 * Guarantees: the sentence is announced once when it changes; the seconds beside it count down without being announced.
 *
 * @import {State} from '../state/store.js'
 * @import {Context, Part} from './context.js'
 */
import { element, setText } from './element.js';

const TICK_MS = 1_000;

/**
 * What is to be said: a sentence, until when it holds, and whether the visitor can do something about it.
 * @param {State} state
 * @param {boolean} online what the browser thinks
 * @returns {{sentence: string, counted?: 'again' | 'goesOn', until?: number | null, action?: boolean, calm?: boolean} | null}
 */
export function noticeFor(state, online) {
  const { link, held } = state;
  if (state.phase === 'refused') return { sentence: 'notHere' };
  if (link.status === 'stopped') return { sentence: stopped(link.code), action: link.code !== 4502 };
  if (link.status === 'online') {
    if (!held) return null;
    return { sentence: held.code === 'rate_limited' ? 'slowDown' : 'busy', counted: 'goesOn', until: held.until };
  }
  if (!online) return { sentence: 'offline' };
  if (link.status === 'draining') return { sentence: 'draining', counted: 'again', until: link.retryAt };
  if (link.status === 'waiting') return { sentence: 'reconnecting', counted: 'again', until: link.retryAt };
  return { sentence: 'connecting', calm: true };
}

/** @param {number | null} code */
function stopped(code) {
  if (code === 4501 || code === 4503) return 'ended';
  if (code === 4502) return 'notHere';
  return code === 4504 ? 'tooMany' : 'stopped';
}

/**
 * @param {Context} context
 * @returns {Part}
 */
export function createNotice({ text, actions, clock }) {
  const sentence = element('span', { role: 'status' });
  const count = element('span', { 'aria-hidden': 'true' });
  const button = element('button', { type: 'button', class: 'plain', onclick: actions.reconnect }, text.say('tryAgain'));
  const node = element('div', { class: 'notice' }, sentence, count, button);
  /** @type {State | null} */
  let last = null;
  let stopTicks = () => {};
  let ticking = false;

  function tick(/** @type {boolean} */ on) {
    if (on === ticking) return;
    ticking = on;
    stopTicks();
    if (on) stopTicks = clock.every(TICK_MS, draw);
  }

  function draw() {
    const notice = last && noticeFor(last, navigator.onLine);
    const left = (notice?.until ?? 0) - clock.now();
    node.classList.toggle('shown', notice !== null);
    node.classList.toggle('calm', notice?.calm === true);
    setText(sentence, notice ? text.say(/** @type {'offline'} */ (notice.sentence)) : '');
    setText(count, notice?.counted && left > 0 ? ` ${text.say(notice.counted, { time: text.span(left) })}` : '');
    button.hidden = !notice?.action;
    tick(left > 0);
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
      tick(false);
      window.removeEventListener('online', draw);
      window.removeEventListener('offline', draw);
    },
  };
}
