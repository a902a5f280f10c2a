import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStorage } from '../../../widget-js/frame/browser.js';
import { CallError } from '../../../widget-js/frame/net.js';
import { createOutbox } from '../../../widget-js/frame/outgoing.js';
import { createMemory, createVisitor } from '../support/visitor.mjs';
import { wire } from '../support/wire.mjs';

async function arrive(options) {
  const visitor = createVisitor(options);
  visitor.session.start();
  await visitor.clock.settle();
  return visitor;
}
const stored = ({ server }) => server.conversation.messages.map((message) => message.content_text);
const states = ({ store }) => store.get().outgoing.map(({ text, state }) => [text, state]);

test('the frames are those of the wire', async () => {
  const visitor = await arrive();
  const { text } = wire('send.visitor');
  visitor.sender.write(text, []);
  await visitor.clock.settle();
  visitor.sender.write('', wire('message.list').messages[2].attachments);
  await visitor.clock.settle();
  const keys = visitor.server.sent.map((frame) => Object.keys(frame).sort());
  assert.deepEqual(keys, [wire('send.visitor'), wire('send.visitor.attachment_only')].map((frame) => Object.keys(frame).sort()));
});

test('messages go out in the order of writing, one at a time, also before there is a session', async () => {
  const visitor = createVisitor();
  for (const text of ['one', 'two', 'three']) visitor.sender.write(text, []);
  assert.deepEqual(states(visitor), [['one', 'waiting'], ['two', 'waiting'], ['three', 'waiting']]);
  visitor.session.start();
  await visitor.clock.pass(10);
  assert.deepEqual(stored(visitor), ['one', 'two', 'three']);
  assert.deepEqual([states(visitor), visitor.outbox.load()], [[], []]);
});

test('without an acknowledgement the connection is given up and the same client id sent again', async () => {
  const visitor = await arrive();
  visitor.server.rules.mute = true;
  visitor.sender.write('hello', []);
  await visitor.clock.settle();
  visitor.server.rules.mute = false;
  assert.deepEqual(states(visitor), [['hello', 'sending']]);
  await visitor.clock.pass(20_000);
  await visitor.clock.pass(1_000);
  assert.deepEqual(stored(visitor), ['hello']);
  const ids = visitor.server.sent.filter(({ type }) => type === 'send').map((frame) => frame.client_id);
  assert.equal(ids.length, 2);
  assert.equal(ids[0], ids[1]);
});

test('an own event counts as the acknowledgement that was lost', async () => {
  const visitor = await arrive();
  visitor.server.rules.loseAcks = true;
  visitor.sender.write('one', []);
  visitor.sender.write('two', []);
  await visitor.clock.settle();
  assert.deepEqual([stored(visitor), states(visitor), visitor.outbox.load()], [['one', 'two'], [], []]);
});

test('a refusal for good stays, can be sent again with the same client id, and holds up nobody else', async () => {
  const visitor = await arrive();
  visitor.server.rules.refuse = wire('refused.never');
  visitor.sender.write('bad', []);
  await visitor.clock.settle();
  visitor.server.rules.refuse = undefined;
  visitor.sender.write('good', []);
  await visitor.clock.settle();
  assert.deepEqual([stored(visitor), states(visitor)], [['good'], [['bad', 'failed']]]);
  const [{ clientId }] = visitor.store.get().outgoing;
  visitor.sender.resend(clientId);
  await visitor.clock.settle();
  assert.deepEqual(stored(visitor), ['good', 'bad']);
  assert.equal(visitor.server.conversation.messages[1].client_id, clientId);
});

test('what was refused can be thrown away', async () => {
  const visitor = await arrive();
  visitor.server.rules.refuse = wire('refused.never');
  visitor.sender.write('bad', []);
  await visitor.clock.settle();
  visitor.sender.discard(visitor.store.get().outgoing[0].clientId);
  assert.deepEqual([states(visitor), visitor.outbox.load()], [[], []]);
});

test('a rate limit holds everything for as long as it says, in order', async () => {
  const visitor = await arrive();
  const { retry_after_ms: ms } = wire('refused.rate_limited');
  visitor.server.rules.refuse = wire('refused.rate_limited');
  visitor.sender.write('one', []);
  visitor.sender.write('two', []);
  await visitor.clock.settle();
  assert.deepEqual(visitor.store.get().held, { until: visitor.clock.now() + ms, code: 'rate_limited' });
  visitor.server.rules.refuse = undefined;
  await visitor.clock.pass(ms - 1);
  assert.deepEqual(stored(visitor), []);
  await visitor.clock.pass(2);
  assert.deepEqual([stored(visitor), visitor.store.get().held], [['one', 'two'], null]);
});

