import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallError } from '../../../widget-js/frame/net.js';
import { wire } from '../support/wire.mjs';
import { createVisitor } from '../support/visitor.mjs';

async function arrive(options) {
  const visitor = createVisitor(options);
  visitor.session.start();
  await visitor.clock.settle();
  return visitor;
}

test('a visitor who comes back is known by the id that was kept', async () => {
  const first = await arrive();
  first.leave();
  const again = await arrive(first);
  assert.deepEqual(again.server.inits.map(({ visitorId }) => visitorId), [undefined, 'visitor']);
  assert.deepEqual(Object.keys(again.server.inits[0]), Object.keys(wire('init.request')));
});

test('no session in sight: it is asked for again and again, with waits, and the screen says when', async () => {
  const visitor = createVisitor({ random: () => 1 });
  visitor.server.rules.init = new CallError(503, 'busy', '', 7000);
  visitor.session.start();
  await visitor.clock.settle();
  assert.equal(visitor.store.get().link.retryAt, visitor.clock.now() + 7000);
  await visitor.clock.pass(6_999);
  assert.equal(visitor.server.inits.length, 1);
  visitor.server.rules.init = undefined;
  await visitor.clock.pass(1);
  assert.equal(visitor.store.get().link.status, 'online');
});

test('a session that is refused for good is not asked for again', async () => {
  const visitor = createVisitor();
  const { status, code } = wire('problem.widget.origin_forbidden');
  visitor.server.rules.init = new CallError(status, code);
  visitor.session.start();
  await visitor.clock.pass(60_000);
  assert.equal(visitor.store.get().phase, 'refused');
  assert.deepEqual([visitor.server.inits.length, visitor.errors.map((error) => error.code)], [1, ['origin_forbidden']]);
});

test('a wrong identity is reported, and the visitor goes on without one', async () => {
  const visitor = createVisitor();
  const { init } = visitor.server;
  visitor.server.init = async (request) => {
    if (request.identity) throw new CallError(401, 'identity_invalid');
    return init(request);
  };
  const again = createVisitor(visitor);
  again.session.identify({ identifier: 'user-81', identifier_hash: 'wrong' });
  await again.clock.settle();
  assert.equal(again.store.get().link.status, 'online');
  assert.deepEqual(again.errors.map((error) => error.code), ['identity_invalid']);
});

test('the answers of the pre-chat form go into a second init with the same visitor', async () => {
  const visitor = await arrive();
  const { identity } = wire('init.request.pre_chat');
  assert.equal(await visitor.session.introduce(identity), null);
  await visitor.clock.settle();
  const { visitorId, identity: sent } = visitor.server.inits[1];
  assert.deepEqual([visitorId, sent], ['visitor', identity]);
  assert.deepEqual([visitor.store.get().answered, visitor.store.get().link.status, visitor.kept.get('answered')], [true, 'online', true]);
});

test('answers that are refused leave the session as it was', async () => {
  const visitor = await arrive();
  visitor.server.rules.init = new CallError(422, 'validation_failed');
  const failure = await visitor.session.introduce({ email: 'nobody' });
  assert.equal(failure.code, 'validation_failed');
  assert.deepEqual([visitor.store.get().answered, visitor.store.get().link.status], [false, 'online']);
});

test('a long history is read page by page', async () => {
  const visitor = createVisitor();
  for (let index = 0; index < 210; index += 1) visitor.server.conversation.agentSays(`message ${index}`);
  visitor.session.start();
  await visitor.clock.settle();
  await visitor.clock.pass(100);
  assert.deepEqual(visitor.texts(), visitor.server.conversation.messages.map((message) => message.content_text));
  assert.deepEqual([visitor.server.histories, visitor.store.get().shortened], [3, false]);
});

test('of a very long history the newest part is read, and the screen says that there is more', async () => {
  const visitor = createVisitor();
  for (let index = 0; index < 700; index += 1) visitor.server.conversation.agentSays(`message ${index}`);
  visitor.session.start();
  await visitor.clock.settle();
  await visitor.clock.pass(100);
  assert.deepEqual([visitor.texts().length, visitor.texts()[0], visitor.store.get().shortened], [500, 'message 200', true]);
});

test('a visitor id that the server cannot read is forgotten, not fatal', async () => {
  const visitor = createVisitor();
  visitor.kept.set('visitor', 'somebody else wrote this');
  const { init } = visitor.server;
  visitor.server.init = async (request) => {
    if (request.visitorId) throw new CallError(422, 'validation_failed');
    return init(request);
  };
  const again = createVisitor(visitor);
  again.session.start();
  await again.clock.settle();
  assert.deepEqual([again.store.get().link.status, again.kept.get('visitor')], ['online', 'visitor']);
});

