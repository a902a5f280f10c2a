import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLink, eventReader, openSocket, openStream, wait } from '../../../widget-js/frame/net.js';
import { createFakeClock } from '../support/fake-clock.mjs';
import { wire } from '../support/wire.mjs';

/** A link over transports that the test moves by hand. */
function start({ renew = async () => true, random = () => 1 } = {}) {
  const clock = createFakeClock();
  const states = [];
  const frames = [];
  const opened = [];
  const open = (kind) => (credentials, on) => {
    const transport = { kind, on, credentials, closed: false, send: () => true, probe() {}, close() { transport.closed = true; } };
    opened.push(transport);
    return transport;
  };
  const link = createLink({
    clock, random, renew, socket: open('socket'), stream: open('stream'),
    credentials: () => ({ token: 't', cursor: 'e-1' }),
    onState: (state) => states.push(state), onWelcome() {}, onFrame: (frame) => frames.push(frame),
  });
  link.start();
  return { link, clock, states, frames, opened, last: () => opened.at(-1), status: () => states.at(-1).status };
}

test('waits double from half a second to half a minute, and are random from zero on', () => {
  assert.deepEqual([0, 1, 2, 5, 6, 40].map((attempt) => wait(attempt, () => 1)), [500, 1000, 2000, 16000, 30000, 30000]);
  assert.equal(wait(9, () => 0), 0);
});

test('a broken connection is made anew after a growing wait', async () => {
  const { clock, opened, last, status } = start();
  last().on.welcome(wire('welcome'));
  for (const ms of [500, 1000, 2000]) {
    last().on.ended(4003);
    assert.equal(status(), 'waiting');
    const before = opened.length;
    await clock.pass(ms - 1);
    assert.equal(opened.length, before);
    await clock.pass(1);
    assert.equal(opened.length, before + 1);
    last().on.welcome(wire('welcome'));
  }
});

test('a connection that lasted makes the next wait small again', async () => {
  const { clock, last, states } = start();
  last().on.ended(4003);
  await clock.pass(500);
  last().on.welcome(wire('welcome'));
  await clock.pass(10_000);
  last().on.ended(4003);
  assert.equal(states.at(-1).retryAt - clock.now(), 500);
});

test('a draining server says when to come back, and nothing hurries that', async () => {
  const { link, clock, opened, last, states, frames } = start();
  last().on.welcome(wire('welcome'));
  last().on.frame(wire('goodbye'));
  last().on.ended(4000);
  assert.deepEqual(states.at(-1), { status: 'draining', kind: null, retryAt: clock.now() + wire('goodbye').reconnect_after_ms, code: 4000 });
  link.hurry();
  await clock.pass(wire('goodbye').reconnect_after_ms - 1);
  assert.equal(opened.length, 1);
  await clock.pass(1);
  assert.equal(opened.length, 2);
  assert.deepEqual(frames, []);
});

test('codes of 45xx end it', async () => {
  for (const code of [4500, 4502, 4503, 4504]) {
    const { clock, opened, last, states } = start();
    last().on.ended(code);
    await clock.pass(120_000);
    assert.equal(opened.length, 1);
    assert.deepEqual(states.at(-1), { status: 'stopped', kind: null, retryAt: null, code });
    assert.equal(clock.pending(), 0);
  }
});

test('4501 is worth one fresh session, and no second', async () => {
  let renewals = 0;
  const { clock, opened, last, states } = start({ renew: async () => (renewals += 1) > 0 });
  last().on.ended(4501);
  await clock.settle();
  assert.equal(opened.length, 2);
  last().on.ended(4501);
  await clock.pass(60_000);
  assert.deepEqual([renewals, opened.length, states.at(-1).code], [1, 2, 4501]);
});

test('a fresh session that cannot be asked for is asked for again; one that is refused ends it', async () => {
  let renewals = 0;
  const away = start({ renew: async () => { renewals += 1; throw new Error('no network'); } });
  away.last().on.ended(4501);
  await away.clock.settle();
  assert.equal(away.status(), 'waiting');
  await away.clock.pass(500);
  away.last().on.ended(4501);
  await away.clock.settle();
  assert.equal(renewals, 2);
  const refused = start({ renew: async () => false });
  refused.last().on.ended(4501);
  await refused.clock.settle();
  assert.equal(refused.status(), 'stopped');
});

test('two sockets that never came about lead to the stream, which later makes room for a socket again', async () => {
  const { clock, opened, last, states } = start();
  last().on.ended(0);
  await clock.pass(500);
  last().on.ended(0);
  await clock.pass(1000);
  assert.deepEqual(opened.map(({ kind }) => kind), ['socket', 'socket', 'stream']);
  last().on.welcome(null);
  assert.deepEqual([states.at(-1).status, states.at(-1).kind], ['online', 'stream']);
  await clock.pass(300_000);
  assert.equal(last().kind, 'socket');
  assert.equal(opened[2].closed, true);
});

