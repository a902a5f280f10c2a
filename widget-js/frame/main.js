/**
 * The frame's beginning: the one module that knows all the others, connects them and holds no rule of its own.
 *
 * Start reading at `session.js` (what is known), `sender.js` (what is said) and `view/app.js` (what is seen).
 *
 * @import {Settings} from './host.js'
 * @import {App} from './view/app.js'
 */
import { inkOn, readableOn, readColour } from './colour.js';
import { connectHost } from './host.js';
import * as api from './net/api.js';
import { clock } from './net/clock.js';
import { openSocket } from './net/socket.js';
import { openStream } from './net/stream.js';
import { createReader } from './reader.js';
import { createSender } from './sender.js';
import { createSession } from './session.js';
import { createOutbox } from './state/outbox.js';
import { browserStorage, createStorage } from './state/storage.js';
import { createStore } from './state/store.js';
import { loadText, pickLocale } from './text.js';
import { createApp } from './view/app.js';

/** A signed address is good for an hour; it is asked for anew before that. */
const ADDRESS_MS_MAX = 50 * 60_000;
/** Messages of the host follow each other at once: wait for those behind the settings (`identify`, say). */
const SETTLE_MS = 20;
const GROUNDS = { light: '#ffffff', dark: '#17191f' };

const apiKey = new URLSearchParams(location.search).get('apiKey') ?? '';
const kept = createStorage(browserStorage(), apiKey);
const store = createStore();
const outbox = createOutbox(kept);
const dark = matchMedia('(prefers-color-scheme: dark)');

/** @type {Settings} */
let settings = {};
/** @type {string[]} */
let page = [];
/** @type {App | null} */
let app = null;
let text = await loadText('en');
let shown = false;

const restored = { config: kept.get('config') ?? {}, seenByUs: Number(kept.get('read')) || 0, answered: kept.get('answered') === true };
store.dispatch({ type: 'restored', part: { ...restored, outgoing: outbox.load() } });

const session = createSession({
  apiKey,
  store,
  kept,
  clock,
  random: Math.random,
  calls: api,
  socket: (credentials, on) =>
    openSocket({ clock, connect: (url) => new WebSocket(url), url: `${location.origin.replace(/^http/, 'ws')}/ws/visitor` }, credentials, on),
  stream: (credentials, on) => openStream({ clock, request: (path, init) => fetch(path, init) }, credentials, on),
  metadata: () => ({ page_url: page[0] ?? '', referrer: page[1] ?? '', title: page[2] ?? '' }),
  onAnswer: (frame) => sender.answer(frame),
  onError: (error) => host.say('error', error),
});
const sender = createSender({ store, outbox, clock, session: () => session, say: api.say, newId: () => crypto.randomUUID() });
const reader = createReader({
  store,
  kept,
  looking: () => shown && document.visibilityState === 'visible' && (app?.atEnd() ?? false),
  send: (frame) => session.link.send(frame),
  onUnread: (count) => host.say('unread', { count, label: count ? text.count('unread', count) : text.say('chat') }),
});

/** @type {Map<string, {until: number, url: Promise<string>}>} */
const addresses = new Map();

/** @param {string} id */
function address(id) {
  const known = addresses.get(id);
  if (known && known.until > clock.now()) return known.url;
  const url = api.attachment(session.token(), id).then((answer) => answer.url);
  url.catch(() => addresses.delete(id));
  addresses.set(id, { until: clock.now() + ADDRESS_MS_MAX, url });
  return url;
}

/** @param {boolean} on */
function typing(on) {
  const { conversationId: conversation_id } = store.get();
  if (conversation_id) session.link.send({ type: 'typing', conversation_id, on });
}

const actions = {
  ...sender,
  typing,
  address,
  reconnect: () => session.restart(),
  close: () => host.say('shut'),
  introduce: session.introduce,
  limits: session.limits,
  /** @type {import('./view/context.js').Actions['upload']} */
  upload: (file, onProgress) => api.upload(session.token(), file, store.get().conversationId, onProgress),
};

async function speak() {
  const locale = pickLocale([settings.locale, page[3], ...navigator.languages]);
  text = await loadText(locale);
  document.documentElement.lang = text.locale;
  document.documentElement.dir = text.direction;
  document.title = text.say('chat');
  app?.stop();
  app = createApp(document.body, store, { text, actions, clock, kept }, !host.alone);
  app.onEnd(reader.sync);
  if (shown) app.focus();
  reader.tellAgain();
}

function paint() {
  const { theme = {} } = store.get().config;
  const wanted = settings.theme === 'dark' || settings.theme === 'light' ? settings.theme : dark.matches ? 'dark' : 'light';
  const hue = readColour(settings.color || theme.primaryColor);
  const { dataset, style } = document.documentElement;
  dataset.theme = wanted;
  style.setProperty('--primary', hue);
  style.setProperty('--on-primary', inkOn(hue));
  style.setProperty('--primary-text', readableOn(hue, GROUNDS[wanted]));
  const begun = store.get().conversationId !== null || store.get().outgoing.length > 0;
  host.say('keep', { hue, ink: inkOn(hue), position: theme.position ?? '', begun });
}

store.listen((state, before) => {
  if (state.config !== before.config || state.conversationId !== before.conversationId) paint();
  if (state.visitorId !== before.visitorId && before.visitorId) reader.forget();
  if (!before.loaded || state.messages === before.messages) return;
  const seen = before.messages[before.messages.length - 1]?.seq ?? 0;
  for (const { id, seq, author, text: said, at } of state.messages) {
    if (seq > seen && author.kind !== 'visitor') {
      host.say('message', { id, text: said, author: { type: author.kind, name: author.name }, created_at: new Date(at).toISOString() });
    }
  }
});

const host = connectHost(window, {
  settings(given, about) {
    settings = given;
    page = about;
    paint();
    speak();
    clock.after(SETTLE_MS, () => store.get().phase === 'starting' && session.start());
  },
  shown(on) {
    shown = on;
    if (on) app?.focus();
    reader.sync();
  },
  identify: (user) => session.identify(user),
  reset() {
    addresses.clear();
    session.reset();
  },
  locale(locale) {
    settings = { ...settings, locale };
    speak();
  },
  theme(theme) {
    settings = { ...settings, theme };
    paint();
  },
});

dark.addEventListener('change', paint);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !event.isComposing) host.say('shut');
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState !== 'visible') return;
  session.link.hurry();
  reader.sync();
});
window.addEventListener('online', () => session.link.hurry());
window.addEventListener('offline', () => session.link.probe());
