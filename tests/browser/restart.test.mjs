/**
 * The server dies while somebody writes, and comes back on the same data.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

test('a visitor writes while the server is dead: it says so, and the message arrives once', async (t) => {
  const world = await makeWorld(t);
  const { server } = world;
  const agent = await world.agent();
  const visitor = await world.visitor();
  await visitor.open();
  await visitor.say('before');
  await agent.open('before');
  await visitor.delivery('before', 'Seen');

  await visitor.field.pressSequentially('typed while it d');
  await server.kill();
  await visitor.field.pressSequentially('ied');
  await until('the visitor is told', async () => /^(The connection was lost\.|Connecting…)/.test(await visitor.notice.innerText()));
  await until('the visitor is told when it goes on', async () => /The connection was lost\. Trying again in \d+ seconds?\./.test((await visitor.notice.allInnerTexts()).join()));
  await until('the agent is told', async () => /Reconnecting/.test(await agent.page.locator('.connection-text').innerText()));
  await visitor.field.press('Enter');
  await visitor.delivery('typed while it died', 'Waiting to be sent');
  await agent.say('answered while it was dead');
  await agent.page.locator('.entry[data-type=unsent]', { hasText: 'Not sent yet.' }).waitFor();

  await server.start(server.port);
  // As a browser does when the network is back: nobody waits half a minute in a test.
  for (const page of [visitor, agent].map(({ page: one }) => one)) await hurry(page);
  await visitor.delivery('typed while it died', 'Seen');
  await agent.settled();
  await visitor.sees('answered while it was dead');
  await until('nothing is amiss any more', async () => (await visitor.notice.count()) === 0);
  await agent.connected();

  const [conversation, ...others] = await world.rest.conversations();
  assert.deepEqual(others, []);
  const texts = (await world.rest.messages(conversation.id)).map(({ content_text: text }) => text);
  assert.deepEqual([...texts].sort(), ['answered while it was dead', 'before', 'typed while it died']);
  await untilEqual('the visitor sees what the database holds', () => visitor.texts(), texts);
  await untilEqual('the agent sees what the database holds', () => agent.texts(), texts);
});

test('a browser without a network says so, and what is written goes out when it is back', async (t) => {
  const world = await makeWorld(t, { proxied: true });
  const agent = await world.agent();
  const visitor = await world.visitor();
  await visitor.open();
  await visitor.say('online');
  await agent.open('online');
  await visitor.delivery('online', 'Seen');

  for (const { page } of [visitor, agent]) await page.context().setOffline(true);
  world.proxy.cutAll();
  await untilEqual('the visitor is told', () => visitor.notice.innerText(), 'You are offline. What you write is kept and sent when you are back.');
  await untilEqual('the agent is told', () => agent.page.locator('.connection-text').innerText(), 'You are offline. What you write is kept and sent later.');
  await visitor.say('written offline');
  await visitor.delivery('written offline', 'Waiting to be sent');
  await agent.say('answered offline');
  for (const { page } of [visitor, agent]) await page.context().setOffline(false);
  await agent.sees('written offline');
  await visitor.sees('answered offline');
  await until('nothing is amiss any more', async () => (await visitor.notice.count()) === 0);
  const [conversation] = await world.rest.conversations();
  assert.equal((await world.rest.messages(conversation.id)).length, 3);
});

test('a visitor who writes too fast is told to wait, and everything is sent in order', async (t) => {
  const world = await makeWorld(t, { rates: ['--rate-visitor', '3'] });
  // Three at once, then one in twenty seconds: the test's patience ends the waiting, not the clock.
  const visitor = await world.visitor();
  await visitor.open();
  for (const text of ['one', 'two', 'three', 'four']) await visitor.say(text);
  await until('the visitor is told', async () => /You are writing faster than we can take it\. Sending goes on in \d+ seconds?\./.test((await visitor.notice.allInnerTexts()).join()));
  await visitor.delivery('four', 'Waiting to be sent');
  assert.deepEqual(await visitor.texts(), ['one', 'two', 'three', 'four']);
});

/** @param {import('playwright-core').Page} page */
async function hurry(page) {
  for (const frame of page.frames()) await frame.evaluate(() => window.dispatchEvent(new Event('online')));
}
