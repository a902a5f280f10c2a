/**
 * An admin sets up a webhook in the console, sees what becomes of its deliveries, and mends what failed.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { agentOn } from './support/agent.mjs';
import { accessible } from './support/axe.mjs';
import { complaintsOf, openPage } from './support/browser.mjs';
import { take } from './support/screenshot.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const OPTIONS = ['--allow-insecure-webhooks', '--webhook-allow-cidr', '127.0.0.0/8', '--webhook-retry-schedule', '1h'];
const STILL = /** @type {const} */ ({ reducedMotion: 'reduce' });

/** Chromium notes every answer of 4xx; these are those that the test provokes. */
const REFUSED = /status of (409|422) /;

/** Takes what is sent and answers as it is told to. @param {import('node:test').TestContext} t */
async function startReceiver(t) {
  const receiver = {
    url: '',
    answer: { status: 200, body: 'thank you' },
    /** @type {{event: string, plain: string | undefined, body: string}[]} */
    got: [],
    /** The text of the messages that arrived. */
    texts: () => receiver.got.filter(({ event }) => event === 'conversation.message_created').map(({ body }) => JSON.parse(body).data.content_text),
  };
  const listener = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      receiver.got.push({ event: String(request.headers['x-switchboard-event']), plain: String(request.headers['x-switchboard-signature']), body });
      response.writeHead(receiver.answer.status, { 'Content-Type': 'text/plain', 'X-Receiver': '<b>shop</b>' }).end(receiver.answer.body);
    });
  });
  t.after(() => listener.closeAllConnections());
  t.after(() => listener.close());
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  receiver.url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (listener.address()).port}/hook`;
  return receiver;
}

test('webhooks in the console', async (t) => {
  const receiver = await startReceiver(t);
  const world = await makeWorld(t, { options: OPTIONS });
  const agent = await world.agent(STILL);
  const { settings: { api_key: apiKey } } = await world.rest.widget();
  const { page } = agent;
  const button = (/** @type {string} */ name) => page.getByRole('button', { name, exact: true });
  const rows = page.locator('.delivery-row');
  const attempts = page.locator('.attempt');
  const standing = page.locator('.settings-title .mark');
  /** A visitor's message, by the form of the page without the chat. @param {string} message */
  const say = async (message) => {
    const body = JSON.stringify({ apiKey, name: 'Jane Doe', email: 'jane@example.com', message });
    const answer = await fetch(`${world.server.url}/api/widget/contact`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    assert.equal(answer.status, 200);
  };
  const sideways = () => page.locator('.settings').evaluate((settings) => settings.scrollWidth - settings.clientWidth);
  let secret = '';

  await t.test('a member without the right sees no entry and no page', async () => {
    const other = agentOn(await openPage(world.browser, STILL), world.server);
    await other.signIn(world.server.agent);
    await other.page.locator('.rail-link[data-view=settings]').click();
    await other.page.locator('.settings-link[data-view=account]').waitFor();
    assert.equal(await other.page.locator('[data-view=webhooks]').count(), 0);
    await other.page.goto(`${world.server.url}/#/settings/webhooks`);
    await other.page.locator('.list').waitFor();
    assert.equal(await other.page.locator('.settings-page').count(), 0);
    await other.page.context().close();
  });

  await t.test('what cannot be a webhook is refused at its field', async () => {
    await page.locator('.rail-link[data-view=settings]').click();
    await page.locator('.settings-link[data-view=webhooks]').click();
    await page.getByText('No webhooks yet').waitFor();
    await page.getByRole('link', { name: 'New webhook' }).click();
    await page.locator('#hook-url').fill('http://10.0.0.7/hook');
    await button('Create webhook').click();
    await page.getByText('Choose at least one event.').waitFor();
    await page.getByRole('checkbox', { name: 'Everything about conversation' }).check();
    assert.equal(await page.getByRole('checkbox', { name: 'conversation.message_created' }).isDisabled(), true);
    await button('Create webhook').click();
    await page.locator('#hook-url-trouble', { hasText: '10.0.0.7' }).waitFor();
    assert.equal(await page.locator('#hook-url').evaluate((input) => input === document.activeElement), true);
    await accessible('a refused form', page);
  });

  await t.test('it is created, and its secret is shown once', async () => {
    await page.locator('#hook-url').fill(receiver.url);
    await page.locator('#hook-description').fill('Order system');
    await button('Create webhook').click();
    secret = await page.locator('.secret-text').inputValue();
    assert.match(secret, /^whsec_.{40,}$/);
    await accessible('the secret', page);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await button('Copy').click();
    await page.getByText('Copied').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
    await button('I have kept it').click();
    await page.reload();
    await rows.or(page.getByText('No deliveries yet')).first().waitFor();
    assert.equal((await page.content()).includes(secret), false);
  });

  await t.test('a test shows its attempt', async () => {
    await button('Send a test').click();
    await page.locator('#test-event').selectOption('ticket.created');
    await button('Send').click();
    await page.getByText('Delivered.', { exact: true }).waitFor();
    await page.locator('.panel .mark', { hasText: 'HTTP 200' }).waitFor();
    assert.equal(await page.locator('.panel .attempt-body .raw').innerText(), 'thank you');
    const [tried] = receiver.got;
    assert.equal(tried?.event, 'ticket.created');
    assert.equal(tried?.plain, createHmac('sha256', secret).update(tried?.body ?? '').digest('hex'));
    await button('Send a test').click();
  });

  await t.test('what a visitor says is delivered, and its attempt is there', async () => {
    await say('Is the Fjord in stock?');
    await until('the receiver has it', () => receiver.texts().includes('Is the Fjord in stock?'));
    await page.locator('#deliveries-event').selectOption('conversation.message_created');
    await rows.filter({ hasText: 'HTTP 200' }).first().click();
    await attempts.first().locator('summary').click();
    await attempts.getByText('x-receiver: <b>shop</b>').waitFor();
    await attempts.locator('.timings [data-part=first_byte]').first().waitFor({ state: 'attached' });
    await page.getByRole('link', { name: 'Back to the webhook' }).click();
    assert.equal(await page.locator('#deliveries-event').inputValue(), 'conversation.message_created');
  });

  await t.test('a receiver that fails is told of with its error, and is sent it again by hand', async () => {
    receiver.answer = { status: 500, body: 'the <i>shop</i> is shut' };
    await say('Can I come by on Thursday?');
    const [hook] = await world.rest.all('webhooks');
    await until('the refusal is on record', async () => (await world.rest.all(`webhooks/${hook.id}/deliveries?status=pending`)).some(({ attempts }) => attempts.some(({ error }) => error)));
    await page.locator('#deliveries-status').selectOption('pending');
    await rows.filter({ hasText: 'HTTP 500' }).first().click();
    await page.locator('.settings-title .mark', { hasText: 'Waiting' }).waitFor();
    await attempts.locator('.attempt-outcome', { hasText: 'The receiver refused it.' }).waitFor();
    assert.equal(await attempts.locator('.attempt-body .raw').innerText(), 'the <i>shop</i> is shut');
    assert.equal(await button('Send again').isDisabled(), true);
    await accessible('a delivery that waits', page);
    await take(page, 'console-webhook-delivery');
    await page.getByRole('link', { name: 'Back to the webhook' }).click();
    await page.locator('#deliveries-status').selectOption('delivered');
    receiver.answer = { status: 200, body: '' };
    const before = receiver.texts().length;
    await rows.filter({ hasText: 'HTTP 200' }).first().click();
    await button('Send again').click();
    await attempts.filter({ hasText: 'By hand' }).waitFor();
    await untilEqual('it arrived again', () => receiver.texts().length, before + 1);
    await page.getByRole('link', { name: 'Back to the webhook' }).click();
  });

  await t.test('disabled it keeps what happens, and a replay sends it', async () => {
    await button('Disable').click();
    await untilEqual('it is disabled', () => standing.innerText(), 'Disabled');
    await say('And on Friday?');
    await page.locator('#deliveries-event').selectOption('');
    await page.locator('#deliveries-status').selectOption('skipped');
    await rows.filter({ hasText: 'not attempted' }).first().waitFor();
    await button('Replay').click();
    await page.getByRole('radio', { name: /Missing/ }).check();
    await button('Start the replay').click();
    await page.getByText('The webhook is disabled: enable it first.').waitFor();
    await page.locator('#deliveries-status').selectOption('');
    await rows.filter({ hasText: 'waits until the webhook is enabled' }).first().waitFor();
    await button('Enable').click();
    await button('Disable').waitFor();
    await button('Start the replay').click();
    await page.getByText(/Done\. \d+ deliver(y was|ies were) made due\./).waitFor();
    await until('what was skipped arrived', () => receiver.texts().includes('And on Friday?'));
    await button('Replay').click();
    await until('nothing is skipped any more', async () => (await rows.filter({ hasText: 'Skipped' }).count()) === 0);
    await page.locator('.notices').evaluate((notices) => notices.replaceChildren());
    await take(page, 'console-webhook');
  });

  await t.test('replays are there after a reload, one that runs with how far it is', async () => {
    const past = page.locator('.replays-past');
    await page.reload();
    await past.locator('summary').click();
    await past.locator('.replay', { hasText: 'Missing deliveries' }).getByText(/Done\. \d+ deliver/).waitFor();
    assert.equal(await page.locator('.replays > .replay-rows .replay').count(), 0);
    // A replay of a test is over before anybody sees it: this one is held half-way.
    const [done] = (await world.rest.all(`webhooks/${(await world.rest.all('webhooks'))[0].id}/replays`));
    let replay = { ...done, id: crypto.randomUUID(), status: 'running', progress: 0.5, queued: 7, finished_at: null };
    await page.route('**/replays?*', (route) => route.fulfill({ json: { data: [replay, done], next_cursor: null } }));
    await page.reload();
    const running = page.locator('.replays > .replay-rows .replay');
    await running.getByText('Going through the events: 50%, 7 to be sent so far.').waitFor();
    assert.equal(await running.locator('progress').evaluate((bar) => bar.value), 0.5);
    await accessible('a replay that runs', page, '.replays');
    await take(page, 'console-webhook-replay');
    replay = { ...replay, status: 'done', progress: 1, queued: 9 };
    await running.getByText('Done. 9 deliveries were made due.').waitFor();
    assert.deepEqual([await running.locator('progress').isVisible(), await past.locator('.replay').count()], [false, 1]);
    await page.unroute('**/replays?*');
  });

  await t.test('another secret, and a change', async () => {
    await button('Rotate the secret').click();
    await page.locator('#rotate-hours').fill('0');
    await button('Rotate').click();
    await page.getByText('The old secret no longer signs.').waitFor();
    assert.notEqual(await page.locator('.secret-text').inputValue(), secret);
    await button('I have kept it').click();
    await page.getByRole('link', { name: 'Edit' }).click();
    await page.getByText('Headers, filter and pace').click();
    await button('Add a header').click();
    await page.locator('.header-row input').first().fill('Host');
    await button('Save').click();
    await page.locator('.header-row .form-trouble', { hasText: 'Host' }).waitFor();
    await page.locator('.header-row input').first().fill('X-Api-Key');
    await page.locator('.header-row input').nth(1).fill('abc');
    await button('Save').click();
    await page.getByText('The webhook is saved.').waitFor();
    await rows.first().waitFor();
  });

  await t.test('axe-core finds nothing, in light, in dark, and right to left on a phone', async () => {
    for (const opener of ['Send a test', 'Replay', 'Rotate the secret']) {
      await button(opener).click();
      await page.locator('.panel').waitFor();
      // Each panel once; the page around them three times would find the same.
      await accessible(opener, page, '.panels');
      await page.keyboard.press('Escape');
    }
    assert.equal(await page.locator('.panel').count(), 0);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.reload();
    await rows.first().waitFor();
    await accessible('the page in dark', page);
    await page.setViewportSize({ width: 360, height: 780 });
    await page.evaluate(() => (document.documentElement.dir = 'rtl'));
    await accessible('the page right to left on a phone', page);
    await button('Replay').click();
    assert.equal(await sideways(), 0, 'the page is wider than a phone');
    await page.goto(`${page.url()}/edit`);
    await page.locator('#hook-url').waitFor();
    await accessible('the form', page);
    assert.equal(await sideways(), 0, 'the form is wider than a phone');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.reload();
  });

  await t.test('it is deleted, and the way back leads to the inbox', async () => {
    await page.goto(`${world.server.url}/#/settings/webhooks`);
    await page.locator('.hook-row', { hasText: 'Order system' }).waitFor();
    await accessible('the list of webhooks', page);
    await page.locator('.hook-row').click();
    await button('Delete').click();
    await page.locator('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No webhooks yet').waitFor();
    await page.getByRole('link', { name: 'Back to the inbox' }).click();
    await agent.row('And on Friday?').waitFor();
    assert.deepEqual(complaintsOf(page).filter((text) => !REFUSED.test(text)), []);
  });
});

