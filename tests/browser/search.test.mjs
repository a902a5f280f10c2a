/**
 * The search over everything: by key and by pointer, live while one types, to the very message; and how it looks. With `SWITCHBOARD_SCREENSHOTS=1`
 * it takes its pictures in `docs/console/` anew.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { calm } from './support/browser.mjs';
import { gather } from './support/crowd.mjs';
import { take } from './support/screenshot.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const NARROW = { width: 360, height: 780 };
/** What 1280 pixels are at 200 %. */
const ZOOMED = { width: 640, height: 400 };
const LOOKS = /** @type {const} */ ([
  ['desktop-light', DESKTOP, 'light'], ['desktop-dark', DESKTOP, 'dark'], ['phone-light', PHONE, 'light'], ['phone-dark', PHONE, 'dark'],
]);
/** More than one page of a timeline. */
const LINES = 130;
/** The search is asked for by this path. */
const ASKED = /\/api\/v1\/search\?/;

/** @param {import('playwright-core').Page} page */
function findOn(page) {
  const dialog = page.locator('dialog.find[open]');
  return {
    dialog,
    field: dialog.locator('input'),
    hits: dialog.locator('[role=option]'),
    marks: dialog.locator('mark'),
    status: dialog.locator('[role=status]'),
    /** @param {string} words */
    async says(words) {
      await untilEqual(`it says “${words}”`, () => dialog.locator('[role=status]').innerText(), words);
    },
  };
}

test('what was said is found', async (t) => {
  const world = await makeWorld(t);
  const crowd = await gather(world, [
    { name: 'Ines Duarte', text: 'The invoice has the wrong address' },
    { name: 'Bo Larsen', text: 'Is the <b>Fjord</b> frame in stock? And does “café” paint cost extra?' },
    { name: 'دانا خليل', text: 'أين الطرد رقم ٤٢؟ شكراً' },
    { name: 'Jane Doe', text: 'Where is my parcel? It should have been here on Monday' },
  ], { inOrder: true });
  for (let n = 0; n < LINES; n += 1) await crowd[0]?.say(n === 3 ? 'My parcel went to the neighbour, who is away' : `Line ${n} of a long story`);
  await crowd[3]?.say('The parcel is here now, thank you');
  const agent = await world.agent({ reducedMotion: 'reduce' });
  const { page } = agent;
  const find = findOn(page);
  await agent.row('Jane Doe').waitFor();

  await t.test('by key alone: words, live, to the message that was said long ago', async () => {
    await page.keyboard.press('f');
    await find.field.waitFor();
    assert.equal(await find.field.evaluate((field) => field === document.activeElement), true);
    await page.keyboard.type('PARC');
    await find.says('3 hits');
    assert.deepEqual(await find.marks.allInnerTexts(), ['parcel', 'parcel', 'parcel']);
    assert.deepEqual(await find.hits.locator('.find-name').allInnerTexts(), ['Jane Doe', 'Ines Duarte', 'Jane Doe'], 'the newest first');
    await page.keyboard.press('ArrowDown');
    const marked = await find.field.getAttribute('aria-activedescendant');
    assert.equal(await page.locator(`#${marked}`).getAttribute('aria-selected'), 'true');
    await page.keyboard.press('Enter');
    await find.dialog.waitFor({ state: 'detached' });
    const entry = agent.entry('My parcel went to the neighbour');
    await entry.waitFor();
    await until('the message has the focus', () => entry.evaluate((element) => element === document.activeElement));
    const seen = await entry.evaluate((element) => {
      const [at, frame] = [element.getBoundingClientRect(), element.closest('.timeline-scroll')?.getBoundingClientRect()];
      return frame !== undefined && at.top >= frame.top && at.bottom <= frame.bottom;
    });
    assert.equal(seen, true, 'it is on the screen');
    assert.equal(await agent.conversationId(), crowd[0]?.conversationId);
  });

  await t.test('another message of the conversation that is open is gone to, too', async () => {
    await page.keyboard.press('Control+k');
    await find.field.fill('"line 77 of"');
    await find.says('1 hit');
    await page.keyboard.press('Enter');
    const entry = agent.entry('Line 77 of a long story');
    await until('the message has the focus', () => entry.evaluate((element) => element === document.activeElement));
  });

  await t.test('people and ticket numbers, and words in which accents and signs do not count', async () => {
    await page.keyboard.press('Control+k');
    await find.field.fill('jane');
    await find.says('1 hit');
    assert.equal(await find.hits.first().getAttribute('data-type'), 'contact');
    await find.field.fill('#2');
    await until('the ticket is found', async () => (await find.hits.first().getAttribute('data-type')) === 'conversation');
    assert.match(await find.hits.first().innerText(), /Bo Larsen[\s\S]*#2/);
    await find.field.fill('CAFE <b>fjord');
    await find.says('1 hit');
    assert.match(await find.hits.first().locator('.find-text').innerText(), /<b>Fjord<\/b> frame/, 'what looks like markup is text');
    assert.equal(await find.dialog.locator('.find-text b').count(), 0);
    await find.hits.first().click();
    await agent.sees('Is the <b>Fjord</b> frame in stock?');
    assert.equal(await agent.conversationId(), crowd[1]?.conversationId);
  });

  await t.test('what is not there is said in words, and Escape leaves everything as it was', async () => {
    const place = page.url();
    await page.locator('.rail-find').click();
    await find.field.fill('zeppelin');
    await find.says('Nothing was found for “zeppelin”.');
    await page.keyboard.press('Enter');
    assert.equal(await find.dialog.count(), 1, 'there is nothing to open');
    await page.keyboard.press('Escape');
    await find.dialog.waitFor({ state: 'detached' });
    assert.equal(page.url(), place);
    assert.equal(await page.locator('.rail-find').evaluate((button) => button === document.activeElement), true, 'the focus is back');
  });

  await t.test('a slow answer to what was typed before is not shown; a search that fails says so and is tried again', async () => {
    /** @type {(() => void)[]} */
    const held = [];
    await page.route(ASKED, async (route) => {
      if (new URL(route.request().url()).searchParams.get('q') !== 'invoice') return route.continue();
      await new Promise((go) => void held.push(() => go(undefined)));
      await route.continue().catch(() => {});
    });
    await page.keyboard.press('f');
    await find.field.fill('invoice');
    await until('it is asked', () => held.length === 2);
    await find.field.fill('monday');
    await find.says('1 hit');
    for (const go of held) go();
    await find.field.fill('mondays');
    await find.says('Nothing was found for “mondays”.');
    assert.equal(await find.hits.count(), 0);
    await page.unroute(ASKED);
    await page.route(ASKED, (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ code: 'unavailable', detail: 'no' }) }));
    await find.field.fill('monday');
    await until('it is said', async () => (await find.status.innerText()).startsWith('The search did not work'));
    await page.unroute(ASKED);
    await find.dialog.getByRole('button', { name: 'Try again' }).click();
    await find.says('1 hit');
    await page.keyboard.press('Escape');
  });

  await t.test('more than a page is read on at the end', async () => {
    await page.keyboard.press('f');
    await find.field.fill('long story');
    await find.says('20 hits so far');
    await find.dialog.getByRole('button', { name: 'Show more' }).click();
    await find.says('40 hits so far');
    for (let n = 0; n < 39; n += 1) await page.keyboard.press('ArrowDown');
    await find.says('60 hits so far');
    await page.keyboard.press('Escape');
  });
});