test('a history that cannot be read is read again', async () => {
  const visitor = createVisitor({ random: () => 1 });
  visitor.server.conversation.agentSays('Are you there?');
  visitor.server.rules.history = new CallError(0, 'network');
  visitor.session.start();
  await visitor.clock.settle();
  assert.equal(visitor.store.get().loaded, false);
  visitor.server.rules.history = undefined;
  await visitor.clock.pass(1_000);
  assert.deepEqual([visitor.store.get().loaded, visitor.texts()], [true, ['Are you there?']]);
});

test('a frame that was lost is fetched by resuming from the cursor', async () => {
  const visitor = await arrive();
  const { conversation } = visitor.server;
  conversation.agentSays('one');
  await visitor.clock.settle();
  visitor.server.rules.lose = (event) => event.data.content_text === 'two';
  conversation.agentSays('two');
  conversation.agentSays('three');
  await visitor.clock.pass(1_000);
  assert.deepEqual(visitor.texts(), ['one', 'two', 'three']);
  assert.equal(visitor.server.opened.at(-1).cursor, `9f3c01ab-${conversation.events[0].seq}`);
});

test('a gap that resuming does not close is closed from the history, and nothing goes round in circles', async () => {
  const visitor = await arrive();
  const { conversation } = visitor.server;
  conversation.agentSays('one');
  await visitor.clock.settle();
  const after = conversation.after.bind(conversation);
  conversation.after = (cursor) => after(cursor).filter((event) => event.data.content_text !== 'two');
  visitor.server.rules.lose = (event) => event.data.content_text === 'two';
  conversation.agentSays('two');
  conversation.agentSays('three');
  await visitor.clock.pass(5_000);
  assert.deepEqual(visitor.texts(), ['one', 'two', 'three']);
  assert.equal(visitor.server.opened.length, 2);
});

test('resync_required loads the history and goes on from the cursor of the welcome', async () => {
  const visitor = await arrive();
  visitor.server.conversation.agentSays('before');
  await visitor.clock.settle();
  visitor.server.conversation.after = () => null;
  visitor.server.cut();
  visitor.server.conversation.agentSays('while away');
  await visitor.clock.pass(1_000);
  visitor.server.conversation.agentSays('after');
  await visitor.clock.pass(100);
  assert.deepEqual(visitor.texts(), ['before', 'while away', 'after']);
});

test('over a stream, whose resync says no head, a fresh session does', async () => {
  const visitor = await arrive();
  visitor.server.rules = { close: 0, closeKind: 'socket' };
  visitor.server.cut();
  await visitor.clock.pass(5_000);
  assert.equal(visitor.store.get().link.kind, 'stream');
  visitor.server.conversation.agentSays('one');
  await visitor.clock.settle();
  visitor.server.peer.tell(wire('resync_required'));
  await visitor.clock.pass(10_000);
  visitor.server.conversation.agentSays('two');
  await visitor.clock.pass(100);
  assert.deepEqual([visitor.texts(), visitor.store.get().link.status], [['one', 'two'], 'online']);
});

test('an event of another conversation begins the session anew', async () => {
  const visitor = await arrive();
  visitor.server.conversation.agentSays('one');
  await visitor.clock.settle();
  visitor.server.peer.tell({ ...wire('event.message_created.visitor'), conversation_id: 'merged' });
  await visitor.clock.pass(1_000);
  assert.equal(visitor.server.inits.length, 2);
  assert.equal(visitor.store.get().link.status, 'online');
});

test('somebody who stops typing without a word is not shown typing for ever', async () => {
  const visitor = await arrive();
  visitor.server.peer.tell(wire('typing.server'));
  await visitor.clock.settle();
  assert.equal(visitor.store.get().typist.name, 'Maya Chen');
  await visitor.clock.pass(8_000);
  assert.equal(visitor.store.get().typist, null);
});

test('reset forgets who the visitor was, what was said and what was to be said', async () => {
  const visitor = await arrive();
  visitor.sender.write('secret', []);
  await visitor.clock.settle();
  visitor.server.rules.mute = true;
  visitor.sender.write('not sent yet', []);
  await visitor.clock.settle();
  visitor.server.rules.init = new CallError(0, 'network');
  visitor.session.reset();
  await visitor.clock.settle();
  assert.equal(visitor.server.inits.at(-1).visitorId, undefined);
  assert.deepEqual([visitor.store.get().messages, visitor.store.get().outgoing, visitor.outbox.load()], [[], [], []]);
});

test('a page that is left behind leaves no timer running', async () => {
  const visitor = await arrive();
  visitor.sender.write('hello', []);
  visitor.server.peer.tell(wire('typing.server'));
  await visitor.clock.settle();
  visitor.leave();
  assert.equal(visitor.clock.pending(), 0);
});
