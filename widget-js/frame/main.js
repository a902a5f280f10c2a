/**
 * The frame's beginning: the one module that knows all the others, connects them and holds no rule of its own.
 *
 * Start reading at `session.js` (what is known), `outgoing.js` (what is said) and `view/app.js` (what is seen); the shapes
 * and promises stand in `shapes.d.ts`.
 */
import { browserStorage, clock, connectHost, createStorage } from './browser.js';
import { inkOn, readableOn, readColour } from './colour.js';
import * as net from './net.js';
import { createOutbox, createReader, createSender } from './outgoing.js';
import { createSession } from './session.js';
import { createStore } from './state.js';
import { loadText, pickLocale } from './text.js';
import { createApp } from './view/app.js';

/** A signed address is good for an hour; it is asked for anew before that. */
const ADDRESS_MS_MAX = 50 * 60_000;
/** Messages of the host follow each other at once: wait for those behind the settings (`identify`, say). */
const SETTLE_MS = 20;
/** The darker and the lighter of what text stands on. */
const GROUNDS = { light: '#f2f4f7', dark: '#262a33' };

const apiKey = new URLSearchParams(location.search).get('apiKey') ?? '';
const kept = createStorage(browserStorage(), apiKey);
const store = createStore();
const outbox = createOutbox(kept);
const prefersDark = matchMedia('(prefers-color-scheme: dark)');

/** @type {Settings} */
let settings = {};
/** @type {string[]} */
let page = [];
/** @type {App | undefined} */
let app;
/** @type {Words | undefined} */
let text;
let wanted = '';
let shown = false;
let cancelStart = () => {};

store.set({
  config: kept.get('config') ?? {},
  seenByUs: Number(kept.get('read')) || 0,
  answered: kept.get('answered') === true,
  outgoing: outbox.load(),
});

const session = createSession({
  apiKey,
  store,
  kept,
  clock,
  random: Math.random,
  calls: net,
  socket: (credentials, on) =>
    net.openSocket(clock, () => new WebSocket(`${location.origin.replace('http', 'ws')}/ws/visitor`), credentials, on),
  stream: (credentials, on) => net.openStream(clock, (path, options) => fetch(path, options), credentials, on),
  metadata: () => ({ page_url: page[0], referrer: page[1], title: page[2] }),
  onAnswer: (frame) => sender.answer(frame),
  onError: (error) => host.say('error', error),
});
const { link } = session;
const sender = createSender({ store, outbox, clock, session: () => session, say: net.say, newId: () => crypto.randomUUID() });
const reader = createReader({
  store,
  kept,
  looking: () => shown && document.visibilityState === 'visible' && !!app?.atEnd(),
  send: (frame) => link.send(frame),
  onUnread: (count) => text && host.say('unread', { count, label: count ? text.count('unread', count) : text.say('chat') }),
});

/** @type {Map<string, {until: number, url: Promise<string>}>} */
const addresses = new Map();

/** @type {Actions} */
const actions = {
  ...sender,
  introduce: session.introduce,
  limits: session.limits,
  reconnect: session.restart,
  close,
  upload: (file, onProgress) => net.upload(session.token(), file, store.get().conversationId, onProgress),
  typing(on) {
    const { conversationId: conversation_id } = store.get();
    if (conversation_id) link.send({ type: 'typing', conversation_id, on });
  },
  address(id) {
    const known = addresses.get(id);
    if (known && known.until > clock.now()) return known.url;
    const url = net.attachment(session.token(), id).then((answer) => answer.url);
    url.catch(() => addresses.delete(id));
    addresses.set(id, { until: clock.now() + ADDRESS_MS_MAX, url });
    return url;
  },
};

function close() {
  // At once, not when the host says so: what comes in between is not read.
  shown = false;
  host.say('shut');
}

async function speak() {
  const locale = pickLocale([settings.locale, page[3], ...navigator.languages]);
  wanted = locale;
  const words = await loadText(locale);
  // Another language may have been asked for meanwhile, and its table come sooner.
  if (wanted !== locale) return;
  text = words;
  const { documentElement: root } = document;
  root.lang = text.locale;
  root.dir = text.direction;
  document.title = text.say('chat');
  app?.stop();
  app = createApp(document.body, store, { text, actions, clock, kept });
  app.onEnd(reader.sync);
  if (shown) app.focus();
  reader.tellAgain();
}

function paint() {
  const { config: { theme = {} }, conversationId, outgoing } = store.get();
  const asked = /^(dark|light)$/.test(settings.theme ?? '') ? settings.theme : prefersDark.matches && 'dark';
  const ground = asked === 'dark' ? 'dark' : 'light';
  const hue = readColour(settings.color || theme.primaryColor);
  const ink = inkOn(hue);
  const { dataset, style } = document.documentElement;
  dataset.theme = ground;
  style.setProperty('--primary', hue);
  style.setProperty('--on-primary', ink);
  style.setProperty('--primary-text', readableOn(hue, GROUNDS[ground]));
  host.say('keep', { hue, ink, position: theme.position ?? '', begun: conversationId !== null || outgoing.length > 0 });
}

store.listen((state, before) => {
  if (state.config !== before.config || state.conversationId !== before.conversationId) paint();
  if (state.visitorId !== before.visitorId && before.visitorId) reader.forget();
  if (!before.loaded || state.messages === before.messages) return;
  const last = before.messages[before.messages.length - 1]?.seq ?? 0;
  for (const { id, seq, author, text: said, at } of state.messages) {
    if (seq <= last || author.kind === 'visitor') continue;
    host.say('message', { id, text: said, author: { type: author.kind, name: author.name }, created_at: new Date(at).toISOString() });
  }
});

const host = connectHost({
  settings(given, about) {
    settings = given;
    page = about;
    paint();
    speak();
    cancelStart = clock.after(SETTLE_MS, session.start);
  },
  shown(on) {
    shown = on;
    if (on) app?.focus();
    reader.sync();
  },
  identify(user) {
    cancelStart();
    session.identify(user);
  },
  reset() {
    cancelStart();
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

prefersDark.addEventListener('change', paint);
document.addEventListener('keydown', ({ key, isComposing }) => {
  if (key === 'Escape' && !isComposing) close();
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState !== 'visible') return;
  link.hurry();
  reader.sync();
});
window.addEventListener('online', link.hurry);
window.addEventListener('offline', link.probe);
