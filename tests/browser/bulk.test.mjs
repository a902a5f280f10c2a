/**
 * Many conversations at once, handed to the server: chosen by key, labelled and put in the trash while another agent looks, with what cannot be done
 * told in words; and it goes on when the page is gone.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { calm } from './support/browser.mjs';
import { gather } from './support/crowd.mjs';
import { take } from './support/screenshot.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const COUNT = 40;
const TRASH = /** @type {any} */ ('trash');

test('many at once', async (t) => {
  const world = await makeWorld(t);
  const crowd = await gather(world, Array.from({ length: COUNT }, (_, n) => ({ name: `Customer ${n}`, text: `Question ${n}` })));
  const owner = await world.agent({ reducedMotion: 'reduce' });
  const other = await world.agent({ reducedMotion: 'reduce', email: world.server.agent });
  const { page } = owner;
  const keys = page.keyboard;
  const words = page.locator('.bulk-working .bulk-count');
  const jobs = () => world.rest.all('bulk-jobs');

  await t.test('a label on all of the view, by key', async () => {
    await owner.rows.first().waitFor();
    await owner.rows.first().focus();
    await keys.press('*');
    await untilEqual('all are chosen', () => page.locator('.bulk-choosing .bulk-count').innerText(), `${COUNT} selected`);
    await keys.press('l');
    await owner.dialog.waitFor();
    await keys.type('spring');
    await keys.press('Enter');
    await untilEqual('all are done', () => words.innerText(), `Add label spring: ${COUNT} conversations changed`);
    await accessible('a job that is done', page);
    await take(page, 'inbox-bulk-job-desktop-light', 'console');
    const [job] = await jobs();
    assert.deepEqual([job.status, job.total, job.done, job.action], ['done', COUNT, COUNT, { type: 'add_labels', labels: ['spring'] }]);
    assert.equal((await world.rest.all('conversations?label=spring')).length, COUNT);
    await page.locator('.bulk-working .icon-button:visible').click();
  });

  await t.test('one that is gone meanwhile fails by itself, with the reason', async () => {
    const gone = crowd[3]?.conversationId;
    await owner.rows.first().focus();
    if ((await page.locator('.bulk-choosing:visible').count()) === 0) await keys.press('*');
    // What was deleted this very moment is on the screen still: the server knows better.
    await page.route('**/api/v1/conversations/bulk', async (route) => {
      await world.rest.call('POST', `conversations/${gone}/trash`);
      await world.rest.call('DELETE', `conversations/${gone}`);
      await route.continue();
    }, { times: 1 });
    await keys.press('#');
    await untilEqual('all but one are done', () => words.innerText(), `Put in the trash: ${COUNT - 1} of ${COUNT} changed`);
    assert.match(await page.locator('.bulk-failures').innerText(), /no such conversation/i);
    await accessible('a job of which something failed', page);
    await page.locator('.bulk-working .icon-button:visible').click();
    await untilEqual('nothing is left in the other’s list', async () => (await other.page.locator('.brand').hover(), other.rows.count()), 0);
  });

  await t.test('it goes on when the page is closed', async () => {
    await owner.view(TRASH);
    await owner.rows.first().waitFor();
    await owner.rows.first().focus();
    await keys.press('*');
    const handed = page.waitForResponse((response) => response.url().endsWith('/conversations/bulk') && response.status() === 202);
    await keys.press('Shift+R');
    await handed;
    calm(page);
    await page.close();
    await until('all are back', async () => (await world.rest.all('conversations')).length === COUNT - 1);
    assert.ok((await jobs()).every((job) => job.finished_at !== null));
  });
  calm(other.page);
});
