/**
 * An admin connects a channel in the console, changes its secrets without a gap, sees in words why it stopped, and mends it.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { complaintsOf } from './support/browser.mjs';
import { take } from './support/screenshot.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const STILL = /** @type {const} */ ({ reducedMotion: 'reduce' });
/** Chromium notes every answer of 4xx and 5xx; these are those that the test provokes. */
const REFUSED = /status of (409|422|502) /;
const SIGNING = '8f742231b10e8888abcd99yyyzzz85a5';
const TOKEN = 'xoxb-1234-5678-abcdefgh';

/** A Slack that takes the tokens it is told to take. @param {import('node:test').TestContext} t */
async function startSlack(t) {
  const slack = { base: '', good: new Set([TOKEN]), asked: 0 };
  const listener = createServer((request, response) => {
    slack.asked += 1;
    const token = String(request.headers.authorization).replace('Bearer ', '');
    const answer = slack.good.has(token) ? { ok: true, team: 'Northwind Cycles', team_id: 'T0001', bot_id: 'B0001' } : { ok: false, error: 'token_revoked' };
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  });
  t.after(() => listener.closeAllConnections());
  t.after(() => listener.close());
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  slack.base = `slack=http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (listener.address()).port}`;
  return slack;
}

test('channels in the console', async (t) => {
  const slack = await startSlack(t);
  const world = await makeWorld(t, { options: ['--provider-base-url', slack.base] });
  const agent = await world.agent(STILL);
  const { page } = agent;
  const button = (/** @type {string} */ name) => page.getByRole('button', { name, exact: true });
  const standing = page.locator('.settings-title .mark');
  const sideways = () => page.locator('.settings').evaluate((settings) => settings.scrollWidth - settings.clientWidth);
  const secret = (/** @type {string} */ name) => page.locator(`.secret-row[data-name=${name}]`);
  const confirm = (/** @type {string} */ name) => page.locator('dialog').getByRole('button', { name, exact: true }).click();

  await t.test('the list shows the widget, and how it stands', async () => {
    await page.locator('.rail-link[data-view=settings]').click();
    await page.locator('.settings-link[data-view=channels]').click();
    await page.locator('.hook-row .mark', { hasText: 'Connected' }).waitFor();
    assert.equal(await page.locator('.settings-link[data-view=channels]').getAttribute('aria-current'), 'page');
    assert.equal(await page.locator('.accounts').count(), 0);
    await accessible('the list of channels', page);
  });

  await t.test('what is missing and what the provider refuses is said at its place', async () => {
    await page.getByRole('link', { name: 'Connect a channel' }).click();
    await page.locator('#connect-kind').selectOption({ label: 'Slack' });
    await page.getByText('api.slack.com/apps, your app, Basic Information, App Credentials', { exact: true }).first().waitFor();
    await button('Check and go on').click();
    await page.locator('#account-signing_secret-trouble', { hasText: 'This is needed.' }).waitFor();
    assert.equal(await page.locator('#account-signing_secret').evaluate((input) => input === document.activeElement), true);
    await accessible('a form with what is missing', page);
    await page.locator('#account-signing_secret').fill(SIGNING);
    await page.locator('#account-bot_token').fill('xoxb-wrong');
    await button('Check and go on').click();
    await page.getByText(/Slack refuses it: .*token_revoked/).waitFor();
    await button('Keep it without checking').waitFor();
    await take(page, 'console-channel-connect');
  });

  await t.test('it is connected to the account that the provider names', async () => {
    await page.locator('#account-bot_token').fill(TOKEN);
    await button('Check and go on').click();
    await page.getByRole('radio', { name: 'Northwind Cycles · T0001' }).waitFor();
    assert.equal(await page.locator('#connect-name').inputValue(), 'Northwind Cycles');
    await accessible('the accounts that were found', page);
    await button('Connect').click();
    await untilEqual('it is connected', () => standing.innerText(), 'Connected');
    const address = await page.locator('#channel-webhook').inputValue();
    assert.match(address, new RegExp(`^${world.server.url}/api/webhooks/slack/[0-9a-f-]{36}$`));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await button('Copy: Webhook address').click();
    await page.getByText('Copied').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), address);
    await accessible('a channel', page);
    await take(page, 'console-channel');
  });

  await t.test('secrets change without a gap and are never shown', async () => {
    await page.getByRole('link', { name: 'Slack', exact: true }).click();
    await untilEqual('the account works', () => standing.innerText(), 'Working');
    await secret('signing_secret').getByText('…85a5').waitFor();
    await secret('signing_secret').getByRole('button', { name: 'Add another' }).click();
    await page.locator('#secret-signing_secret').fill('ffffffffffffffffffffffffffff0002');
    await secret('signing_secret').getByRole('button', { name: 'Save' }).click();
    await secret('signing_secret').getByText('…0002').waitFor();
    assert.equal(await secret('signing_secret').locator('.living code').count(), 2);
    await secret('signing_secret').getByRole('button', { name: 'End Signing secret …85a5' }).click();
    await confirm('End');
    await untilEqual('one is left', () => secret('signing_secret').locator('.living code').count(), 1);
    assert.equal(await secret('signing_secret').getByRole('button', { name: /^End/ }).count(), 0);
    await secret('bot_token').getByRole('button', { name: 'Replace' }).click();
    await page.locator('#secret-bot_token').fill('xoxb-wrong-again');
    await secret('bot_token').getByRole('button', { name: 'Save' }).click();
    await page.locator('#secret-bot_token-trouble', { hasText: 'token_revoked' }).waitFor();
    await accessible('an account', page);
    const shown = await page.content();
    assert.equal([SIGNING, TOKEN].some((text) => shown.includes(text)), false);
  });

  await t.test('a token that is revoked is told of in words, on the account and on its channel', async () => {
    slack.good = new Set(['xoxb-fresh-fresh-fresh']);
    await button('Check now').click();
    await untilEqual('it is refused', () => standing.innerText(), 'Refused');
    await page.locator('.hook-state', { hasText: 'token_revoked' }).waitFor();
    await page.getByRole('link', { name: 'Northwind Cycles' }).click();
    await untilEqual('the channel works in part', () => standing.innerText(), 'Works in part');
    await page.locator('.hook-state', { hasText: 'reconnect' }).waitFor();
    await button('Connect again').click();
    await page.locator('.form-trouble', { hasText: 'token_revoked' }).waitFor();
    await take(page, 'console-channel-refused');
    await page.getByRole('link', { name: 'Slack', exact: true }).click();
    await secret('bot_token').getByRole('button', { name: 'Replace' }).click();
    await page.locator('#secret-bot_token').fill('xoxb-fresh-fresh-fresh');
    await secret('bot_token').getByRole('button', { name: 'Save' }).click();
    await untilEqual('the account works', () => standing.innerText(), 'Working');
    await page.getByRole('link', { name: 'Northwind Cycles' }).click();
    await untilEqual('the channel works', () => standing.innerText(), 'Connected');
  });

  await t.test('it rests and comes back, under another name', async () => {
    await page.locator('#channel-name').fill('Partners');
    await button('Rename').click();
    await page.getByRole('heading', { name: 'Partners' }).waitFor();
    await button('Disconnect').click();
    await confirm('Disconnect');
    await untilEqual('it rests', () => standing.innerText(), 'Disconnected');
    await button('Connect again').click();
    await untilEqual('it is back', () => standing.innerText(), 'Connected');
  });

  await t.test('axe-core finds nothing, in dark, and right to left on a phone', async () => {
    await page.locator('.notices').evaluate((notices) => notices.replaceChildren());
    const channel = page.url();
    for (const path of ['/#/settings/channels', '/#/settings/channels/new', channel.slice(world.server.url.length)]) {
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.goto(`${world.server.url}${path}`);
      // Another hash loads nothing anew, and a colour that is still on its way is not what people read.
      await page.reload();
      await page.locator('.hook-row, #connect-kind, #channel-webhook').first().waitFor();
      await accessible(`${path} in dark`, page);
      await page.setViewportSize({ width: 360, height: 780 });
      await page.evaluate(() => (document.documentElement.dir = 'rtl'));
      await accessible(`${path} right to left on a phone`, page);
      assert.equal(await sideways(), 0, `${path} is wider than a phone`);
      await page.evaluate(() => (document.documentElement.dir = 'ltr'));
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.reload();
  });

  await t.test('an account that is used stays, and goes after its channel', async () => {
    await page.getByRole('link', { name: 'Slack', exact: true }).click();
    await button('Delete the account').click();
    await confirm('Delete the account');
    await page.locator('.form-trouble', { hasText: 'channels use it' }).waitFor();
    await page.getByRole('link', { name: 'Partners' }).click();
    await button('Delete').click();
    await confirm('Delete');
    await page.locator('.accounts .hook-row', { hasText: 'No channel uses it yet.' }).click();
    await button('Delete the account').click();
    await confirm('Delete the account');
    await until('no account is left', async () => (await page.locator('.hook-row').count()) === 1 && (await page.locator('.accounts').count()) === 0);
    assert.deepEqual(complaintsOf(page).filter((text) => !REFUSED.test(text)), []);
  });
});
