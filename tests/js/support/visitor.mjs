/**
 * The widget's parts put together without a screen, over the fake server.
 */
import { createStorage } from '../../../widget-js/frame/browser.js';
import { createOutbox, createReader, createSender } from '../../../widget-js/frame/outgoing.js';
import { createSession } from '../../../widget-js/frame/session.js';
import { createStore } from '../../../widget-js/frame/state.js';
import { createFakeClock } from './fake-clock.mjs';
import { createFakeServer } from './fake-server.mjs';

/** A `Storage` in memory. */
export function createMemory() {
  const values = new Map();
  const storage = {
    getItem: (name) => values.get(name) ?? null,
    setItem(name, value) {
      values.set(name, value);
      storage[name] = value;
    },
    removeItem(name) {
      values.delete(name);
      delete storage[name];
    },
  };
  for (const name of ['getItem', 'setItem', 'removeItem']) Object.defineProperty(storage, name, { enumerable: false });
  return storage;
}

export function createVisitor({ clock = createFakeClock(), server = createFakeServer(clock), memory = createMemory(), random = () => 0.5 } = {}) {
  const kept = createStorage(memory, 'wk_test');
  const store = createStore();
  const outbox = createOutbox(kept);
  const errors = [];
  let ids = 0;
  const visitor = { looking: false, unread: [] };
  store.set({ outgoing: outbox.load(), seenByUs: Number(kept.get('read')) || 0 });
  const session = createSession({
    apiKey: 'wk_test', store, kept, clock, random, calls: server,
    socket: server.transport('socket'), stream: server.transport('stream'),
    metadata: () => ({ page_url: 'https://northwind.example/' }),
    onAnswer: (frame) => sender.answer(frame),
    onError: (error) => errors.push(error),
  });
  const sender = createSender({
    store, outbox, clock, session: () => session, say: server.say,
    newId: () => {
      ids += 1;
      return `client-${clock.now()}-${ids}`;
    },
  });
  const reader = createReader({
    store, kept, looking: () => visitor.looking, send: (frame) => session.link.send(frame), onUnread: (count) => visitor.unread.push(count),
  });
  return Object.assign(visitor, {
    clock, server, memory, kept, store, outbox, session, sender, reader, errors,
    texts: () => store.get().messages.map((message) => message.text),
    /** Ends the page: nothing of it runs on. */
    leave() {
      session.stop();
      sender.stop();
      reader.stop();
    },
  });
}
