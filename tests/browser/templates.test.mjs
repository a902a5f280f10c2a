/**
 * A template in two real pages: chosen in the console and filled in, and read on the customer's phone as it was shown, when nothing else goes out.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { complaintsOf } from './support/browser.mjs';
import { besideSimulator } from './support/simulator.mjs';
import { until, untilEqual } from './support/until.mjs';

const STILL = /** @type {const} */ ({ reducedMotion: 'reduce' });
const WORDS = 'Hello Dana, your parcel comes on Monday.';

test('a template is chosen, filled in, and read as it was shown, when nothing else goes out', { timeout: 120_000 }, async (t) => {
  const world = await besideSimulator(t, 'whatsapp');
  const { provider, address, secrets } = world.simulator;
  const { id } = await world.rest.call('POST', 'credentials', { provider, name: 'Our WhatsApp', secrets });
  await world.rest.call('POST', 'channels', { kind: provider, name: 'Our WhatsApp', address, credential_id: id });
  const agent = await world.agent({ ...STILL, viewport: { width: 1280, height: 800 } });
  const customer = await world.customer({ ...STILL, viewport: { width: 1280, height: 800 } });
  await customer.write('When does it come?');
  await agent.view('open');
  await agent.open('When does it come?');
  await agent.sees('When does it come?');
  const { page } = agent;
  await untilEqual('it is read on the phone', () => customer.message('When does it come?').getAttribute('data-status'), 'read');

  await customer.switches('window_closed', true);
  await page.getByRole('button', { name: 'Choose a template' }).click();
  const dialog = page.getByRole('dialog', { name: 'Choose a template' });
  await untilEqual('the approved ones are listed', () => dialog.locator('.templates-row strong').allInnerTexts(), ['appointment', 'hello_world', 'order_update', 'parcel']);
  await accessible('the list of templates', page);
  await dialog.getByRole('searchbox').fill('parcel comes');
  await dialog.locator('.templates-row', { hasText: 'parcel' }).click();

  // Nothing goes out while a place has no words, and the first such place is where one writes.
  await dialog.getByRole('button', { name: 'Send template' }).click();
  await until('the first place has the focus', () => dialog.getByLabel('1, in the heading').evaluate((field) => field === document.activeElement));
  assert.equal(await dialog.locator('[aria-invalid=true]').count(), 4);
  await dialog.getByLabel('1, in the heading').fill('#7');
  await dialog.getByLabel('1', { exact: true }).fill('Dana');
  await dialog.getByLabel('2', { exact: true }).fill('Monday     night');
  await dialog.getByLabel('End of the address or code of button 1').fill('7');
  await dialog.getByRole('button', { name: 'Send template' }).click();
  await until('what the provider refuses is said', async () => /at most four spaces/.test(await dialog.innerText()));
  await dialog.getByLabel('2', { exact: true }).fill('Monday');
  await untilEqual('what will be read', () => dialog.locator('.templates-part').allInnerTexts(), ['Order #7', WORDS, 'The blue chair shop', 'Where is it?']);
  await accessible('a template that is filled in', page);
  await dialog.getByRole('button', { name: 'Send template' }).click();
  await until('the dialog is gone', async () => (await dialog.count()) === 0);
  await agent.sees(WORDS);
  await customer.sees(WORDS);
  await until('the button leads to the parcel', async () => (await customer.message(WORDS).getByRole('link', { name: 'Where is it?' }).getAttribute('href')) === 'https://shop.example.org/parcels/7');
  await customer.ticks(WORDS, 'read');
  for (const side of [page, customer.page]) assert.deepEqual(complaintsOf(side), [], `${side.url()} complained`);
});
