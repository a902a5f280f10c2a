/**
 * What happens later, as agents ask for it: conversations that sleep until a time or until somebody writes, and messages that are sent later; with
 * a second agent beside it who sees the same.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { calm } from './support/browser.mjs';
import { gather } from './support/crowd.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const STILL = /** @type {const} */ ({ reducedMotion: 'reduce' });
const HOUR_MS = 60 * 60_000;

/** As a field for date and time wants it. @param {number} ms */
function local(ms) {
  const date = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 16);
}

/** @param {Awaited<ReturnType<Awaited<ReturnType<typeof makeWorld>>['agent']>>} agent @param {string} text */
const notice = ({ page }, text) => page.locator('.notice', { hasText: text }).first().waitFor();

test('snoozing', async (t) => {
  const world = await makeWorld(t);
  const [ada, ben] = await gather(world, [{ name: 'Ada', text: 'Where is my parcel?' }, { name: 'Ben', text: 'A new frame, please' }], { inOrder: true });
  assert.ok(ada && ben);
  const owner = await world.agent(STILL);
  const other = await world.agent({ ...STILL, email: world.server.agent });
  const { page } = owner;
  const keys = page.keyboard;
  const stored = (/** @type {{conversationId: string}} */ { conversationId }) => world.rest.call('GET', `conversations/${conversationId}`);
  await owner.open('Where is my parcel?');
  await owner.sees('Where is my parcel?');
  await other.open('Where is my parcel?');
  await other.sees('Where is my parcel?');
  const line = page.locator('.head-snoozed');

  await t.test('a key offers times; both agents see until when, in the head and in the list', async () => {
    await page.locator('.timeline-scroll').focus();
    await keys.press('z');
    await owner.dialog.waitFor();
    await accessible('until when', page, 'dialog');
    await keys.type('tomorrow');
    await keys.press('Enter');
    for (const agent of [owner, other]) await agent.page.locator('.head-snoozed', { hasText: 'Snoozed until tomorrow 09:00' }).waitFor();
    const { status, snoozed_until: at } = await stored(ada);
    const wanted = new Date();
    wanted.setDate(wanted.getDate() + 1);
    assert.deepEqual([status, Date.parse(at)], ['snoozed', wanted.setHours(9, 0, 0, 0)]);
    await owner.view(/** @type {any} */ ('snoozed'));
    await owner.row('Where is my parcel?').locator('.row-snoozed', { hasText: 'until tomorrow 09:00' }).waitFor();
    await accessible('a conversation that sleeps', page);
  });

  await t.test('a time of one’s own must be ahead', async () => {
    await owner.open('Where is my parcel?');
    await page.locator('.head-snooze').click();
    await owner.dialog.waitFor();
    assert.equal(await owner.dialog.locator('.pick-option').first().innerText(), 'Wake it now');
    await keys.type('choose');
    await keys.press('Enter');
    const field = page.locator('#when-own');
    await field.waitFor();
    await field.fill(local(Date.now() - HOUR_MS));
    await keys.press('Enter');
    await page.locator('.form-trouble', { hasText: 'That is in the past.' }).waitFor();
    await accessible('a time of one’s own', page, 'dialog');
    const at = Math.floor((Date.now() + 30 * HOUR_MS) / 60_000) * 60_000;
    await field.fill(local(at));
    await keys.press('Enter');
    await untilEqual('the server has it', async () => Date.parse((await stored(ada)).snoozed_until), at);
  });

  await t.test('it wakes by a key, by a press, and when they write', async () => {
    await page.locator('.timeline-scroll').focus();
    await keys.press('z');
    await owner.dialog.waitFor();
    await keys.press('Enter');
    await untilEqual('it is open', async () => (await stored(ada)).status, 'open');
    await until('nothing says that it sleeps', async () => !(await line.isVisible()));
    await keys.press('z');
    await owner.dialog.waitFor();
    await keys.type('until they');
    await keys.press('Enter');
    await page.locator('.head-snoozed', { hasText: 'Snoozed until they write' }).waitFor();
    assert.deepEqual([(await stored(ada)).snoozed_until ?? null], [null]);
    await ada.say('Hello?');
    await untilEqual('it is open', async () => (await stored(ada)).status, 'open');
    for (const agent of [owner, other]) await until('both see it awake', async () => !(await agent.page.locator('.head-snoozed').isVisible()));
    await page.locator('.head-snooze').click();
    await keys.type('later today');
    await keys.press('Escape');
    await world.rest.call('PATCH', `conversations/${ada.conversationId}`, { status: 'snoozed' });
    await line.getByRole('button', { name: 'Wake it now' }).click();
    await untilEqual('it is open', async () => (await stored(ada)).status, 'open');
  });

  await t.test('several at once', async () => {
    await owner.view('open');
    await owner.rows.first().focus();
    await keys.press('*');
    await keys.press('z');
    await owner.dialog.waitFor();
    await keys.type('tomorrow');
    await keys.press('Enter');
    await untilEqual('both sleep', async () => Promise.all([ada, ben].map(async (one) => (await stored(one)).status)), ['snoozed', 'snoozed']);
    assert.ok((await stored(ben)).snoozed_until);
  });
  calm(page, other.page);
});

