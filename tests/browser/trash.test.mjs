/**
 * The trash, as agents use it: by pointer and by key, with a second agent beside it who sees the same; what the customer's next message does to it;
 * and the end of it, asked for twice.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { calm } from './support/browser.mjs';
import { gather } from './support/crowd.mjs';
import { take } from './support/screenshot.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const STILL = /** @type {const} */ ({ reducedMotion: 'reduce' });
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 800 };
const TRASH = /** @type {any} */ ('trash');

test('the trash', async (t) => {
  const world = await makeWorld(t);
  const people = ['Ada', 'Ben', 'Cleo', 'Dora'].map((name, n) => ({ name, text: `Question ${n} of mine` }));
  const [ada] = await gather(world, people, { inOrder: true });
  assert.ok(ada);
  const owner = await world.agent(STILL);
  const other = await world.agent({ ...STILL, email: world.server.agent });
  const { page } = owner;
  const keys = page.keyboard;
  const stored = () => world.rest.call('GET', `conversations/${ada.conversationId}`);
  const line = (/** @type {typeof owner} */ agent) => agent.page.locator('.head-trashed:visible');
  const count = (/** @type {typeof owner} */ agent) => agent.rows.count();

  await t.test('a press puts it there, for both agents, and nothing can be written in it', async () => {
    for (const agent of [owner, other]) {
      await agent.open('Question 0 of mine');
      await agent.sees('Question 0 of mine');
    }
    await page.locator('.head-trash').click();
    for (const agent of [owner, other]) await line(agent).waitFor();
    assert.ok((await stored()).trashed_at);
    for (const agent of [owner, other]) {
      assert.equal(await agent.field.getAttribute('placeholder'), 'Restore the conversation to write in it');
      await agent.page.locator('.brand').hover();
      await untilEqual('it has left the list', () => count(agent), 3);
    }
    await accessible('a conversation in the trash', page);
  });

  await t.test('it is in the trash’s own view, and comes back by a press', async () => {
    await owner.view(TRASH);
    await owner.row('Question 0 of mine').waitFor();
    assert.equal(await count(owner), 1);
    await accessible('the trash', page);
    await owner.open('Question 0 of mine');
    await take(page, 'inbox-trash-desktop-light', 'console');
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.setViewportSize(PHONE);
    await take(page, 'inbox-trash-phone-dark', 'console');
    await page.setViewportSize(DESKTOP);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await line(owner).getByRole('button', { name: 'Restore' }).click();
    for (const agent of [owner, other]) await until('it is out', async () => (await line(agent).count()) === 0);
    assert.equal((await stored()).trashed_at, null);
    await untilEqual('the other has it in the list', () => count(other), 4);
  });

  await t.test('keys do it too: in, out, and to a view', async () => {
    await keys.press('7');
    await page.locator('.rail-link[data-view=trash][aria-current=page]').waitFor();
    await keys.press('3');
    await owner.open('Question 0 of mine');
    await owner.sees('Question 0 of mine');
    await page.locator('.timeline-scroll').focus();
    await keys.press('#');
    await line(owner).waitFor();
    await keys.press('Shift+R');
    await until('it is out', async () => (await line(owner).count()) === 0);
    assert.equal((await stored()).trashed_at, null);
    await keys.press('?');
    await owner.dialog.waitFor();
    await page.locator('.key-row', { hasText: 'Take out of the trash' }).waitFor();
    await keys.press('Escape');
  });

  await t.test('several go at once, and come back', async () => {
    await owner.view('open');
    await owner.row('Question 1 of mine').click({ modifiers: ['Shift'] });
    await owner.row('Question 3 of mine').click({ modifiers: ['Shift'] });
    await untilEqual('three are chosen', () => page.locator('.bulk-choosing .bulk-count').innerText(), '3 selected');
    await page.locator('.bulk-acts button[data-command=trash]').click();
    await untilEqual('all are done', () => page.locator('.bulk-working .bulk-count').innerText(), 'Put in the trash: 3 conversations changed');
    await page.locator('.bulk-working .icon-button:visible').click();
    await owner.view(TRASH);
    await untilEqual('they are there', () => count(owner), 3);
    await owner.row('Question 1 of mine').focus();
    await keys.press('x');
    await keys.press('*');
    await untilEqual('all are chosen', () => page.locator('.bulk-choosing .bulk-count').innerText(), '3 selected');
    await accessible('several in the trash', page);
    await take(page, 'inbox-trash-several-desktop-light', 'console');
    assert.equal(await page.locator('.bulk-acts button[data-command=trash]').isVisible(), false);
    await page.locator('.bulk-acts button', { hasText: 'Delete for good' }).click();
    await page.locator('dialog', { hasText: 'Delete 3 conversations for good?' }).waitFor();
    await keys.press('Escape');
    await page.locator('.bulk-acts button[data-command=restore]').click();
    await untilEqual('all are out', () => page.locator('.bulk-working .bulk-count').innerText(), 'Restore: 3 conversations changed');
    await page.locator('.bulk-working .icon-button:visible').click();
    await page.locator('.list-state', { hasText: 'The trash is empty' }).waitFor();
    await owner.view('open');
  });

  await t.test('the customer’s next message takes it out', async () => {
    await world.rest.call('POST', `conversations/${ada.conversationId}/trash`);
    await untilEqual('it has left the other’s list', async () => (await other.page.locator('.brand').hover(), count(other)), 3);
    await ada.say('Are you there?');
    await other.row('Are you there?').waitFor();
    assert.equal((await stored()).trashed_at, null);
  });

  await t.test('for good only when one is sure; then it is gone for everybody, and begins again', async () => {
    await owner.open('Are you there?');
    await other.open('Are you there?');
    await page.locator('.head-trash').click();
    await line(owner).waitFor();
    await line(owner).getByRole('button', { name: 'Delete for good' }).click();
    await owner.dialog.waitFor();
    await accessible('are you sure', page, 'dialog');
    await take(page, 'inbox-trash-sure-desktop-light', 'console');
    await keys.press('Escape');
    await until('nothing happened', async () => (await owner.dialog.count()) === 0 && (await stored()).trashed_at !== null);
    await line(owner).getByRole('button', { name: 'Delete for good' }).click();
    await owner.dialog.getByRole('button', { name: 'Delete for good' }).click();
    for (const agent of [owner, other]) await agent.page.locator('.conversation-nothing:visible').waitFor();
    await assert.rejects(stored(), /404/);
    await ada.say('Hello again');
    await other.row('Hello again').first().click();
    await other.sees('Hello again');
    assert.deepEqual(await other.texts(), ['Hello again']);
  });
  calm(page, other.page);
});
