/**
 * Somebody who was handed a link becomes a member with it, once.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { openPage } from './support/browser.mjs';
import { makeWorld } from './support/world.mjs';

test('a link makes a member, by keyboard alone, and then no more', async (t) => {
  const world = await makeWorld(t);
  const { link } = await world.rest.call('POST', 'invitations', { email: 'noor@example.com', role: 'agent' });
  const page = await openPage(world.browser);
  await page.goto(link);

  await page.getByRole('heading', { name: 'Join ' }).waitFor();
  assert.equal(await page.getByLabel('E-mail').inputValue(), 'noor@example.com');
  await accessible('the form of an invitation', page);
  await page.locator('#name:focus').waitFor();
  await page.keyboard.type('Noor Haddad');
  await page.keyboard.press('Tab');
  await page.keyboard.type('short');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: '8 characters' }).waitFor();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('a long pass phrase');
  await page.keyboard.press('Enter');
  await page.locator('.rail').waitFor();
  await page.locator('.connection[data-phase=live]').waitFor({ state: 'attached' });
  assert.ok(!page.url().includes('invitation'), 'the link does not stay in the address');
  const members = await world.rest.all('agents');
  assert.ok(members.some(({ name, email, role }) => name === 'Noor Haddad' && email === 'noor@example.com' && role === 'agent'));

  const late = await openPage(world.browser, { colorScheme: 'dark', viewport: { width: 390, height: 844 } });
  await late.goto(link);
  await late.getByRole('alert').filter({ hasText: 'can no longer be used' }).waitFor();
  await accessible('an invitation that is over', late);
  await late.getByRole('button', { name: 'Sign in instead' }).click();
  await late.getByRole('heading', { name: 'Sign in' }).waitFor();
});
