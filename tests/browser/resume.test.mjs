/**
 * Sockets that are cut again and again while both sides write: nothing is lost, doubled or out of order.
 *
 * The cut comes after a number of bytes drawn at random, so it falls anywhere: into the welcome, into a replay, into the middle of a
 * frame. `SWITCHBOARD_SEED` repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const CUTS = 200;
/** Between these many bytes a connection is cut; to be connected and welcomed takes about 1,300. */
const BUDGET = { min: 300, max: 6_000 };
/** So many messages of one side may be under way at once. */
const UNDER_WAY_MAX = 4;
const MESSAGES_MAX = 1_500;

test(`${CUTS} cuts under traffic: both screens end in the state of the database`, async (t) => {
  const seed = Number(process.env.SWITCHBOARD_SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  const random = generator(seed);
  const world = await makeWorld(t, { proxied: true });
  const { proxy } = world;
  // Clients wait at random before they come back, up to half a minute after many cuts in a row; here they draw from the
  // beginning of that range only, so that 200 cuts do not take an hour.
  const script = `{ let state = ${seed}; Math.random = () => ((state = (state * 48271) % 2147483647) / 2147483647) * 0.004; }`;
  const visitor = await world.visitor({ script });
  const agent = await world.agent({ script });
  await visitor.open();
  await visitor.say('v0');
  await agent.open('v0');
  await agent.sees('v0');

  proxy.budget = () => BUDGET.min + Math.floor(random() * (BUDGET.max - BUDGET.min));
  // The connections that stand were made without a budget.
  proxy.cutAll();
  const enough = () => proxy.cuts.length >= CUTS;
  const [said, answered] = await Promise.all([
    write('v', visitor.say, () => visitor.chat.locator('.list .message.waiting, .list .message.sending').count(), enough),
    write('a', agent.say, () => agent.page.locator('.entry[data-type=unsent]').count(), enough),
  ]);
  proxy.budget = null;
  proxy.cutAll();
  await visitor.settled();
  await agent.settled();

  const count = (/** @type {string} */ path) => proxy.cuts.filter((cut) => cut === path).length;
  t.diagnostic(`${proxy.cuts.length} cuts: ${count('/ws/visitor')} of the visitor's sockets, ${count('/api/widget/events')} of its ` +
    `event streams, ${count('/ws/agent')} of the agent's sockets; ${said} messages of the visitor, ${answered} of the agent`);
  assert.ok(count('/ws/visitor') > CUTS / 10 && count('/ws/agent') > CUTS / 10, 'both sides were cut');

  const [conversation] = await world.rest.conversations();
  const messages = await world.rest.messages(conversation.id);
  const texts = messages.map(({ content_text: text }) => text);
  assert.deepEqual(texts.filter((text) => text.startsWith('v')), numbered('v', said), 'each of the visitor’s messages once, in order');
  assert.deepEqual(texts.filter((text) => text.startsWith('a')), numbered('a', answered), 'each of the agent’s messages once, in order');
  const ascending = messages.map(({ seq }) => seq);
  assert.deepEqual(ascending, [...new Set(ascending)].sort((a, b) => a - b), 'in the order of their seq');
  await untilEqual('the visitor sees what the database holds', () => visitor.texts(), texts);
  await untilEqual('the agent sees what the database holds', () => agent.texts(), texts);
});

/**
 * Writes until it is enough, never with more than a few messages under way.
 * @param {string} name @param {(text: string) => Promise<void>} say @param {() => Promise<number>} underWay @param {() => boolean} enough
 * @returns {Promise<number>} the number of the last message
 */
async function write(name, say, underWay, enough) {
  let last = 0;
  while (!enough()) {
    last += 1;
    assert.ok(last <= MESSAGES_MAX, 'so many messages should have been cut often enough');
    await say(`${name}${last}`);
    await until(`fewer of ${name}’s messages are under way`, async () => (await underWay()) < UNDER_WAY_MAX);
  }
  return last;
}

/** @param {string} name @param {number} last the visitor's first message was number 0 */
function numbered(name, last) {
  const first = name === 'v' ? 0 : 1;
  return Array.from({ length: last + 1 - first }, (_, index) => `${name}${first + index}`);
}

/** A small generator with a seed (Lehmer). @param {number} seed */
function generator(seed) {
  let state = (seed % 2_147_483_646) + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
