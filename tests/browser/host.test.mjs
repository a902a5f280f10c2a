/**
 * The widget on somebody else's page: under a strict policy, through its JavaScript interface, and where it may not be.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { calm, complaintsOf, openPage } from './support/browser.mjs';
import { startSite } from './support/site.mjs';
import { until, untilEqual } from './support/until.mjs';
import { visitorOn } from './support/visitor.mjs';
import { makeWorld } from './support/world.mjs';

/** Remembers what is global before the widget comes. */
const COUNT_GLOBALS = 'window.before = Object.getOwnPropertyNames(window);';
/** Listens to every event from the queue, and writes down what comes. */
const LISTEN = `window.heard = []; window.Switchboard = [];
  for (const name of ['ready', 'open', 'close', 'message', 'unread', 'error']) Switchboard.push(['on', name, (value) => heard.push([name, value])]);`;

test('on another origin', async (t) => {
  const world = await makeWorld(t);
  const { settings: { api_key: apiKey } } = await world.rest.widget();
  let script = '';
  const site = await startSite(world.server.url, () => ({ script, attributes: `data-api-key="${apiKey}"` }));
  t.after(() => site.stop());
  await world.rest.changeWidget({ allowed_origins: [site.url, 'https://*.example.com'] });
  const agent = await world.agent();
  const visit = async (/** @type {string} */ own) => {
    script = own;
    const page = await openPage(world.browser);
    await page.goto(site.url);
    const visitor = visitorOn(page);
    await visitor.launcher.waitFor();
    return visitor;
  };
  const heard = (/** @type {import('./support/world.mjs').Visitor} */ { page }) => page.evaluate(() => /** @type {any} */ (window).heard);
  const say = (/** @type {import('./support/world.mjs').Visitor} */ { page }, /** @type {string} */ name, /** @type {unknown} */ value) =>
    page.evaluate(([command, argument]) => /** @type {any} */ (window).Switchboard[command](argument), [name, value]);

  await t.test('it converses under a strict policy, adds one global and shifts nothing', async () => {
    const visitor = await visit(COUNT_GLOBALS);
    const added = await visitor.page.evaluate(() => Object.getOwnPropertyNames(window).filter((name) => name !== 'before' && !window.before.includes(name)));
    assert.deepEqual(added, ['Switchboard']);
    const height = () => visitor.page.evaluate(() => [document.documentElement.scrollHeight, document.documentElement.scrollWidth, document.querySelector('#text').getBoundingClientRect().top]);
    const before = await height();
    await visitor.open();
    await visitor.say('Hello from the shop');
    await agent.open('Hello from the shop');
    await agent.say('Hello to the shop');
    await visitor.sees('Hello to the shop');
    assert.deepEqual(await height(), before, 'the page moved');
    await say(visitor, 'remove', undefined);
    assert.equal(await visitor.page.locator('div[role=region]').count(), 0);
    assert.equal(await visitor.page.evaluate(() => 'Switchboard' in window), false);
    calm(visitor.page);
  });

  await t.test('commands that were pushed before it came are run, and events are told', async () => {
    const visitor = await visit(`${LISTEN} Switchboard.push(['open']);`);
    await visitor.ready();
    await until('ready and open were told', async () => (await heard(visitor)).length >= 2);
    assert.deepEqual((await heard(visitor)).map(([name]) => name).sort().filter((name) => name !== 'unread'), ['open', 'ready']);
    await visitor.say('Do the events come?');
    await visitor.delivery('Do the events come?', 'Sent');
    await say(visitor, 'close');
    await agent.open('Do the events come?');
    await agent.say('They do.');
    await visitor.unread(1);
    const events = await heard(visitor);
    const last = (/** @type {string} */ name) => events.findLast(([event]) => event === name)?.[1];
    assert.equal(last('unread').count, 1);
    assert.deepEqual({ ...last('message'), id: null, created_at: null }, { id: null, text: 'They do.', author: { type: 'agent', name: 'Olivia Owner' }, created_at: null });
    assert.ok(events.some(([name]) => name === 'close'));
    await say(visitor, 'toggle');
    await visitor.unread(0);
    await say(visitor, 'toggle');
    await untilEqual('it is shut', () => visitor.launcher.getAttribute('aria-expanded'), 'false');
    await say(visitor, 'hide');
    await visitor.launcher.waitFor({ state: 'hidden' });
    await say(visitor, 'show');
    await visitor.launcher.waitFor();
    await visitor.page.evaluate(() => {
      const { Switchboard, heard: all } = /** @type {any} */ (window);
      const fn = () => all.push(['never', null]);
      Switchboard.on('open', fn);
      Switchboard.off('open', fn);
      Switchboard.open();
    });
    await until('opening was told', async () => (await heard(visitor)).at(-1)?.[0] === 'open' || (await heard(visitor)).filter(([name]) => name === 'open').length > 1);
    assert.ok(!(await heard(visitor)).some(([name]) => name === 'never'));
    calm(visitor.page);
  });

  await t.test('language and theme change at any time', async () => {
    const visitor = await visit(LISTEN);
    await visitor.open();
    await visitor.ready();
    await visitor.field.fill('half a sentence');
    for (const [locale, direction, placeholder] of [['de', 'ltr', 'Nachricht'], ['es', 'ltr', 'mensaje'], ['ar', 'rtl', '']]) {
      await say(visitor, 'setLocale', locale);
      await visitor.chat.locator(`html[lang=${locale}][dir=${direction}]`).waitFor();
      await until(`the field is in ${locale}`, async () => (await visitor.field.getAttribute('placeholder'))?.includes(placeholder ?? ''));
      assert.equal(await visitor.field.inputValue(), 'half a sentence');
    }
    for (const theme of ['dark', 'light']) {
      await say(visitor, 'setTheme', theme);
      await visitor.chat.locator(`html[data-theme=${theme}]`).waitFor();
    }
    calm(visitor.page);
  });

  await t.test('a visitor whom the site vouches for keeps the conversation, and reset forgets them', async () => {
    const { id } = await world.rest.widget();
    const { secret } = await world.rest.call('POST', `channels/${id}/identity-secret`, {});
    const sign = (/** @type {string} */ identifier) => createHmac('sha256', secret).update(identifier).digest('hex');
    const visitor = await visit(LISTEN);
    await visitor.open();
    await visitor.say('Not signed in yet');
    await visitor.delivery('Not signed in yet', 'Sent');
    await agent.open('Not signed in yet');
    await say(visitor, 'identify', { identifier: 'user-81', identifier_hash: sign('user-81'), name: 'Jane Doe', email: 'jane@example.com' });
    await untilEqual('the agent sees who it is', () => agent.page.locator('.head-name').innerText(), 'Jane Doe');
    await agent.page.locator('.contact-verified', { hasText: 'Identity verified' }).waitFor();
    await visitor.sees('Not signed in yet');
    await visitor.say('Signed in now');
    await agent.sees('Signed in now');
    await untilEqual('it is one conversation', () => visitor.texts(), ['Not signed in yet', 'Signed in now']);

    await say(visitor, 'identify', { identifier: 'user-82', identifier_hash: sign('user-81'), name: 'Mallory' });
    await until('a wrong proof is told', async () => (await heard(visitor)).some(([name]) => name === 'error'));
    assert.match(JSON.stringify((await heard(visitor)).find(([name]) => name === 'error')), /"code":"[a-z_]+".*"detail":"/);

    await say(visitor, 'reset');
    await untilEqual('nothing is left of the conversation', () => visitor.texts(), []);
    await visitor.ready();
    await visitor.say('Somebody else at this machine');
    await agent.row('Somebody else at this machine').waitFor();
    await untilEqual('only the new message', () => visitor.texts(), ['Somebody else at this machine']);
    assert.ok(!(await agent.row('Somebody else at this machine').innerText()).includes('Jane Doe'));
  });

  await t.test('a page that is not on the list gets no chat and stays intact', async () => {
    await world.rest.changeWidget({ allowed_origins: ['https://shop.example.com'] });
    script = LISTEN;
    const page = await openPage(world.browser);
    // The widget gives the frame twenty seconds; this clock is the test's.
    await page.clock.install();
    await page.goto(site.url);
    const visitor = visitorOn(page);
    await visitor.launcher.click();
    await until('the browser refuses the frame', () => complaintsOf(page).some((text) => /frame-ancestors/.test(text)));
    await page.clock.fastForward(21_000);
    await until('the page is told', async () => JSON.stringify(await heard(visitor)).includes('"frame_unavailable"'));
    assert.equal(await page.locator('h1').innerText(), 'Somebody else’s shop');
    assert.deepEqual(complaintsOf(page).filter((text) => !/frame-ancestors|net::ERR_BLOCKED_BY_RESPONSE|chrome-error/.test(text)), []);
    const refused = await fetch(`${world.server.url}/api/widget/init`, {
      method: 'POST', headers: { 'Content-Type': 'application/json', Origin: site.url }, body: JSON.stringify({ apiKey }),
    });
    assert.equal(refused.status, 403);
  });
});
