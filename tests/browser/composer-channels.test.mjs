/**
 * What a provider lets be said, told while it is typed: in its own units, without the formatting that its readers do not see, until its window ends.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { besideSimulator } from './support/simulator.mjs';
import { untilEqual } from './support/until.mjs';

/** @typedef {Awaited<ReturnType<typeof besideSimulator>>} World */

/** @param {import('node:test').TestContext} t @param {string} provider */
async function scene(t, provider) {
  const world = await besideSimulator(t, provider);
  const { vendor, address, secrets } = world.simulator;
  const { id } = await world.rest.call('POST', 'credentials', { provider, ...(vendor && { vendor }), name: 'Ours', secrets });
  await world.rest.call('POST', 'channels', { kind: provider, name: 'Ours', address, credential_id: id });
  const customer = await world.customer();
  await customer.write('Is the Fjord in stock?');
  const agent = await world.agent();
  await agent.open('Is the Fjord in stock?');
  await agent.sees('Is the Fjord in stock?');
  const length = agent.page.locator('.composer-length');
  return { world, customer, agent, length, marks: agent.page.locator('.mark-buttons') };
}

test('a text message is counted as networks do, and formats nothing', async (t) => {
  const { customer, agent, length, marks } = await scene(t, 'sms');
  assert.equal(await marks.isVisible(), false);
  await agent.field.fill('It is, in green.');
  await untilEqual('it is one', () => length.innerText(), '16 of 160 · 1 text message');
  await agent.field.fill('a'.repeat(161));
  await untilEqual('it is two', () => length.innerText(), '161 · 2 text messages of 153');
  await agent.field.fill('Grün, ж');
  await untilEqual('another alphabet has less room', () => length.innerText(), '7 of 70 · 1 text message');

  await t.test('a note is counted by nobody, and may be formatted', async () => {
    await agent.page.locator('label.mode[for=mode-note]').click();
    await agent.field.fill('**heavy**');
    await agent.page.locator('.composer-preview strong').waitFor();
    assert.deepEqual([await marks.isVisible(), await length.innerText()], [true, '']);
    await agent.field.press('Enter');
    await agent.page.locator('.entry[data-kind=note] strong', { hasText: 'heavy' }).waitFor();
  });

  await t.test('signs in a reply go out as they are', async () => {
    await agent.say('**not** bold');
    await customer.sees('**not** bold');
  });
});

test('a reply over WhatsApp says how long it may be answered, and when it will be cut', async (t) => {
  const { agent, length, marks } = await scene(t, 'whatsapp');
  await agent.page.locator('.composer-window', { hasText: /You can answer for another 23 h \d+ min\./ }).waitFor();
  assert.equal(await marks.isVisible(), false);
  await agent.field.fill('a'.repeat(3276));
  await untilEqual('there is room', () => length.innerText(), '');
  await agent.field.fill('a'.repeat(3277));
  await untilEqual('it becomes full', () => length.innerText(), '3277 of 4096 characters');
  await agent.field.fill('a'.repeat(4097));
  await untilEqual('it will be cut', () => length.innerText(), '4097 characters: WhatsApp takes 4096, so it arrives as 2 messages');
});
