/**
 * A stand-in for the server's visitor side, for tests and for looking at the widget: `node tests/js/support/mock-server.mjs`.
 *
 * Speaks `docs/sockets.md` and the widget API for visitors, each with a conversation in memory. `rules` bends it: blocked
 * sockets, refusals, rate limits. Listens on 127.0.0.1 only.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConversation, newId } from './conversation.mjs';
import { accept } from './websocket.mjs';

const WIDGET = fileURLToPath(new URL('../../../widget-js/', import.meta.url));
const ASSETS = '/widget/v1/assets/0123456789abcdef';
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html', '.svg': 'image/svg+xml' };
const FRAME_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; font-src 'self'";
const LIMITS = { frame_bytes_max: 65536, text_chars_max: 10000, attachments_max: 10, topics_max: 100 };
export const API_KEY = 'wk_demo';

function problem(response, status, code, retryAfter) {
  response.writeHead(status, { 'Content-Type': 'application/problem+json', ...(retryAfter && { 'Retry-After': String(retryAfter) }) });
  response.end(JSON.stringify({ type: `/docs/errors#${code}`, title: code, status, detail: code, code, success: false, error: code }));
}

function json(response, body) {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function readBody(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

export async function startMock({ port = 0, config = {}, rules = {} } = {}) {
  const visitors = new Map();
  const tokens = new Map();
  const files = new Map();
  const pages = new Map();
  const inits = [];
  const received = [];
  let last = null;
  const settings = {
    theme: { primaryColor: '#1f5eff', position: 'bottom-right', headerText: 'Northwind Cycles' },
    preChatForm: [], allowFileUploads: true, ...config,
  };

  function visitor(id) {
    const known = visitors.get(id);
    if (known) return known;
    const made = { id: newId(), conversation: createConversation(), sockets: new Set(), streams: new Set(), identity: null };
    visitors.set(made.id, made);
    return made;
  }

  function widgetConversation(one) {
    return one.conversation.begun() ? one.conversation.id : null;
  }

  async function init(request, response) {
    const body = JSON.parse(await readBody(request));
    inits.push(body);
    if (rules.init) return problem(response, ...rules.init);
    if (body.apiKey !== API_KEY) return problem(response, 404, 'not_found');
    const one = visitor(body.visitorId);
    last = one;
    if (body.identity) one.identity = body.identity;
    const sessionToken = `sbv_${newId()}`;
    tokens.set(sessionToken, one);
    return json(response, {
      success: true, sessionToken, visitorId: one.id, config: settings,
      conversationId: widgetConversation(one), cursor: one.conversation.cursor(),
    });
  }

  const bearer = (request) => tokens.get(String(request.headers.authorization ?? '').replace('Bearer ', ''));

  async function say(request, response) {
    const body = JSON.parse(await readBody(request));
    const one = tokens.get(body.sessionToken);
    if (!one) return problem(response, 401, 'session_expired');
    if (rules.refuse) return problem(response, 429, rules.refuse.code, 2);
    const attached = (body.attachments ?? []).map((id) => files.get(id).attachment);
    const message = one.conversation.visitorSays(body.message, attached, body.clientId);
    return json(response, { success: true, ticketId: one.conversation.id, conversationId: one.conversation.id, messageId: message.id, seq: message.seq });
  }

  function list(request, response, url) {
    const one = bearer(request);
    if (!one) return problem(response, 401, 'session_expired');
    const [before, limit] = ['before', 'limit'].map((name) => Number(url.searchParams.get(name)) || undefined);
    return json(response, { messages: one.conversation.list(before, limit), cursor: one.conversation.cursor() });
  }

  function stream(request, response, url) {
    const one = bearer(request);
    if (!one) return problem(response, 401, 'session_expired');
    const missed = one.conversation.after(url.searchParams.get('after'));
    if (!missed) return problem(response, 410, 'resync_required');
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write(': hello\n\n');
    const send = (frame) => response.write(`id: ${one.conversation.cursor()}\ndata: ${JSON.stringify(frame)}\n\n`);
    missed.forEach(send);
    const stop = one.conversation.listen(send);
    one.streams.add(response);
    request.on('close', () => {
      stop();
      one.streams.delete(response);
    });
  }

  async function upload(request, response) {
    if (!bearer(request)) return problem(response, 401, 'session_expired');
    const body = await readBody(request);
    if (rules.upload) return problem(response, ...rules.upload);
    const head = body.subarray(0, 2048).toString('latin1');
    const filename = Buffer.from(/filename="([^"]*)"/.exec(head)?.[1] ?? 'file', 'latin1').toString();
    const type = /Content-Type: ([^\r]+)/i.exec(head)?.[1] ?? 'application/octet-stream';
    const start = body.indexOf('\r\n\r\n') + 4;
    const content = body.subarray(start, body.indexOf('\r\n--', start));
    const attachment = { id: newId(), filename, size: content.length, type };
    files.set(attachment.id, { attachment, content });
    return json(response, { ...attachment, url: `/api/attachments/${attachment.id}/download` });
  }

  function attachment(request, response, id) {
    const file = files.get(id);
    if (!bearer(request) || !file) return problem(response, file ? 401 : 404, 'not_found');
    return json(response, { url: `/files/${id}?signature=s`, filename: file.attachment.filename, mimeType: file.attachment.type });
  }

  async function asset(response, path, headers = {}) {
    const file = join(WIDGET, normalize(path));
    if (!file.startsWith(WIDGET)) return problem(response, 404, 'not_found');
    try {
      const body = await readFile(file);
      response.writeHead(200, { 'Content-Type': `${TYPES[extname(file)] ?? 'application/octet-stream'}; charset=utf-8`, ...headers });
      response.end(extname(file) === '.html' ? body.toString().replaceAll('__ASSETS__', ASSETS).replaceAll('__API_KEY__', API_KEY) : body);
    } catch {
      problem(response, 404, 'not_found');
    }
    return undefined;
  }

  async function handle(request, response) {
    const url = new URL(request.url, 'http://localhost');
    const { pathname } = url;
    const what = `${request.method} ${pathname}`;
    if (rules.down) return request.socket.destroy();
    if (pages.has(pathname)) {
      const { body, policy } = pages.get(pathname);
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ...(policy && { 'Content-Security-Policy': policy }) });
      return response.end(body);
    }
    if (what === 'GET /widget/v1/loader.js') return asset(response, 'loader.js');
    if (what === 'GET /widget/v1/frame') return asset(response, 'frame/index.html', { 'Content-Security-Policy': FRAME_POLICY });
    if (what === 'GET /demo') return asset(response, 'demo/index.html');
    if (pathname.startsWith(`${ASSETS}/`)) return asset(response, pathname.slice(ASSETS.length + 1));
    if (what === 'POST /api/widget/init') return init(request, response);
    if (what === 'POST /api/widget/message') return say(request, response);
    if (what === 'GET /api/widget/message') return list(request, response, url);
    if (what === 'GET /api/widget/events') return stream(request, response, url);
    if (what === 'POST /api/upload') return upload(request, response);
    const download = /^\/api\/attachments\/([^/]+)\/download$/.exec(pathname);
    if (download) return attachment(request, response, download[1]);
    const file = files.get(/^\/files\/([^/]+)$/.exec(pathname)?.[1]);
    if (file) {
      response.writeHead(200, { 'Content-Type': file.attachment.type });
      return response.end(file.content);
    }
    return problem(response, 404, 'not_found');
  }

  function takeFrame(one, socket, frame) {
    received.push(frame);
    const { conversation } = one;
    if (frame.type === 'ping') socket.send({ type: 'pong' });
    if (frame.type === 'read') conversation.read('visitor', frame.seq);
    if (frame.type !== 'send') return;
    if (rules.mute) return;
    if (rules.refuse) {
      socket.send({ type: 'refused', ref: frame.ref, detail: rules.refuse.code, ...rules.refuse });
      return;
    }
    const attached = (frame.attachments ?? []).map((id) => files.get(id).attachment);
    const message = conversation.visitorSays(frame.text ?? '', attached, frame.client_id);
    socket.send({ type: 'ack', ref: frame.ref, message_id: message.id, seq: message.seq, conversation_id: conversation.id });
  }

  function hello(socket, frame) {
    const one = tokens.get(frame.token);
    if (rules.close) return socket.close(rules.close);
    if (!one) return socket.close(4501);
    const { conversation } = one;
    const missed = frame.cursor ? conversation.after(frame.cursor) : [];
    const cursor = missed && frame.cursor ? frame.cursor : conversation.cursor();
    socket.send({ type: 'welcome', session_id: newId(), cursor, heartbeat_secs: 25, limits: LIMITS });
    if (missed) missed.forEach((event) => socket.send(event));
    else socket.send({ type: 'resync_required', reason: 'epoch' });
    const stop = conversation.listen((event) => !rules.loseEvents && socket.send(event));
    one.sockets.add(socket);
    socket.onText = (text) => takeFrame(one, socket, JSON.parse(text));
    socket.onEnd = () => {
      stop();
      one.sockets.delete(socket);
    };
    return undefined;
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error) => problem(response, 500, String(error)));
  });
  server.on('upgrade', (request, stream) => {
    if (rules.down || rules.blockSockets || request.url !== '/ws/visitor') return stream.destroy();
    const socket = accept(request, stream);
    socket.onText = (text) => hello(socket, JSON.parse(text));
    return undefined;
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    rules,
    settings,
    inits,
    received,
    visitors,
    /** The visitor who came last. */
    visitor: () => last,
    /** Serves a page of the test's own. */
    page: (path, body, policy) => pages.set(path, { body, policy }),
    /** Sends a frame to every socket of the last visitor. */
    send: (frame) => last.sockets.forEach((socket) => socket.send(frame)),
    typing(on, name = 'Maya Chen') {
      this.send({ type: 'typing', conversation_id: last.conversation.id, on, author: { type: 'agent', id: 'agent', name } });
    },
    /** Ends the last visitor's connections; without a code as a lost network does. */
    cut(code) {
      [...last.sockets].forEach((socket) => (code ? socket.close(code) : socket.cut()));
      [...last.streams].forEach((stream) => stream.destroy());
    },
    addFile(filename, type, content) {
      const attachment = { id: newId(), filename, size: content.length, type };
      files.set(attachment.id, { attachment, content });
      return attachment;
    },
    async stop() {
      visitors.forEach((one) => one.sockets.forEach((socket) => socket.cut()));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock({ port: Number(process.env.PORT ?? 8099) });
  console.log(`${mock.url}/demo`);
}
