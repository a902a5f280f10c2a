/**
 * Twenty conversations handled by keyboard alone, one after the other: opened, read, answered, noted, assigned, labelled, resolved, and on to
 * the next. No pointer event is made, and nothing is focused or filled by script.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SHORTCUTS } from '../../console-js/app/shortcuts.js';
import { accessible } from './support/axe.mjs';
import { calm } from './support/browser.mjs';
import { gather } from './support/crowd.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const COUNT = 20;

test('twenty conversations are handled without a pointer', async (t) => {
  const world = await makeWorld(t);
  const people = Array.from({ length: COUNT }, (_, n) => ({ name: `Customer ${n}`, text: `Where is order ${1000 + n}?` }));
  const crowd = await gather(world, people, { inOrder: true });
  const agent = await world.agent();
  const { page } = agent;
  const keys = page.keyboard;
  const me = (await world.rest.call('GET', 'agents')).data.find((/** @type {{email: string}} */ { email }) => email === world.server.owner);

  await agent.rows.first().waitFor();
  await keys.press('j');
  await until('the first row has the focus', () => page.evaluate(() => document.activeElement?.classList.contains('row')));
  await keys.press('Enter');

  for (const [at, member] of [...crowd].reverse().entries()) {
    const answer = `It is on its way (${at})`;
    await untilEqual('the next conversation is open', () => agent.conversationId(), member.conversationId);
    await agent.sees(people[COUNT - 1 - at]?.text ?? '');
    await untilEqual('it is read', async () => (await world.rest.call('GET', `conversations/${member.conversationId}`)).unread_count, 0);
    await keys.press('r');
    await untilEqual('the field has the focus', () => focused(page), 'Write');
    await keys.type(answer);
    await keys.press('Enter');
    await agent.sees(answer);
    await keys.press('Escape');
    await keys.press('n');
    await keys.type(`checked the parcel ${at}`);
    await keys.press('Enter');
    await page.locator('.entry[data-kind=note]', { hasText: `checked the parcel ${at}` }).waitFor();
    await keys.press('Escape');
    if (at % 2 === 0) {
      await keys.press('m');
    } else {
      await keys.press('a');
      await agent.dialog.waitFor();
      await keys.type(me.name.slice(0, 5));
      await keys.press('Enter');
      await until('the question is gone', async () => (await agent.dialog.count()) === 0);
    }
    await page.locator('.entry[data-type=line]', { hasText: 'Assigned to you' }).waitFor();
    await keys.press('l');
    await agent.dialog.waitFor();
    await keys.type('parcel');
    await keys.press('Enter');
    await page.locator('.label-chip', { hasText: 'parcel' }).waitFor();
    await keys.press('e');
    await untilEqual('it is resolved', () => agent.resolve.innerText(), 'Reopen');
    await keys.press('Shift+J');
  }

  const stored = await world.rest.conversations();
  assert.equal(stored.length, COUNT);
  for (const { status, assignee_id, labels, last_message } of stored) {
    assert.deepEqual([status, assignee_id, labels], ['resolved', me.id, ['parcel']]);
    assert.match(last_message.content_text, /^It is on its way/);
  }
  for (const { conversationId } of crowd) {
    const kinds = (await world.rest.messages(conversationId)).map(({ kind, direction }) => `${direction} ${kind}`);
    assert.deepEqual(kinds, ['in message', 'out message', 'out note']);
  }

  await t.test('nothing is left in the view, and the search finds what was done', async () => {
    await keys.press('Escape');
    await until('no row is left', async () => (await agent.rows.count()) === 0);
    await keys.press('6');
    await page.locator('.rail-link[data-view=resolved][aria-current=page]').waitFor();
    await untilEqual('all are there', () => page.locator('.rows li').first().getAttribute('aria-setsize'), String(COUNT));
    await keys.press('/');
    await untilEqual('the search has the focus', () => focused(page), 'Search conversations');
    await keys.type('order 1007');
    await untilEqual('one is found', () => agent.rows.count(), 1);
    await keys.press('Escape');
    await keys.press('Escape');
  });

  await t.test('snoozing and waking have a key', async () => {
    await keys.press('1');
    await keys.press('6');
    await agent.rows.first().waitFor();
    await keys.press('j');
    await keys.press('z');
    await agent.dialog.waitFor();
    await keys.type('until they');
    await keys.press('Enter');
    await agent.rows.first().locator('.mark', { hasText: 'Snoozed' }).waitFor();
    await keys.press('z');
    await agent.dialog.waitFor();
    await keys.press('Enter');
    await agent.rows.first().locator('.mark', { hasText: 'Open' }).waitFor();
  });

  await t.test('the sheet lists every shortcut of the table', async () => {
    await keys.press('?');
    await agent.dialog.waitFor();
    const listed = await agent.dialog.locator('.key-row kbd').allInnerTexts();
    const wanted = SHORTCUTS.flatMap(({ keys: bound, shown = bound }) => shown).filter((key) => key !== '–');
    assert.deepEqual([...listed].sort(), [...wanted].sort());
    await accessible('the sheet', page);
    await keys.press('Escape');
    await until('the sheet is gone', async () => (await agent.dialog.count()) === 0);
  });

  calm(page);
});

/** @param {import('playwright-core').Page} page */
function focused(page) {
  return page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');
}
