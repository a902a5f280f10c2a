/**
 * What is prepared for the inbox, and what happens later, as people see it, in the inbox and in the settings: axe-core in light and dark, on a phone of 360 pixels, right to
 * left, and at 200 %. `SWITCHBOARD_SCREENSHOTS=1` takes the pictures in `docs/console/` anew.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { calm } from './support/browser.mjs';
import { gather } from './support/crowd.mjs';
import { take } from './support/screenshot.mjs';
import { until } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const STILL = /** @type {const} */ ({ reducedMotion: 'reduce' });
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const NARROW = { width: 360, height: 780 };
/** What 1280 pixels are at 200 %. */
const ZOOMED = { width: 640, height: 400 };
const LOOKS = /** @type {const} */ ([
  ['desktop-light', DESKTOP, 'light'], ['desktop-dark', DESKTOP, 'dark'], ['phone-light', PHONE, 'light'], ['phone-dark', PHONE, 'dark'],
]);
/** Pictures of the settings in these; of the inbox in every look. */
const FEW = ['desktop-light', 'phone-dark'];

/** A workspace whose inbox is prepared. @param {Awaited<ReturnType<typeof makeWorld>>} world */
async function furnish(world) {
  const { rest } = world;
  for (const [name, color, description] of [['billing', '#7350a8', 'Questions about invoices'], ['parcel', '#2f6fde', 'Where something is'], ['vip', '#b3261e', 'Answer these first']]) {
    await rest.call('POST', 'labels', { name, color, description });
  }
  for (const [shortcut, name, text] of [
    ['hello', 'Greeting', 'Hello {{contact.first_name}}, this is {{agent.first_name}}. How can I help?'],
    ['parcel', 'Where a parcel is', 'It left us yesterday and takes two days. You have the number of the parcel in your mail.'],
    ['pay', 'How to pay', 'By card or by bank transfer. Send us a message if neither suits you.'],
  ]) await rest.call('POST', 'canned-responses', { shortcut, name, text });
  const { data: agents } = await rest.call('GET', 'agents');
  const [owner] = agents;
  const one = await rest.call('POST', 'canned-responses', { shortcut: 'sign', name: 'My signature', text: 'All the best,\n{{agent.first_name}}', owner_id: agents.find((/** @type {{email: string}} */ { email }) => email === world.server.owner)?.id });
  await rest.call('POST', 'views', { name: 'Urgent and nobody’s', filter: { status: 'open', assignee_id: 'none', priority: 'urgent' }, sort: 'updated_at' });
  await rest.call('POST', 'views', { name: 'Money', filter: { label: 'billing' }, sort: '-updated_at' });
  const macro = await rest.call('POST', 'macros', { name: 'Refunded', actions: [
    { type: 'send_message', text: 'Hello {{contact.first_name}}, your money is on its way.' }, { type: 'add_labels', labels: ['billing'] }, { type: 'assign', assignee_id: owner.id }, { type: 'set_status', status: 'resolved' },
  ] });
  await rest.call('POST', 'macros', { name: 'Not ours', actions: [{ type: 'note', text: 'Sent by mistake' }, { type: 'set_priority', priority: 'low' }, { type: 'set_status', status: 'resolved' }] });
  const crowd = await gather(world, [
    { name: 'Ines Duarte', text: 'The invoice has the wrong address' }, { name: 'Bo Larsen', text: 'Is the Fjord in stock?' }, { name: 'Jane Doe', text: 'Where is my parcel?' },
  ], { inOrder: true });
  const label = (/** @type {number} */ at, /** @type {object} */ patch) => rest.call('PATCH', `conversations/${crowd[at]?.conversationId}`, patch);
  await label(0, { labels: ['billing'] });
  const morning = new Date(Date.now() + 24 * 60 * 60_000).setHours(9, 0, 0, 0);
  await rest.call('POST', `conversations/${crowd[1]?.conversationId}/scheduled-messages`, { text: 'Good morning! It came in last night: shall I put one aside for you?', send_at: new Date(morning).toISOString() });
  await label(1, { priority: 'urgent', status: 'snoozed', snoozed_until: new Date(morning).toISOString() });
  await label(2, { labels: ['parcel', 'vip'] });
  return { canned: '/canned', 'canned-one': `/canned/${one.id}`, labels: '/labels', 'label-new': '/labels/new', macros: '/macros', macro: `/macros/${macro.id}`, views: '/views', routing: '/routing' };
}

