/**
 * Two agents answer at once.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calm } from './support/browser.mjs';
import { untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

test('the second of two answers is asked about, shows what was missed, and can be sent all the same', async (t) => {
  const world = await makeWorld(t, { proxied: true });
  const visitor = await world.visitor();
  await visitor.open();
  await visitor.say('Who answers first?');
  const olivia = await world.agent();
  const alex = await world.agent({ email: world.server.agent });
  for (const agent of [olivia, alex]) await agent.open('Who answers first?');
  await olivia.sees('Who answers first?');
  await alex.sees('Who answers first?');
  await alex.page.locator('.viewers', { hasText: 'Olivia Owner is also looking at this' }).waitFor();
  calm(olivia.page, alex.page, visitor.page);

  // Alex's network is gone for a moment: what he sends was written without knowing of Olivia's answer.
  await alex.page.context().setOffline(true);
  world.proxy.cutAll();
  await alex.page.locator('.connection[data-phase=offline]').waitFor({ state: 'attached' });
  await alex.say('Alex answers');
  await olivia.connected();
  await olivia.say('Olivia answers');
  await visitor.sees('Olivia answers');
  await alex.page.context().setOffline(false);

  await alex.dialog.waitFor();
  assert.equal(await alex.dialog.locator('h2').innerText(), 'Somebody else has answered');
  assert.equal(await alex.dialog.locator('.stale-list').innerText().then((text) => text.includes('Olivia answers')), true);
  assert.equal(await alex.dialog.locator('.stale-yours').innerText(), 'Alex answers');
  assert.ok(!(await visitor.texts()).includes('Alex answers'), 'it was sent before anybody agreed');

  await t.test('Escape leaves it unsent, with a way to come back to the question', async () => {
    await alex.page.keyboard.press('Escape');
    await alex.page.locator('.entry[data-type=unsent]', { hasText: 'Somebody else answered in the meantime' }).waitFor();
    await alex.page.getByRole('button', { name: 'Review' }).click();
    await alex.dialog.waitFor();
  });

  await t.test('“Send anyway” sends it', async () => {
    await alex.dialog.getByRole('button', { name: 'Send anyway' }).click();
    await visitor.sees('Alex answers');
    await alex.settled();
  });

  const [conversation] = await world.rest.conversations();
  const texts = (await world.rest.messages(conversation.id)).map(({ content_text: text }) => text);
  assert.deepEqual(texts, ['Who answers first?', 'Olivia answers', 'Alex answers']);
  for (const side of [visitor, olivia, alex]) await untilEqual('all see the same', () => side.texts(), texts);
});
