/**
 * The list with several hundred conversations: only what is seen is in the page, nothing moves under the pointer or the focus, and many are
 * changed at once.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { complaintsOf } from './support/browser.mjs';
import { gather } from './support/crowd.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const COUNT = 260;
/** What fits on the screen, twice what is made around it, and some room. */
const ROWS_MADE_MAX = 40;

test('a long list', async (t) => {
  const world = await makeWorld(t);
  const people = Array.from({ length: COUNT }, (_, n) => ({ name: `Customer ${String(n).padStart(3, '0')}`, text: `Where is order ${1000 + n}?` }));
  const crowd = await gather(world, people, { inOrder: true });
  const agent = await world.agent({ reducedMotion: 'reduce' });
  const { page } = agent;
  const scroller = page.locator('.list-scroll');
  const pill = page.locator('.newer:visible');
  const top = () => scroller.evaluate((element) => element.scrollTop);
  /** @param {number} n */
  const row = (n) => agent.row(`Customer ${String(n).padStart(3, '0')}`);
  /** The names of the rows, from the top of the screen. */
  const names = () => page.locator('.rows .row-name').allInnerTexts();
  await row(COUNT - 1).waitFor();

  await t.test('only what is seen is in the page, and every row says its place', async () => {
    assert.ok((await agent.rows.count()) <= ROWS_MADE_MAX);
    const first = page.locator('.rows li').first();
    assert.equal(await first.getAttribute('aria-posinset'), '1');
    assert.equal(await first.getAttribute('aria-setsize'), '-1', 'nobody knows yet how many there are');
    for (;;) {
      const before = await top();
      // Again and again: further rows may come when the end was reached already.
      await until('it goes on or ends', async () => {
        await scroller.evaluate((element) => void (element.scrollTop = element.scrollHeight));
        return (await top()) > before || (await row(0).count()) === 1;
      });
      assert.ok((await agent.rows.count()) <= ROWS_MADE_MAX);
      if ((await row(0).count()) === 1) break;
    }
    await untilEqual('the last one is the last', () => page.locator('.rows li').last().getAttribute('aria-posinset'), String(COUNT));
    await untilEqual('and the number is known', () => page.locator('.rows li').last().getAttribute('aria-setsize'), String(COUNT));
    await untilEqual('the head says it too', () => page.locator('.list-count').innerText(), String(COUNT));
  });

  await t.test('where one reads further down nothing moves, and what is newer is counted', async () => {
    const place = await row(3).boundingBox();
    await crowd[3]?.say('It is me again');
    await row(3).locator('.row-preview', { hasText: 'It is me again' }).waitFor();
    assert.deepEqual(await row(3).boundingBox(), place);
    await untilEqual('one is newer', () => pill.innerText(), '1 newer');
    await pill.click();
    await untilEqual('it is at the top', async () => (await names())[0], 'Customer 003');
    assert.equal(await top(), 0);
  });

  await t.test('nothing moves under the pointer; it goes where it belongs when the pointer leaves', async () => {
    await row(COUNT - 2).hover();
    const before = await names();
    await crowd[10]?.say('Hello?');
    await untilEqual('one is newer', () => pill.innerText(), '1 newer');
    assert.deepEqual(await names(), before);
    await page.mouse.move(900, 400);
    await untilEqual('it is at the top', async () => (await names())[0], 'Customer 010');
    await until('nothing is newer', async () => (await pill.count()) === 0);
  });

  await t.test('the focus stays on its row, which does not move', async () => {
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    const focused = () => page.evaluate(() => document.activeElement?.querySelector('.row-name')?.textContent);
    const name = await focused();
    const place = await row(3).boundingBox();
    await crowd[20]?.say('Is anybody there?');
    await untilEqual('one is newer', () => pill.innerText(), '1 newer');
    assert.deepEqual([await focused(), await row(3).boundingBox()], [name, place]);
    // Out of sight it keeps the focus, too.
    await scroller.evaluate((element) => void (element.scrollTop = 9000));
    await until('others are on the screen', async () => (await names()).includes('Customer 150'));
    assert.equal(await focused(), name);
    await page.keyboard.press('.');
    await untilEqual('it is at the top', async () => (await names())[0], 'Customer 020');
    await page.keyboard.press('Escape');
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  });

  await t.test('a row that leaves the view while it has the focus stays until the list is let go', async () => {
    await page.keyboard.press('j');
    await page.keyboard.press('e');
    const first = agent.rows.first();
    await first.locator('.mark', { hasText: 'Resolved' }).waitFor();
    assert.equal(await first.getAttribute('data-left'), 'yes');
    await accessible('a row that has left', page);
    await page.keyboard.press('e');
    await until('it is back', async () => (await first.getAttribute('data-left')) === null);
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  });

  await t.test('what was searched for is marked, as text', async () => {
    await crowd[30]?.say('I have a zebra');
    await crowd[30]?.say('the <b>blue</b> one, please');
    await page.keyboard.press('/');
    await page.keyboard.type('<B>BLUE');
    await untilEqual('one is found', () => agent.rows.count(), 1);
    await untilEqual('and marked', () => page.locator('.rows mark').allInnerTexts(), ['<b>blue']);
    await page.locator('.search-input').fill('order 1007');
    await untilEqual('another is found', () => page.locator('.rows mark').allInnerTexts(), ['order 1007']);
    await page.locator('.search-input').fill('zebra');
    await page.locator('.rows .mark', { hasText: 'In an earlier message' }).waitFor();
    await accessible('a search', page);
    await page.keyboard.press('Escape');
    await until('the list is whole again', async () => (await agent.rows.count()) > 10);
    await page.keyboard.press('Escape');
  });

  await t.test('many are changed at once: chosen by pointer and by key, with a label', async () => {
    await row(COUNT - 3).waitFor();
    await row(COUNT - 3).click({ modifiers: ['Shift'] });
    await row(COUNT - 6).click({ modifiers: ['Shift'] });
    await untilEqual('four are chosen', () => page.locator('.bulk-choosing .bulk-count').innerText(), '4 selected');
    await row(COUNT - 7).focus();
    await page.keyboard.press('x');
    await untilEqual('five are chosen', () => page.locator('.bulk-choosing .bulk-count').innerText(), '5 selected');
    await accessible('with some chosen', page);
    await page.locator('.bulk-acts button', { hasText: 'Label' }).click();
    await agent.dialog.waitFor();
    await accessible('a label is chosen', page);
    await page.keyboard.type('parcel');
    await page.keyboard.press('Enter');
    await untilEqual('all are done', () => page.locator('.bulk-working .bulk-count').innerText(), 'Add label parcel: 5 conversations changed');
    const labelled = (await world.rest.all('conversations?label=parcel')).map(({ contact }) => contact.name).sort();
    assert.deepEqual(labelled, [3, 4, 5, 6, 7].map((n) => `Customer ${COUNT - n}`).sort());
  });

  await t.test('what fails is listed with its reason, and can be tried again', async () => {
    const refused = crowd[COUNT - 5]?.conversationId;
    await page.route(`**/api/v1/conversations/${refused}`, (route) => route.request().method() !== 'PATCH' ? route.fallback() : route.fulfill({
      status: 403, contentType: 'application/problem+json', body: JSON.stringify({ status: 403, code: 'forbidden', title: 'Forbidden', detail: 'this one is not yours' }),
    }));
    await page.keyboard.press('e');
    await untilEqual('four are done', () => page.locator('.bulk-working .bulk-count').innerText(), 'Set to Resolved: 4 of 5 changed');
    assert.deepEqual(await page.locator('.bulk-failures li').allInnerTexts(), [`Customer ${COUNT - 5} This one is not yours.`]);
    await accessible('with a failure', page);
    await page.unroute(`**/api/v1/conversations/${refused}`);
    await page.locator('.bulk-working button', { hasText: 'Retry' }).click();
    await untilEqual('it is done', () => page.locator('.bulk-working .bulk-count').innerText(), 'Set to Resolved: 1 conversation changed');
    assert.equal((await world.rest.all('conversations?status=resolved')).length, 5);
    await page.locator('.bulk-working .icon-button:visible').click();
    await page.keyboard.press('Escape');
  });

  await t.test('a view is chosen by name: a label, in another order, whatever its standing', async () => {
    await page.locator('.list-title-button').click();
    await agent.dialog.waitFor();
    await page.keyboard.type('parc');
    await page.keyboard.press('Enter');
    await untilEqual('it is that label', () => page.locator('.list-title-text').innerText(), 'parcel');
    await until('nothing of it is open', async () => (await agent.rows.count()) === 0);
    await page.locator('.list-filters select').first().selectOption('any');
    await untilEqual('all are there', () => agent.rows.count(), 5);
    await page.locator('.list-filters select').last().selectOption('created_at');
    await untilEqual('the oldest first', names, [7, 6, 5, 4, 3].map((n) => `Customer ${COUNT - n}`));
    assert.match(page.url(), /#\/label:parcel$/);
    await page.reload();
    await untilEqual('a copied address leads there', () => page.locator('.list-title-text').innerText(), 'parcel');
  });

  assert.deepEqual(complaintsOf(page).filter((text) => !/status of 403/.test(text)), []);
});