test('retry now is tried at once, but not without end', async () => {
  const visitor = await arrive();
  visitor.server.rules.refuse = { code: 'stale_reply', retry: 'now' };
  visitor.sender.write('one', []);
  await visitor.clock.pass(10);
  assert.equal(visitor.server.sent.length, 4);
  assert.equal(visitor.store.get().held.code, 'stale_reply');
});

test('what was not acknowledged when the page ended is sent by the next', async () => {
  const first = await arrive();
  first.server.rules.mute = true;
  first.sender.write('one', []);
  first.sender.write('two', []);
  await first.clock.settle();
  first.leave();
  first.server.rules.mute = false;
  const next = createVisitor(first);
  assert.deepEqual(states(next), [['one', 'waiting'], ['two', 'waiting']]);
  next.session.start();
  await next.clock.pass(10);
  assert.deepEqual([stored(next), next.outbox.load()], [['one', 'two'], []]);
});

test('what was refused is still there, and still refused, after the page ended', async () => {
  const first = await arrive();
  first.server.rules.refuse = wire('refused.never');
  first.sender.write('bad', []);
  await first.clock.settle();
  first.leave();
  assert.deepEqual(states(createVisitor(first)), [['bad', 'failed']]);
});

test('two tabs that send the same entry make one message', async () => {
  const first = await arrive();
  first.server.rules.mute = true;
  first.sender.write('once', []);
  await first.clock.settle();
  const other = createVisitor(first);
  first.server.rules.mute = false;
  other.session.start();
  await first.clock.pass(30_000);
  assert.deepEqual(stored(first), ['once']);
  assert.deepEqual([states(first), states(other), other.outbox.load()], [[], [], []]);
});

test('where sockets are blocked, messages go by HTTP and come over the stream', async () => {
  const visitor = createVisitor();
  visitor.server.rules = { close: 0, closeKind: 'socket' };
  visitor.session.start();
  visitor.sender.write('by http', []);
  await visitor.clock.pass(3_000);
  visitor.server.conversation.agentSays('by stream');
  await visitor.clock.settle();
  assert.deepEqual(visitor.texts(), ['by http', 'by stream']);
  assert.deepEqual([states(visitor), visitor.server.sent], [[], []]);
});

test('by HTTP, too, a refusal is for later or for good', async () => {
  const visitor = createVisitor();
  visitor.server.rules = { close: 0, closeKind: 'socket', say: new CallError(429, 'rate_limited', '', 4000) };
  visitor.session.start();
  visitor.sender.write('one', []);
  await visitor.clock.pass(1_500);
  assert.equal(visitor.store.get().held.code, 'rate_limited');
  visitor.server.rules.say = new CallError(422, 'validation_failed');
  await visitor.clock.pass(4_000);
  assert.deepEqual(states(visitor), [['one', 'failed']]);
});

test('where storage is blocked or full, the page still works as long as it lives', async () => {
  for (const memory of [null, { ...createMemory(), getItem: () => null, setItem() { throw new Error('full'); }, removeItem() {} }]) {
    const kept = createStorage(memory, 'k');
    const outbox = createOutbox(kept);
    outbox.put({ clientId: 'a', text: 'kept in memory', attachments: [], at: 1, state: 'waiting' });
    assert.deepEqual(outbox.load().map(({ text }) => text), ['kept in memory']);
    outbox.remove('a');
    assert.deepEqual(outbox.load(), []);
  }
});

test('what somebody else wrote into the storage is not taken for ours', () => {
  const memory = createMemory();
  memory.setItem('switchboard.k.outbox.x', '{not json');
  memory.setItem('switchboard.k.outbox.y', '"text"');
  memory.setItem('switchboard.other.outbox.z', JSON.stringify({ clientId: 'z', at: 1 }));
  assert.deepEqual(createOutbox(createStorage(memory, 'k')).load(), []);
});

test('a read mark goes out when the end is seen, once, and again after it could not be sent', async () => {
  const visitor = await arrive();
  const reads = () => visitor.server.sent.filter(({ type }) => type === 'read').map(({ seq }) => seq);
  const first = visitor.server.conversation.agentSays('one');
  await visitor.clock.settle();
  assert.deepEqual([reads(), visitor.unread.at(-1)], [[], 1]);
  visitor.looking = true;
  visitor.reader.sync();
  await visitor.clock.settle();
  assert.deepEqual([reads(), visitor.unread.at(-1), visitor.kept.get('read')], [[first.seq], 0, first.seq]);
  visitor.server.cut();
  visitor.server.conversation.agentSays('two');
  await visitor.clock.pass(1_000);
  assert.equal(reads().length, 2);
  assert.deepEqual(Object.keys(visitor.server.sent.find(({ type }) => type === 'read')).sort(), Object.keys(wire('read')).sort());
});
