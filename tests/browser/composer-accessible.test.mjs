/**
 * axe-core looks at everything that is opened while somebody writes, light and dark, on a phone, with large letters, from right to left.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { until } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

/** Nothing moves: a colour half-way through a change is nobody's colour. */
const STILL = /** @type {const} */ ({ reducedMotion: 'reduce', kept: {} });
const DARK = /** @type {const} */ ({ colorScheme: 'dark' });
/** @type {Record<string, {rtl?: boolean} & import('playwright-core').BrowserContextOptions>} */
const LOOKS = {
  light: {},
  dark: DARK,
  'right to left': { rtl: true },
  'a narrow phone': { viewport: { width: 360, height: 740 } },
  'a narrow phone, dark, right to left': { viewport: { width: 360, height: 740 }, rtl: true, ...DARK },
  '200 % on a small screen': { viewport: { width: 640, height: 400 } },
};

test('axe-core finds nothing where somebody writes', async (t) => {
  const world = await makeWorld(t);
  const visitor = await world.visitor();
  await visitor.open();
  await visitor.say('Read me');
  for (const [name, { rtl = false, ...options }] of Object.entries(LOOKS)) {
    await t.test(name, async () => {
      const agent = await world.agent({ ...STILL, ...options });
      await agent.page.evaluate((dir) => (document.documentElement.dir = dir), rtl ? 'rtl' : 'ltr');
      await look(agent, name);
      await agent.page.context().close();
    });
  }
});

/** @param {import('./support/world.mjs').Agent} agent @param {string} name */
async function look(agent, name) {
  const { page } = agent;
  await page.locator('.account-summary').click();
  await within(page, '.account-menu');
  await accessible('the agent’s menu', page);
  await page.keyboard.press('Escape');
  await agent.row('Read me').first().waitFor();
  await agent.rows.first().click();
  await agent.field.fill('**bold** and `code`, [a link](https://example.com) and _more_');
  await page.locator('.composer-preview strong').waitFor();
  await accessible('what signs come to', page);
  await page.getByRole('button', { name: 'Send as typed' }).click();
  await accessible('signs as signs', page);
  await page.getByRole('button', { name: 'Format it' }).click();
  await page.getByRole('button', { name: 'Emoji' }).click();
  await within(page, '.emoji-panel');
  await accessible('the emoji', page);
  await page.keyboard.type('no such thing');
  await page.getByText('No emoji of that name.').waitFor();
  await accessible('no emoji', page);
  await page.keyboard.press('Escape');
  await agent.field.press('Control+k');
  await page.locator('#composer-link').fill('nothing at all');
  await page.keyboard.press('Enter');
  await within(page, '.link-panel');
  await accessible('a link that is none', page);
  await page.keyboard.press('Escape');
  await agent.page.locator('.composer input[type=file]').setInputFiles([{ name: 'too-large.zip', mimeType: 'application/zip', buffer: Buffer.alloc(10 * 1024 * 1024 + 1) }]);
  await page.locator('.composer-file[data-failed]').waitFor();
  await accessible('a file that is too large', page);
  await page.locator('.composer-file [data-remove]').click();
  await page.clock.install();
  await page.clock.pauseAt(new Date(Date.now() + 1000));
  await agent.field.fill(`words (${name}) to be taken back`);
  await agent.field.press('Enter');
  await until('it waits', async () => {
    await page.clock.runFor(20);
    return (await page.locator('.entry[data-state=held]').count()) === 1;
  });
  await page.clock.resume();
  await page.getByRole('button', { name: 'Undo' }).click();
  await agent.field.fill('');
  await page.locator('label.mode[for=mode-note]').click();
  await agent.field.fill('a **note** with `code`');
  await page.locator('.composer-preview strong').waitFor();
  await accessible('a note', page);
  await agent.field.fill('');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, 'it is wider than the screen');
}

/** All of it is on the screen. @param {import('playwright-core').Page} page @param {string} part */
async function within(page, part) {
  const outside = await page.locator(part).evaluate((element) => {
    const { top, left, right, bottom } = element.getBoundingClientRect();
    return top < 0 || left < 0 || right > innerWidth || bottom > innerHeight ? [top, left, right, bottom] : null;
  });
  assert.equal(outside, null, `${part} is not all on the screen`);
}