test('what is prepared, in every look', async (t) => {
  const world = await makeWorld(t);
  const pages = await furnish(world);
  const agent = await world.agent(STILL);
  const { page } = agent;
  const { url } = world.server;

  /** @param {string} path */
  async function settings(path) {
    await page.goto(`${url}/#/settings${path}`);
    await page.locator('.settings-page h2').waitFor();
    await until('the page is loaded', async () => (await page.locator('.settings-state').count()) === 0);
    // Who comes by pointer sees no ring around a heading.
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  }
  async function conversation() {
    await page.goto(`${url}/#/open`);
    await page.locator('.desk[data-screen=list] .rail-link[data-view=open][aria-current=page]').waitFor({ state: 'attached' });
    await agent.open('Where is my parcel?');
    await agent.sees('Where is my parcel?');
    await page.locator('.head .label-chip[data-painted]').first().waitFor();
    await agent.field.fill('');
  }
  /** @type {Record<string, () => Promise<void>>} */
  const scenes = {
    async 'canned-slash'() {
      await conversation();
      await agent.field.focus();
      await page.keyboard.type('/');
      await page.locator('.canned-option').first().waitFor();
    },
    async 'snooze-menu'() {
      await conversation();
      await page.locator('.head-snooze').click();
      await agent.dialog.waitFor();
    },
    async later() {
      await page.goto(`${url}/#/pending`);
      await page.goto(`${url}/#/snoozed`);
      await page.locator('.desk[data-screen=list] .rail-link[data-view=snoozed][aria-current=page]').waitFor({ state: 'attached' });
      await agent.open('Is the Fjord in stock?');
      await page.locator('.entry[data-type=scheduled]').first().waitFor();
      await page.locator('.head-snoozed').waitFor();
    },
    async 'macro-menu'() {
      await conversation();
      await page.locator('.head-macro').click();
      await agent.dialog.waitFor();
    },
  };
  /** Anew, so that no colour is still on its way from one look to another. */
  async function begin() {
    await page.goto(`${url}/#/open`);
    await page.reload();
    await agent.connected();
  }
  const sideways = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const leave = async () => {
    if ((await agent.dialog.count()) > 0) await page.keyboard.press('Escape');
  };

  for (const [look, viewport, colorScheme] of LOOKS) {
    await t.test(look, async () => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await begin();
      for (const [name, arrange] of Object.entries(scenes)) {
        await arrange();
        await accessible(`${name}, ${look}`, page);
        await take(page, `inbox-${name}-${look}`, 'console');
        await leave();
      }
      for (const [name, path] of Object.entries(pages)) {
        await settings(path);
        await accessible(`${name}, ${look}`, page);
        if (FEW.includes(look)) await take(page, `settings-${name}-${look}`, 'console');
      }
    });
  }

  await t.test('360 pixels, right to left; and 200 %', async () => {
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    for (const [size, dir] of /** @type {const} */ ([[NARROW, 'rtl'], [ZOOMED, 'ltr']])) {
      await page.setViewportSize(size);
      await begin();
      await page.evaluate((way) => (document.documentElement.dir = way), dir);
      for (const [name, arrange] of Object.entries(scenes)) {
        await arrange();
        await accessible(`${name}, ${dir} at ${size.width}`, page);
        assert.equal(await sideways(), 0, `${name} is wider than ${size.width}`);
        await leave();
      }
      for (const [name, path] of Object.entries(pages)) {
        await settings(path);
        await accessible(`${name}, ${dir} at ${size.width}`, page);
        assert.equal(await page.locator('.settings').evaluate((place) => place.scrollWidth - place.clientWidth), 0, `${name} is wider than ${size.width}`);
      }
    }
    calm(page);
  });
});