test('sending later', async (t) => {
  const world = await makeWorld(t);
  const visitor = await world.visitor();
  await visitor.open();
  await visitor.say('Is the Fjord in stock?');
  const owner = await world.agent(STILL);
  const other = await world.agent({ ...STILL, email: world.server.agent });
  const { page } = owner;
  const keys = page.keyboard;
  await owner.open('Is the Fjord in stock?');
  await owner.sees('Is the Fjord in stock?');
  const id = await owner.conversationId();
  await other.open('Is the Fjord in stock?');
  await other.sees('Is the Fjord in stock?');
  const waiting = () => world.rest.all(`conversations/${id}/scheduled-messages`);
  const later = page.locator('.entry[data-type=scheduled]');
  const { contact } = await world.rest.call('GET', `conversations/${id}`);
  await world.rest.call('PATCH', `contacts/${contact.id}`, { custom_attributes: { timezone: 'Asia/Tokyo' } });

  await t.test('the clock beside Send offers times, with the other side’s; what waits stands at the end for both', async () => {
    assert.equal(await page.locator('.composer-later').isDisabled(), true, 'there is nothing to send');
    await owner.field.fill('It comes **on Friday**.');
    await page.locator('.composer-later').click();
    await owner.dialog.locator('.pick-hint', { hasText: 'there' }).first().waitFor();
    await accessible('send later', page, 'dialog');
    await keys.type('tomorrow');
    await keys.press('Enter');
    await notice(owner, 'It will be sent tomorrow 09:00');
    assert.equal(await owner.field.inputValue(), '');
    await later.locator('.receipt', { hasText: 'Will be sent tomorrow 09:00' }).waitFor();
    await other.page.locator('.entry[data-type=scheduled] .receipt', { hasText: 'by Olivia Owner' }).waitFor();
    assert.equal(await later.locator('strong, b').innerText(), 'on Friday');
    await accessible('what is sent later', page);
    const [message] = await waiting();
    assert.deepEqual([message.status, message.content_text, message.author.name], ['scheduled', 'It comes on Friday.', 'Olivia Owner']);
    assert.equal((await visitor.texts()).length, 1, 'nothing was sent');
  });

  await t.test('its time can be changed', async () => {
    const at = Math.floor((Date.now() + 50 * HOUR_MS) / 60_000) * 60_000;
    await later.getByRole('button', { name: 'Change the time' }).click();
    await page.locator('#when-own').fill(local(at));
    await keys.press('Enter');
    await untilEqual('the server has it', async () => Date.parse((await waiting())[0].send_at), at);
    await untilEqual('the page has it', async () => Date.parse((await later.locator('.receipt time').getAttribute('datetime')) ?? ''), at);
  });

  await t.test('it can be sent now, once', async () => {
    await later.getByRole('button', { name: 'Send now' }).click();
    await visitor.sees('It comes on Friday.');
    await until('nothing waits', async () => (await later.count()) === 0 && (await waiting()).length === 0);
    await until('the other sees it too', async () => (await other.page.locator('.entry[data-type=scheduled]').count()) === 0);
    await untilEqual('once', () => visitor.texts(), ['Is the Fjord in stock?', 'It comes on Friday.']);
  });

  await t.test('a key does it too, for a note as well; what is deleted is not sent', async () => {
    await page.locator('label.mode[for=mode-note]').click();
    await owner.field.fill('Ask the workshop');
    await keys.press('Control+Shift+Enter');
    await owner.dialog.waitFor();
    await keys.type('tomorrow');
    await keys.press('Enter');
    await later.locator('.bubble', { hasText: 'Ask the workshop' }).waitFor();
    assert.equal((await waiting())[0].kind, 'note');
    await later.getByRole('button', { name: 'Delete' }).click();
    await owner.dialog.getByRole('button', { name: 'Delete' }).click();
    await until('nothing waits', async () => (await later.count()) === 0 && (await waiting()).length === 0);
  });

  await t.test('when its time has come it is an ordinary message, on both screens', async () => {
    await world.rest.call('POST', `conversations/${id}/scheduled-messages`, { text: 'Good morning!', send_at: new Date(Date.now() + 4000).toISOString() });
    await later.locator('.bubble', { hasText: 'Good morning!' }).waitFor();
    await visitor.sees('Good morning!');
    for (const agent of [owner, other]) {
      await agent.sees('Good morning!');
      await until('it waits no more', async () => (await agent.page.locator('.entry[data-type=scheduled]').count()) === 0);
    }
  });
  calm(page, other.page);
});
