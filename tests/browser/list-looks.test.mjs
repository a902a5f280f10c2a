/**
 * The inbox in every look: light and dark, a phone of 360 pixels, 200 %, and right to left. axe-core finds nothing, nothing is cut off at the
 * side, and nothing moves where people asked for that.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { calm } from './support/browser.mjs';
import { gather } from './support/crowd.mjs';
import { until } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const DESKTOP = { width: 1280, height: 800 };
/** What 1280 pixels are at 200 %. */
const ZOOMED = { width: 640, height: 400 };
const NARROW = { width: 360, height: 780 };
const LOOKS = /** @type {const} */ ([
  { name: 'light', size: DESKTOP, scheme: 'light', dir: 'ltr' },
  { name: 'dark', size: DESKTOP, scheme: 'dark', dir: 'ltr' },
  { name: 'at 200 %', size: ZOOMED, scheme: 'light', dir: 'ltr' },
  { name: '360 pixels, dark', size: NARROW, scheme: 'dark', dir: 'ltr' },
  { name: 'right to left', size: DESKTOP, scheme: 'light', dir: 'rtl' },
  { name: '360 pixels, right to left', size: NARROW, scheme: 'light', dir: 'rtl' },
]);

test('the inbox in every look', async (t) => {
  const world = await makeWorld(t);
  const people = ['Amelia Hart', 'Jonas Weber', 'فاطمة الزهراء', 'A very long name that does not fit into any list at all'].map((name, n) => ({ name, text: `Where is order ${n}? `.repeat(n + 1) }));
  const crowd = await gather(world, people, { inOrder: true });
  for (const [n, patch] of [{ priority: 'urgent', labels: ['billing', 'refund', 'shipping'] }, { labels: ['a rather long label for a row'] }, { priority: 'high' }].entries()) {
    await world.rest.call('PATCH', `conversations/${crowd[n]?.conversationId}`, patch);
  }
  await world.rest.call('POST', `conversations/${crowd[1]?.conversationId}/messages`, { text: 'It is on its way.' });
  const agent = await world.agent({ reducedMotion: 'reduce' });
  const { page } = agent;

  for (const { name, size, scheme, dir } of LOOKS) {
    await t.test(name, async () => {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.evaluate((way) => void (document.documentElement.dir = way), dir);
      await agent.row('Amelia Hart').waitFor();
      await look('the list');
      await page.keyboard.press('j');
      await page.keyboard.press('x');
      await page.locator('.bulk:visible').waitFor();
      await look('with one chosen');
      await page.keyboard.press('a');
      await agent.dialog.waitFor();
      await look('whom to assign it to');
      await page.keyboard.press('Escape');
      await until('the question is gone', async () => (await agent.dialog.count()) === 0);
      await page.keyboard.press('Escape');
      await until('none is chosen', async () => (await page.locator('.bulk:visible').count()) === 0);
      await agent.open('Amelia Hart');
      await agent.sees('Where is order 0?');
      await look('a conversation');
      await page.locator('.timeline-scroll').focus();
      await page.keyboard.press('?');
      await agent.dialog.waitFor();
      await look('the sheet of shortcuts');
      await page.keyboard.press('Escape');
      await until('the sheet is gone', async () => (await agent.dialog.count()) === 0);
      await page.keyboard.press('Escape');
      await until('the list is there', async () => agent.row('Amelia Hart').isVisible());
      await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
    });
  }

  /** @param {string} what */
  async function look(what) {
    await accessible(what, page);
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(beyond, 0, `${what} reaches ${beyond} pixels beyond the side`);
    const moving = await page.evaluate(() => document.getAnimations().filter(({ playState, effect }) => playState === 'running' && Number(effect?.getComputedTiming().duration) > 1).length);
    assert.equal(moving, 0, `something moves in ${what}`);
  }

  calm(page);
});