test('webhooks that need somebody are told of above the inbox', async (t) => {
  const receiver = await startReceiver(t);
  receiver.answer = { status: 410, body: '' };
  const world = await makeWorld(t, { options: OPTIONS });
  const owner = await world.agent(STILL);
  const other = await world.agent({ ...STILL, email: world.server.agent });
  const { settings: { api_key: apiKey } } = await world.rest.widget();
  const { page } = owner;
  const line = page.locator('.trouble');
  // The page is laid out anew some frames after its size or direction has changed; if it never fits, this ends with an error.
  const fits = () => page.waitForFunction(() => document.documentElement.scrollWidth === document.documentElement.clientWidth);
  const hook = await world.rest.call('POST', 'webhooks', { url: receiver.url, events: ['contact.*'], description: 'Order system' });
  const say = async (/** @type {string} */ message) => {
    const body = JSON.stringify({ apiKey, name: 'Jane Doe', email: 'jane@example.com', message });
    const answer = await fetch(`${world.server.url}/api/widget/contact`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    assert.equal(answer.status, 200);
  };

  await t.test('at once, and after a reload, with the way to the webhook', async () => {
    assert.equal(await line.isVisible(), false);
    await say('Is the Fjord in stock?');
    await line.getByText(/^The webhook Order system was disabled: .*410/).waitFor();
    await page.locator('.trouble-link', { hasText: 'Open the webhook' }).waitFor();
    await accessible('the line above the inbox', page);
    await page.reload();
    await line.getByText('The webhook Order system was disabled').waitFor();
    await owner.row('Is the Fjord in stock?').waitFor();
    await take(page, 'console-webhook-trouble');
  });

  await t.test('a member who may not see webhooks hears nothing of it, and loses nothing', async () => {
    await other.row('Is the Fjord in stock?').waitFor();
    await say('Is the Fjord in stock? Hello?');
    await other.row('Hello?').waitFor();
    assert.equal(await other.page.locator('.trouble').isVisible(), false);
    assert.equal((await other.page.content()).includes('Order system'), false);
    await other.page.context().close();
  });

  await t.test('in dark, on a phone, and right to left', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await accessible('the line in dark', page);
    await take(page, 'console-webhook-trouble-dark');
    await page.setViewportSize({ width: 360, height: 780 });
    await line.waitFor();
    await fits();
    await accessible('the line on a phone', page);
    await take(page, 'console-webhook-trouble-phone');
    await page.evaluate(() => (document.documentElement.dir = 'rtl'));
    await fits();
    await owner.row('Hello?').click();
    await owner.field.waitFor();
    // A conversation has the whole phone.
    await line.waitFor({ state: 'hidden' });
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.reload();
  });

  await t.test('it is over when the webhook is enabled again', async () => {
    await line.getByRole('link').click();
    await page.locator('.settings-title .mark', { hasText: 'Disabled' }).waitFor();
    assert.equal(await line.isVisible(), false, 'the page says it itself');
    receiver.answer = { status: 200, body: '' };
    await page.getByRole('button', { name: 'Enable', exact: true }).click();
    await page.getByRole('button', { name: 'Disable', exact: true }).waitFor();
    await page.locator('.rail-link[data-view=open]').click();
    await owner.row('Hello?').waitFor();
    assert.equal(await line.isVisible(), false);
  });

  await t.test('several are one line, and what was dismissed stays away until it is another', async () => {
    /** @param {object[]} changes the list as it will be read */
    const listed = async (...changes) => {
      const rows = (await world.rest.all('webhooks')).flatMap((row) => changes.map((change) => ({ ...row, ...change })));
      await page.unroute('**/api/v1/webhooks?*');
      await page.route('**/api/v1/webhooks?*', (route) => route.fulfill({ json: { data: rows, next_cursor: null } }));
      await page.reload();
      await owner.row('Hello?').waitFor();
    };
    const failing = { failing_since: '2026-03-24T02:30:00Z', warned_at: '2026-03-25T14:30:00Z' };
    await listed(failing, { ...failing, id: crypto.randomUUID() }, { ...failing, id: crypto.randomUUID() });
    await line.getByText(/^The webhook Order system keeps failing: no attempt has succeeded since .*2026.* 2 more need a look\.$/).waitFor();
    assert.equal(new URL(await line.getByRole('link', { name: 'All webhooks' }).evaluate((link) => link.href)).hash, '#/settings/webhooks');
    await listed(failing);
    await line.getByRole('button', { name: 'Dismiss' }).click();
    await line.waitFor({ state: 'hidden' });
    const asked = page.waitForResponse('**/api/v1/webhooks?*');
    await page.reload();
    await asked;
    await owner.row('Hello?').waitFor();
    assert.equal(await line.isVisible(), false);
    await listed({ ...failing, failing_since: '2026-03-30T02:30:00Z' });
    await line.getByText('The webhook Order system keeps failing').waitFor();
    assert.equal(hook.warned_at, null);
    assert.deepEqual(complaintsOf(page), []);
  });
});
