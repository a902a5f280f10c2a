/**
 * How an agent is reached: notifications, sound, the page's tab, presence; and what is said when the connection is gone.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calm } from './support/browser.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

/**
 * Notifications and sounds are noted, not shown; and a page that says that it is hidden, because Chromium without a screen hides none.
 */
const WATCHED = `
  window.told = { asked: 0, shown: [], notes: 0 };
  window.Notification = class extends EventTarget {
    static permission = 'default';
    static async requestPermission() { told.asked += 1; return (Notification.permission = window.refuses ? 'denied' : 'granted'); }
    constructor(title, { body }) { super(); told.shown.push([title, body]); told.last = this; }
    close() { this.dispatchEvent(new Event('close')); }
  };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (at) { told.notes += 1; return start.call(this, at); };
  let hidden = false;
  Object.defineProperty(Document.prototype, 'hidden', { get: () => hidden });
  Object.defineProperty(Document.prototype, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') });
  window.hide = (now) => { hidden = now; document.dispatchEvent(new Event('visibilitychange')); };
`;

/** @param {import('./support/world.mjs').Agent} agent @returns {Promise<{asked: number, shown: [string, string][], notes: number}>} */
const told = (agent) => agent.page.evaluate(() => /** @type {any} */ (window).told);
/** @param {import('./support/world.mjs').Agent} agent @param {boolean} hidden */
const hide = (agent, hidden) => agent.page.evaluate((now) => /** @type {any} */ (window).hide(now), hidden);
/** @param {import('./support/world.mjs').Agent} agent */
const menu = (agent) => agent.page.locator('.account-summary').click();

test('who is not looking is told of a customer’s words, and of nothing else', async (t) => {
  const world = await makeWorld(t);
  const visitor = await world.visitor();
  await visitor.open();
  await visitor.say('First words');
  const agent = await world.agent({ script: WATCHED });
  const other = await world.agent({ email: world.server.agent });
  await agent.row('First words').waitFor();
  const icon = () => agent.page.locator('link[rel=icon]').getAttribute('href');

  await t.test('nothing is asked for, shown or played before it is wanted', async () => {
    await hide(agent, true);
    await visitor.say('Second words');
    await agent.row('Second words').waitFor();
    assert.deepEqual({ ...(await told(agent)), last: undefined }, { asked: 0, shown: [], notes: 0, last: undefined });
    await hide(agent, false);
  });

  await t.test('leave is asked for on a click, and a sound is heard when it is chosen', async () => {
    await menu(agent);
    await agent.page.getByLabel('Desktop notifications').check();
    await until('leave was asked for', async () => (await told(agent)).asked === 1);
    await agent.page.getByLabel('Sound').check();
    await until('two notes were played', async () => (await told(agent)).notes === 2);
    await agent.page.keyboard.press('Escape');
  });

  await t.test('a hidden tab notifies and sounds; a click opens the conversation', async () => {
    await hide(agent, true);
    await visitor.say('Is anybody there?');
    await until('it was told', async () => (await told(agent)).shown.length === 1);
    const { shown, notes } = await told(agent);
    assert.deepEqual([shown[0]?.[1], notes], ['Is anybody there?', 4]);
    await agent.page.evaluate(() => /** @type {any} */ (window).told.last.dispatchEvent(new Event('click')));
    await agent.sees('Is anybody there?');
    await hide(agent, false);
  });

  await t.test('a tab on the screen does not notify, and looking at the words does not even sound', async () => {
    await agent.page.bringToFront();
    await until('it is read', async () => (await agent.page.title()) === 'Switchboard');
    const before = await told(agent);
    await visitor.say('While you look');
    await agent.sees('While you look');
    await agent.say('Here I am');
    await visitor.sees('Here I am');
    await agent.settled();
    const after = await told(agent);
    assert.deepEqual([after.shown.length, after.notes], [before.shown.length, before.notes]);
  });

  await t.test('what is unread of one’s own is counted in the title, and a dot stands on the icon', async () => {
    await agent.page.locator('.head-fields select').first().selectOption({ label: 'Olivia Owner (me)' });
    await agent.view('mine');
    await agent.row('Here I am').waitFor();
    assert.match(await icon() ?? '', /icon\.svg$/);
    await hide(agent, true);
    await visitor.say('One more');
    await untilEqual('the title counts', () => agent.page.title(), '(1) Switchboard');
    assert.match(await icon() ?? '', /icon-unread\.svg$/);
    await hide(agent, false);
  });

  await t.test('“do not disturb” is silent, stands beside the name and outlives a reload; others still see “online”', async () => {
    await menu(agent);
    await agent.page.getByLabel('Do not disturb').check();
    await agent.page.locator('.account-status', { hasText: 'Online · do not disturb' }).waitFor();
    await agent.page.reload();
    await agent.connected();
    await agent.page.locator('.account-status', { hasText: 'Online · do not disturb' }).waitFor();
    await hide(agent, true);
    await visitor.say('Can you hear me?');
    await agent.row('Can you hear me?').waitFor();
    assert.deepEqual([(await told(agent)).shown, (await told(agent)).notes], [[], 0]);
    await other.open('Can you hear me?');
    await other.page.locator('option', { hasText: /^Olivia Owner$/ }).first().waitFor({ state: 'attached' });
  });
  calm(agent.page, other.page, visitor.page);
});