test('when the visitor is back, a wait is not sat out', async () => {
  const { link, clock, opened, last } = start();
  last().on.ended(0);
  link.hurry();
  assert.equal(opened.length, 2);
  link.hurry();
  assert.equal(opened.length, 2);
  await clock.pass(60_000);
  assert.equal(opened.length, 2);
});

test('stopping leaves no timer and no transport', () => {
  const { link, clock, last, status } = start();
  last().on.welcome(wire('welcome'));
  link.stop();
  assert.deepEqual([status(), last().closed, clock.pending()], ['idle', true, 0]);
});

/** A WebSocket that the test moves by hand. */
function fakeSocket() {
  const clock = createFakeClock();
  const sent = [];
  const events = [];
  const socket = { readyState: 1, send: (text) => sent.push(JSON.parse(text)), close: () => events.push('close()') };
  const credentials = { token: wire('hello').token, cursor: wire('hello.resume').cursor };
  const transport = openSocket(clock, () => socket, credentials, {
    welcome: () => events.push('welcome'), frame: (frame) => events.push(frame.type), ended: (code) => events.push(code),
  });
  const hear = (frame) => socket.onmessage({ data: JSON.stringify(frame) });
  return { clock, socket, transport, sent, events, hear };
}

test('a socket begins with hello and hands on what comes, but pongs', () => {
  const { socket, sent, events, hear } = fakeSocket();
  socket.onopen();
  assert.deepEqual(sent, [wire('hello.resume')]);
  ['welcome', 'event.message_created.visitor', 'typing.server', 'pong', 'ack'].forEach((name) => hear(wire(name)));
  assert.deepEqual(events, ['welcome', 'event', 'typing', 'ack']);
});

test('a ping goes out every 25 s, and 60 s of silence after it end the socket', async () => {
  const { clock, socket, sent, events, hear } = fakeSocket();
  socket.onopen();
  hear(wire('welcome'));
  await clock.pass(25_000);
  assert.deepEqual(sent.at(-1), wire('ping'));
  hear(wire('pong'));
  await clock.pass(59_000);
  assert.deepEqual(events, ['welcome']);
  await clock.pass(6_000);
  assert.deepEqual(events, ['welcome', 'close()', 0]);
  assert.equal(clock.pending(), 0);
});

test('no welcome in time, a frame that cannot be read, and a close each end it once', async () => {
  const slow = fakeSocket();
  await slow.clock.pass(30_000);
  assert.deepEqual(slow.events, ['close()', 0]);
  const garbled = fakeSocket();
  garbled.socket.onmessage({ data: '{' });
  assert.deepEqual(garbled.events, ['close()', 0]);
  for (const [code, told] of [[4503, 4503], [1006, 0], [1000, 0]]) {
    const closed = fakeSocket();
    closed.socket.onclose({ code });
    assert.deepEqual(closed.events, ['close()', told]);
  }
});

test('a probe without an answer ends the socket soon', async () => {
  const { clock, transport, events, hear } = fakeSocket();
  hear(wire('welcome'));
  transport.probe();
  await clock.pass(5_000);
  assert.deepEqual(events, ['welcome', 'close()', 0]);
});

test('events of the stream are read however the network cuts them', () => {
  const { id, data } = wire('sse.event');
  const text = `: hello\r\n\r\nid: ${id}\r\ndata: ${JSON.stringify(data)}\r\n\r\nid: 2\ndata: {"a":\ndata: 1}\n\n`;
  for (const size of [1, 2, 3, 7, 1000]) {
    const read = eventReader();
    const events = [];
    for (let at = 0; at < text.length; at += size) events.push(...read(text.slice(at, at + size)));
    assert.deepEqual(events.map((event) => JSON.parse(event)), [data, { a: 1 }]);
  }
  assert.throws(() => eventReader()('x'.repeat(200_000)));
});

test('the stream names the cursor, not the token, in its address', async () => {
  const asked = [];
  const request = async (path, options) => {
    asked.push([path, options.headers]);
    return new Response(`data: ${JSON.stringify(wire('sse.event').data)}\n\n`);
  };
  const events = [];
  await new Promise((resolve) => {
    openStream(createFakeClock(), request, { token: 'secret', cursor: 'e-5' }, {
      welcome: (frame) => events.push(frame), frame: (frame) => events.push(frame.seq), ended: (code) => { events.push(code); resolve(); },
    });
  });
  assert.deepEqual(asked, [['/api/widget/events?after=e-5', { Authorization: 'Bearer secret', Accept: 'text/event-stream' }]]);
  assert.deepEqual(events, [null, 5, 0]);
});

test('refusals of the stream mean what the close codes of sockets mean', async () => {
  for (const [status, told] of [[401, 4501], [403, 4502], [503, 0], [410, 0]]) {
    const frames = [];
    const code = await new Promise((resolve) => {
      openStream(createFakeClock(), async () => new Response('', { status }), { token: 't', cursor: null },
        { welcome() {}, frame: (frame) => frames.push(frame.type), ended: resolve });
    });
    assert.equal(code, told);
    assert.deepEqual(frames, status === 410 ? ['resync_required'] : []);
  }
});
