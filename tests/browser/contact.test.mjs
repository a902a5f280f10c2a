/**
 * The contact's panel: what is known of a visitor, changing it beside somebody else, their other conversations, and blocking them.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { complaintsOf } from './support/browser.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const STILL = /** @type {const} */ ({ reducedMotion: 'reduce' });
/** Chromium notes every answer of 4xx; these are those that the tests provoke. */
const REFUSED = /status of (403|409|412|422) /;

test('the contact’s panel', async (t) => {
  const world = await makeWorld(t);
  const visitor = await world.visitor(STILL);
  await visitor.open();
  await visitor.say('Is the Fjord in stock?');
  const agent = await world.agent(STILL);
  const { page } = agent;
  const panel = page.locator('.contact');
  const button = (/** @type {string} */ name) => panel.getByRole('button', { name, exact: true });
  const fact = (/** @type {string} */ label) => panel.locator('dl > div', { has: page.locator('dt', { hasText: label }) }).locator('dd');
  await agent.open('Is the Fjord in stock?');
  const [row] = await world.rest.conversations();
  const contact = () => world.rest.call('GET', `contacts/${row.contact.id}`);

  await t.test('where they were on the site, and that this is their only conversation', async () => {
    await untilEqual('the latest page', () => fact('Latest page').locator('a').getAttribute('href'), `${world.server.url}/demo`);
    await fact('Browser').waitFor();
    await panel.getByText('This is their only one.').waitFor();
    await accessible('the panel', page);
  });

  await t.test('what is refused stands at its field; the rest is saved', async () => {
    await button('Edit').click();
    await panel.locator('#contact-name').fill('Jane Doe');
    await panel.locator('#contact-phone').fill('030 123456');
    await button('Add an attribute').click();
    await page.keyboard.type('plan');
    await page.keyboard.press('Tab');
    await page.keyboard.type('gold');
    await button('Save').click();
    await panel.locator('#contact-phone-trouble', { hasText: 'in international form, such as +4930123456' }).waitFor();
    assert.equal(await panel.locator('#contact-phone').evaluate((input) => input === document.activeElement), true);
    await accessible('the form with what is refused', page);
    await panel.locator('#contact-phone').fill('+49 30 123456');
    await button('Save').click();
    await untilEqual('the panel says it', () => panel.locator('.contact-name').innerText(), 'Jane Doe');
    await untilEqual('in its normal form', () => fact('Phone').first().innerText(), '+4930123456');
    await untilEqual('the attribute', () => fact('plan').innerText(), 'gold');
    await untilEqual('the focus is back', () => button('Edit').evaluate((element) => element === document.activeElement), true);
  });

  await t.test('a colleague was quicker: nothing of either is lost', async () => {
    const other = await world.agent({ ...STILL, email: world.server.agent });
    await other.open('Is the Fjord in stock?');
    const theirs = other.page.locator('.contact');
    await button('Edit').click();
    await theirs.getByRole('button', { name: 'Edit', exact: true }).click();
    await theirs.locator('#contact-email').fill('jane@example.com');
    await theirs.getByRole('button', { name: 'Save', exact: true }).click();
    await untilEqual('it is saved', async () => (await contact()).email, 'jane@example.com');
    await panel.locator('#contact-name').fill('Jane M. Doe');
    await button('Save').click();
    await panel.locator('.conflict', { hasText: 'They changed: E-mail.' }).waitFor();
    await accessible('a conflict in the panel', page);
    await button('Keep mine and save').click();
    await untilEqual('both are kept', async () => {
      const { name, email } = await contact();
      return [name, email];
    }, ['Jane M. Doe', 'jane@example.com']);
    await untilEqual('the colleague sees it at once', () => theirs.locator('.contact-name').innerText(), 'Jane M. Doe');
    await other.page.context().close();
  });

  await t.test('another conversation of theirs is one press away', async () => {
    await world.rest.call('PATCH', `conversations/${row.id}`, { status: 'resolved' });
    const { settings: { api_key: apiKey } } = await world.rest.widget();
    const answer = await fetch(`${world.server.url}/api/widget/contact`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ apiKey, name: 'Jane M. Doe', email: 'jane@example.com', message: 'And the Skerry?' }) });
    assert.equal(answer.status, 200);
    await until('there are two', async () => (await world.rest.all(`conversations?contact_id=${row.contact.id}`)).length === 2);
    await agent.open('And the Skerry?');
    await panel.locator('.other-row').first().waitFor();
    await panel.locator('.other-row').first().click();
    await agent.sees('Is the Fjord in stock?');
  });

  await t.test('who is blocked cannot come back to the chat, until they are unblocked', async () => {
    await button('Block').click();
    await agent.dialog.getByText('They can no longer open the chat').waitFor();
    await accessible('the question before blocking', page);
    await page.keyboard.press('Escape');
    assert.equal((await contact()).blocked, false);
    await button('Block').click();
    await agent.dialog.getByRole('button', { name: 'Block' }).click();
    await panel.locator('.contact-blocked').waitFor();
    assert.equal((await contact()).blocked, true);
    await accessible('a blocked contact', page);
    await visitor.page.reload();
    await visitor.open();
    await visitor.notice.filter({ hasText: 'The chat is not available on this page.' }).waitFor();
    await visitor.say('Hello? Anybody?');
    await button('Unblock').click();
    await panel.locator('.contact-blocked').waitFor({ state: 'hidden' });
    assert.equal((await contact()).blocked, false);
    assert.equal((await world.rest.messages(row.id)).some((message) => message.content_text === 'Hello? Anybody?'), false);
    await visitor.page.reload();
    await untilEqual('what waited is sent', async () => (await world.rest.messages(row.id)).at(-1).content_text, 'Hello? Anybody?');
    assert.deepEqual(complaintsOf(page).filter((text) => !REFUSED.test(text)), []);
  });
});
