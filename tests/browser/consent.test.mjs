/**
 * An owner connects an account by consent: from the console to the provider's page and back, first without agreeing, then with.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { complaintsOf } from './support/browser.mjs';
import { besideSimulator } from './support/simulator.mjs';

const STILL = /** @type {const} */ ({ reducedMotion: 'reduce' });
const APP = ['--slack-client-id', '1000.2000', '--slack-client-secret', 'simulated-client-secret-slack', '--slack-signing-secret', 'simulated0signing0secret0slack00'];

test('an account is connected by consent', async (t) => {
  const scene = await besideSimulator(t, 'slack', APP);
  const { page } = await scene.agent(STILL);
  const outcome = page.locator('#install-outcome');
  const begin = async () => {
    await page.goto(`${scene.server.url}/#/settings/channels/new`);
    await page.locator('#connect-kind').selectOption({ label: 'Slack' });
    await page.locator('#connect-consent').click();
  };

  await t.test('there is a button only where the operator has an app', async () => {
    await page.goto(`${scene.server.url}/#/settings/channels/new`);
    await page.locator('#connect-kind').selectOption({ label: 'WhatsApp' });
    await page.locator('#account-app_secret').waitFor();
    assert.equal(await page.locator('#connect-consent').count(), 0);
    await page.locator('#connect-kind').selectOption({ label: 'Slack' });
    assert.equal(await page.locator('#connect-consent').textContent(), 'Connect with Slack');
    await accessible('connecting by consent', page);
  });

  await t.test('who does not agree reads that nothing was connected', async () => {
    await begin();
    await page.locator('#deny').click();
    await outcome.waitFor();
    assert.equal(await outcome.textContent(), 'Not everything is connected. It was not allowed at slack: nothing was connected.');
    await accessible('nothing was connected', page);
  });

  await t.test('who agrees has a channel', async () => {
    await begin();
    await page.locator('#allow').click();
    await outcome.waitFor();
    assert.equal(await outcome.textContent(), 'The account is connected. Connected: Example.');
    await page.getByRole('link', { name: 'Example', exact: true }).click();
    await page.locator('.settings-title .mark', { hasText: 'Connected' }).waitFor();
  });

  await t.test('a way back that was used already says so, and shows nothing of its address', async () => {
    await page.goto(`${scene.server.url}/api/slack/callback?state=used&error=x&error_description=Call+this+number`);
    await outcome.waitFor();
    assert.match(String(await outcome.textContent()), /no longer good/);
    assert.doesNotMatch(String(await page.locator('body').textContent()), /Call this number/);
  });
  assert.deepEqual(complaintsOf(page), []);
});