test('the search in every look', async (t) => {
  const world = await makeWorld(t);
  await gather(world, [
    { name: 'Bo Larsen', text: 'Is the Fjord in stock? My parcel from last year was perfect' },
    { name: 'دانا خليل', text: 'أين الطرد؟ parcel 42 شكراً' },
    { name: 'Parcel Service Nord', text: 'We could not deliver: nobody was at home at Hafengasse 12, and the neighbours do not take anything for anybody. Please tell us where we should leave the parcel, or whether the customer picks it up' },
    { name: 'Jane Doe', text: 'Where is my parcel? It should have been here on Monday' },
  ], { inOrder: true });
  const agent = await world.agent({ reducedMotion: 'reduce' });
  const { page } = agent;
  const find = findOn(page);
  /** @param {string} words @param {string} said */
  async function shown(words, said) {
    await page.goto(`${world.server.url}/#/open`);
    await page.reload();
    await agent.connected();
    await agent.row('Jane Doe').waitFor();
    await page.keyboard.press('Control+k');
    await find.field.fill(words);
    await find.says(said);
  }
  for (const [look, viewport, colorScheme] of LOOKS) {
    await t.test(look, async () => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await shown('parcel', '5 hits');
      await accessible(`hits, ${look}`, page);
      await take(page, `inbox-search-${look}`, 'console');
      await shown('zeppelin', 'Nothing was found for “zeppelin”.');
      await accessible(`nothing, ${look}`, page);
    });
  }
  await t.test('a phone has a button for it, and leads to the conversation', async () => {
    await page.setViewportSize(PHONE);
    await page.reload();
    await agent.connected();
    await page.locator('.list-find').click();
    await find.field.fill('monday');
    await find.says('1 hit');
    await find.hits.first().click();
    await agent.sees('Where is my parcel?');
  });
  await t.test('360 pixels, right to left; and 200 %', async () => {
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    for (const [size, dir] of /** @type {const} */ ([[NARROW, 'rtl'], [ZOOMED, 'ltr']])) {
      await page.setViewportSize(size);
      await shown('parcel', '5 hits');
      await page.evaluate((way) => (document.documentElement.dir = way), dir);
      await accessible(`hits, ${dir} at ${size.width}`, page);
      assert.equal(await find.dialog.evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth), 0);
      const cut = await find.dialog.evaluate((dialog) => dialog.getBoundingClientRect().bottom - window.innerHeight);
      assert.ok(cut <= 0, `the dialog ends ${cut} pixels below the screen at ${size.width}`);
    }
  });
  calm(page);
});
