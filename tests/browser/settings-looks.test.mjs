/**
 * Every page of the settings and the contact's panel as people see them: axe-core in light and dark, on a phone of 360 pixels, right to left,
 * and at 200 %. `SWITCHBOARD_SCREENSHOTS=1` takes the pictures in `docs/console/` anew.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { calm } from './support/browser.mjs';
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
/** Pictures of these in every look; of the others two are enough. */
const WHOLE = ['home', 'account', 'widget', 'members', 'tokens', 'audit', 'contact'];
const FEW = ['desktop-light', 'phone-dark'];
const QUESTIONS = [
  { name: 'name', label: 'Your name', type: 'text', required: true },
  { name: 'email', label: 'E-mail', type: 'email', required: true },
  { name: 'about', label: 'What is it about?', type: 'textarea', required: false },
];

/** A workspace that has been at work for a while. @param {Awaited<ReturnType<typeof makeWorld>>} world */
async function furnish({ rest, server }) {
  const widget = await rest.widget();
  await rest.call('PATCH', `channels/${widget.id}`, { settings: {
    header_text: 'Northwind Cycles', allow_file_uploads: true, theme: { primaryColor: '#16756a' }, pre_chat_form: QUESTIONS,
    allowed_origins: ['https://www.northwind.example', 'https://*.shop.example', server.url],
  } });
  await rest.call('POST', 'channels', { kind: 'widget', name: 'Spare parts shop' });
  await rest.call('POST', `channels/${widget.id}/identity-secret`);
  const token = await rest.call('POST', 'tokens', { name: 'Order import', scopes: ['conversations:read', 'contacts:read', 'contacts:write'], expires_in_days: 90 });
  await rest.call('POST', 'tokens', { name: 'Weekly report', scopes: ['conversations:read'], expires_in_days: 5 });
  const ended = await rest.call('POST', 'tokens', { name: 'Old shop', scopes: ['contacts:read'] });
  await rest.call('DELETE', `tokens/${ended.id}`);
  const member = await rest.call('POST', 'agents', { name: 'Priya Raman', email: 'priya@example.com', role: 'admin', password: 'a long pass phrase' });
  const gone = await rest.call('POST', 'agents', { name: 'Oskar Lind', email: 'oskar@example.com', role: 'viewer', password: 'a long pass phrase' });
  await rest.call('PATCH', `agents/${gone.id}`, { disabled: true });
  const say = (/** @type {string} */ message) =>
    fetch(`${server.url}/api/widget/contact`, { method: 'POST', headers: { 'Content-Type': 'application/json', Origin: server.url }, body: JSON.stringify({ apiKey: widget.settings.api_key, name: 'Jane Doe', email: 'jane@example.com', message }) });
  assert.equal((await say('Is the Fjord in stock?')).status, 200);
  const [first] = await rest.conversations();
  await rest.call('PATCH', `contacts/${first.contact.id}`, { phone: '+4930123456', custom_attributes: {
    plan: 'gold', frame: '56 cm', page_url: 'https://www.northwind.example/bicycles/fjord', title: 'The Fjord', referrer: 'https://search.example/?q=bicycle',
    user_agent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  } });
  return {
    home: '', account: '/account', widgets: '/widgets', 'widget-new': '/widgets/new', widget: `/widgets/${widget.id}`, members: '/members', 'member-new': '/members/new',
    member: `/members/${member.id}`, tokens: '/tokens', 'token-new': '/tokens/new', token: `/tokens/${token.id}`, workspace: '/workspace', audit: '/audit', contact: '',
  };
}

test('the settings in every look', async (t) => {
  const world = await makeWorld(t);
  const pages = await furnish(world);
  const agent = await world.agent(STILL);
  const { page } = agent;
  const { url } = world.server;

  /** @param {string} name @param {string} path */
  async function open(name, path) {
    await page.goto(`${url}/#/${name === 'contact' ? 'open' : `settings${path}`}`);
    if (name === 'contact') {
      await agent.open('Is the Fjord in stock?');
      await agent.sees('Is the Fjord in stock?');
      if (!(await page.locator('.contact').isVisible())) await page.locator('.head-details').click();
      await page.locator('.contact').waitFor();
      await page.locator('.contact').getByText('This is their only one.').waitFor({ state: 'attached' });
    } else {
      await page.locator('.settings-page h2').waitFor();
      await until('the page is loaded', async () => (await page.locator('.settings-state').count()) === 0);
      if (name === 'widget') await page.frameLocator('.preview-frame').locator('.prechat label').first().waitFor();
    }
    // Who comes by pointer sees no ring around a heading.
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  }
  /** Anew, so that no colour is still on its way from one look to another. */
  async function begin() {
    await page.reload();
    await agent.connected();
  }
  const sideways = () => page.locator('.settings').evaluate((settings) => settings.scrollWidth - settings.clientWidth);

  for (const [look, viewport, colorScheme] of LOOKS) {
    await t.test(look, async () => {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await begin();
      for (const [name, path] of Object.entries(pages)) {
        await open(name, path);
        await accessible(`${name}, ${look}`, page);
        if (WHOLE.includes(name) || FEW.includes(look)) await take(page, `settings-${name}-${look}`, 'console');
      }
    });
  }

  await t.test('360 pixels, right to left; and 200 %', async () => {
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await begin();
    for (const [name, path] of Object.entries(pages)) {
      await page.setViewportSize(NARROW);
      await open(name, path);
      await page.evaluate(() => (document.documentElement.dir = 'rtl'));
      await accessible(`${name} right to left on a phone`, page);
      assert.equal(await sideways(), 0, `${name} is wider than a phone`);
      await page.evaluate(() => (document.documentElement.dir = 'ltr'));
      await page.setViewportSize(ZOOMED);
      await accessible(`${name} at 200 %`, page);
      assert.equal(await sideways(), 0, `${name} is wider than the window at 200 %`);
    }
    calm(page);
  });
});
