/**
 * The whole screen: puts its parts together and draws them when the state changes.
 *
 * @import {Store} from '../state/store.js'
 * @import {Context} from './context.js'
 */
import { createComposer } from './composer.js';
import { element } from './element.js';
import { createHeader } from './header.js';
import { createLog } from './log.js';
import { createNotice } from './notice.js';
import { createPreChat } from './prechat.js';

/**
 * @param {HTMLElement} root
 * @param {Store} store
 * @param {Context} context
 * @param {boolean} closable
 */
export function createApp(root, store, context, closable) {
  const log = createLog(context);
  const composer = createComposer(context);
  const preChat = createPreChat(context);
  const parts = [createHeader(context, closable), createNotice(context), log, preChat, composer];
  const main = element('main', {}, log.node, preChat.node, composer.node);
  root.replaceChildren(...parts.slice(0, 2).map((part) => part.node), main);
  let due = false;

  function draw() {
    due = false;
    const state = store.get();
    const asking = state.phase === 'ready' && !state.answered && state.conversationId === null
      && (state.config.preChatForm ?? []).length > 0 && state.outgoing.length === 0;
    root.classList.toggle('asking', asking);
    preChat.node.hidden = !asking;
    composer.node.hidden = log.node.hidden = asking;
    if (state.phase === 'refused' || (state.phase === 'starting' && !state.answered)) composer.node.hidden = true;
    parts.forEach((part) => part.render(state));
  }

  const stopListening = store.listen(() => {
    if (due) return;
    due = true;
    queueMicrotask(draw);
  });
  draw();

  return {
    atEnd: log.atEnd,
    onEnd: log.onEnd,
    /** Puts the cursor where the visitor goes on: the first question, or the composer. */
    focus() {
      (root.classList.contains('asking') ? preChat : composer).focus();
    },
    stop() {
      stopListening();
      parts.forEach((part) => part.stop?.());
    },
  };
}

/** @typedef {ReturnType<typeof createApp>} App */
