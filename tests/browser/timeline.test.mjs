/**
 * A long conversation: where reading begins, what stays in its place, and what stands between the messages.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calm } from './support/browser.mjs';
import { gather } from './support/crowd.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const READ = 30;
const UNREAD = 90;

test('a long conversation is read from where one stopped', async (t) => {
  const world = await makeWorld(t);
  const [jane, karl] = await gather(world, [{ name: 'Jane Doe', text: 'Line 0' }, { name: 'Karl', text: 'Hello' }], { inOrder: true });
  if (!jane || !karl) throw new Error('nobody came');
  for (let n = 1; n < READ; n += 1) await jane.say(`Line ${n}`);
  const agent = await world.agent();
  const { page } = agent;
  const scroller = page.locator('.timeline-scroll');
  const mark = page.locator('.entry[data-type=unread]');
  /** @param {string} text */
  const bubble = (text) => page.locator('.entries .bubble', { has: page.getByText(text, { exact: true }) });
  /** Where a message stands on the screen. @param {string} text */
  const place = async (text) => Math.round((await bubble(text).boundingBox())?.y ?? Number.NaN);
  /** @param {string} text */
  const is_seen = (text) => bubble(text).evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    const frame = element.closest('.timeline-scroll')?.getBoundingClientRect();
    return frame !== undefined && top >= frame.top && bottom <= frame.bottom;
  });

  await agent.open('Jane Doe');
  await agent.sees(`Line ${READ - 1}`);
  // Thirty lines do not fit: reading begins at the first of them.
  await until('reading begins at the first', () => is_seen('Line 0'));
  await page.keyboard.press('b');
  await untilEqual('it is read', async () => (await world.rest.call('GET', `conversations/${jane.conversationId}`)).unread_count, 0);
  await agent.open('Karl');
  await agent.sees('Hello');
  for (let n = READ; n < READ + UNREAD; n += 1) await jane.say(`Line ${n}`);
  await untilEqual('the row counts them', () => agent.row('Jane Doe').locator('.badge').innerText(), String(UNREAD));

  await t.test('messages of one author stand as one group, below one day', async () => {
    await agent.open('Jane Doe');
    await agent.sees(`Line ${READ + UNREAD - 1}`);
    assert.equal(await page.locator('.entries .day').count(), 1);
    const firsts = await page.locator('.entries .entry[data-type=message][data-first]').count();
    const all = await page.locator('.entries .entry[data-type=message]').count();
    assert.ok(firsts < all / 4, `${firsts} of ${all} begin a group`);
  });

  await t.test('one jumps to the first unread message, what is missing is loaded on the way', async () => {
    await scroller.focus();
    await page.keyboard.press('u');
    await until('the first unread one is seen', async () => (await bubble(`Line ${READ}`).count()) === 1 && is_seen(`Line ${READ}`));
    assert.equal(await mark.count(), 1);
    const above = await mark.evaluate((element) => element.nextElementSibling?.textContent ?? '');
    assert.match(above, new RegExp(`Line ${READ}$`));
    await until('nothing more is offered', async () => (await page.locator('.unread-jump:visible').count()) === 0);
  });

  await t.test('older messages come without moving what is read', async () => {
    await page.keyboard.press('b');
    await until('the last one is seen', () => is_seen(`Line ${READ + UNREAD - 1}`));
    await page.reload();
    await agent.sees(`Line ${READ + UNREAD - 1}`);
    await until('it rests', async () => (await page.locator('.entries .entry[data-type=message]').count()) >= 50);
    const first = await page.locator('.entries .bubble').first().innerText();
    // Just above where loading begins by itself.
    await scroller.evaluate((element) => void (element.scrollTop = 300));
    const before = await place(first);
    await scroller.evaluate((element) => void (element.scrollTop = 200));
    await until('older ones are there', async () => (await page.locator('.entries .bubble').first().innerText()) !== first);
    assert.ok(Math.abs((await place(first)) - (before + 100)) <= 1, `${first} moved from ${before + 100} to ${await place(first)}`);
  });

  await t.test('what arrives below does not move what is read, and is counted', async () => {
    const [text] = (await page.locator('.entries .bubble').allInnerTexts()).slice(10);
    const before = await place(text ?? '');
    await jane.say('One more line');
    await untilEqual('it is counted', () => page.locator('.newest:not(.unread-jump)').innerText(), '1 new message');
    assert.equal(await place(text ?? ''), before);
    await page.keyboard.press('b');
    await until('it is seen', () => is_seen('One more line'));
  });

  await t.test('each change is one line between the messages, in words', async () => {
    await world.rest.call('PATCH', `conversations/${jane.conversationId}`, { labels: ['bike', 'vip'] });
    await world.rest.call('PATCH', `conversations/${jane.conversationId}`, { labels: ['vip'], priority: 'high' });
    await world.rest.call('PATCH', `conversations/${jane.conversationId}`, { status: 'pending' });
    const lines = async () => (await page.locator('.entry[data-type=line] .line').allInnerTexts()).map((line) => line.replace(/\s+\d.*$/, ''));
    await untilEqual('they are there', lines, ['Labels bike and vip added', 'Priority set to High', 'Label bike removed', 'Status changed to Pending']);
  });

  calm(page);
});
