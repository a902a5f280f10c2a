/**
 * A network that lets no WebSocket through.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

test('where sockets are refused the widget converses over the event stream', async (t) => {
  const world = await makeWorld(t, { proxied: true });
  const { proxy } = world;
  proxy.refuseSockets = '/ws/visitor';
  const agent = await world.agent();
  const visitor = await world.visitor();
  await visitor.open();
  await visitor.say('Does this get through?');
  await visitor.delivery('Does this get through?', 'Sent');
  assert.ok(proxy.refused >= 2, 'a socket was tried');
  assert.deepEqual(proxy.longWires().map(({ request }) => request).sort(), ['/api/widget/events', '/ws/agent']);
  await agent.open('Does this get through?');
  await visitor.delivery('Does this get through?', 'Seen');
  await agent.field.pressSequentially('It d');
  await visitor.typing.waitFor();
  await agent.say('It does.');
  await visitor.sees('It does.');
  await visitor.say('Good.');
  await agent.sees('Good.');

  // The stream is cut, too, and goes on where it was.
  proxy.cutAll();
  await agent.say('Still there?');
  await visitor.sees('Still there?');
  await visitor.say('Still here.');
  await agent.sees('Still here.');
  await until('nothing is amiss any more', async () => (await visitor.notice.count()) === 0);
  const [conversation] = await world.rest.conversations();
  const texts = (await world.rest.messages(conversation.id)).map(({ content_text: text }) => text);
  assert.deepEqual(texts, ['Does this get through?', 'It does.', 'Good.', 'Still there?', 'Still here.']);
  await untilEqual('the visitor sees what the database holds', () => visitor.texts(), texts);
  await untilEqual('the agent sees what the database holds', () => agent.texts(), texts);
});