test('notifications that the browser refuses are said to be refused', async (t) => {
  const world = await makeWorld(t);
  const agent = await world.agent({ script: `${WATCHED} window.refuses = true;` });
  await menu(agent);
  await agent.page.getByLabel('Desktop notifications').click();
  await agent.page.getByText('The browser does not allow notifications').waitFor();
  assert.equal(await agent.page.getByLabel('Desktop notifications').isChecked(), false);
  calm(agent.page);
});

test('who touches nothing for ten minutes is away, and is back with the first key', async (t) => {
  const world = await makeWorld(t);
  const visitor = await world.visitor();
  await visitor.open();
  await visitor.say('Who is there?');
  const agent = await world.agent();
  const other = await world.agent({ email: world.server.agent });
  await other.open('Who is there?');
  const olivia = other.page.locator('.head-fields option', { hasText: 'Olivia Owner' });
  await untilEqual('she is there', () => olivia.innerText(), 'Olivia Owner');

  await agent.page.clock.install();
  await agent.page.clock.runFor(10 * 60_000 + 20_000);
  await agent.page.locator('.account-status', { hasText: 'Away: nobody at the desk' }).waitFor();
  await untilEqual('others see it', () => olivia.innerText(), 'Olivia Owner · Away');
  await agent.page.keyboard.press('Shift');
  await untilEqual('others see that she is back', () => olivia.innerText(), 'Olivia Owner');

  await t.test('who chose to be offline stays so', async () => {
    await menu(agent);
    await agent.page.locator('label[for=presence-offline]').click();
    await untilEqual('others see it', () => olivia.innerText(), 'Olivia Owner · Offline');
    await agent.page.keyboard.press('Shift');
    await agent.page.locator('.account-status', { hasText: 'Offline' }).waitFor();
    assert.equal(await olivia.innerText(), 'Olivia Owner · Offline');
  });
});

test('who looks and who writes is seen by the other agent, and a hidden tab looks at nothing', async (t) => {
  const world = await makeWorld(t);
  const visitor = await world.visitor();
  await visitor.open();
  await visitor.say('Two for one?');
  const agent = await world.agent({ script: WATCHED });
  const other = await world.agent({ email: world.server.agent });
  for (const one of [agent, other]) await one.open('Two for one?');
  const viewers = other.page.locator('.viewers', { hasText: 'Olivia Owner is also looking at this' });
  await viewers.waitFor();
  await agent.field.pressSequentially('I am on it');
  await other.page.locator('.composer-others', { hasText: 'Olivia Owner is writing too' }).waitFor();
  await agent.field.fill('');
  await agent.field.blur();
  await untilEqual('nobody writes', () => other.page.locator('.composer-others').innerText(), '');
  await hide(agent, true);
  await viewers.waitFor({ state: 'hidden' });
  await hide(agent, false);
  await viewers.waitFor();
  calm(agent.page, other.page);
});

test('a lost connection is said in words, once, and so is that it is back', async (t) => {
  const world = await makeWorld(t, { proxied: true });
  const visitor = await world.visitor();
  await visitor.open();
  await visitor.say('Do you read me?');
  const agent = await world.agent();
  await agent.open('Do you read me?');
  const heard = agent.page.locator('.connection [role=status]');
  await agent.page.context().setOffline(true);
  world.proxy?.cutAll();
  await untilEqual('it is said', () => heard.textContent(), 'You are offline. What you write is kept and sent later.');
  await agent.page.getByText('Not connected: it is kept and sent later').waitFor();
  await agent.say('I do');
  await agent.page.locator('.connection-unsent', { hasText: '1 message not sent' }).waitFor();
  await agent.page.context().setOffline(false);
  await untilEqual('it is said again', () => heard.textContent(), 'Connected again.');
  await visitor.sees('I do');
  await agent.page.locator('.connection-unsent').waitFor({ state: 'hidden' });
});
