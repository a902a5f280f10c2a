/**
 * The questions before the chat.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calm } from './support/browser.mjs';
import { untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

test('what is asked before the chat must be answered, and the agent sees the answers as they come', async (t) => {
  const world = await makeWorld(t);
  await world.rest.changeWidget({
    header_text: 'Northwind Cycles',
    pre_chat_form: [
      { name: 'name', label: 'Your name', type: 'text', required: true },
      { name: 'email', label: 'Your e-mail', type: 'email', required: true },
      { name: 'phone', label: 'Telephone', type: 'phone', required: false },
      { name: 'frame_size', label: 'Frame size', type: 'text', required: false },
    ],
  });
  const agent = await world.agent();
  const visitor = await world.visitor();
  const { chat } = visitor;
  const start = chat.getByRole('button', { name: 'Start chat' });
  const complaint = (/** @type {string} */ label) => chat.locator('.field', { has: chat.getByLabel(label) }).locator('.problem').innerText();

  await visitor.open();
  await untilEqual('the head is the company\'s', () => chat.locator('h1').innerText(), 'Northwind Cycles');
  await start.waitFor();
  assert.equal(await visitor.field.isVisible(), false);
  await start.click();
  await untilEqual('the name is asked for', () => complaint('Your name'), 'Please fill this in.');
  assert.equal(await complaint('Your e-mail'), 'Please fill this in.');
  assert.equal(await complaint('Telephone'), '');
  assert.equal(await chat.getByLabel('Your name').evaluate((field) => field === document.activeElement), true);

  await chat.getByLabel('Your name').fill('Jane Doe');
  await chat.getByLabel('Your e-mail').fill('jane at example');
  await start.click();
  await untilEqual('the e-mail is refused', () => complaint('Your e-mail'), 'Please write an e-mail address, like name@example.com.');
  await chat.getByLabel('Your e-mail').fill('jane@example.com');
  await chat.getByLabel('Frame size').fill('56 cm');
  await start.click();
  await visitor.ready();
  await visitor.say('Does the Fjord fit me?');

  await agent.row('Jane Doe').waitFor();
  await agent.open('Does the Fjord fit me?');
  await untilEqual('the head says who it is', () => agent.page.locator('.head-name').innerText(), 'Jane Doe');
  const contact = agent.page.locator('.contact');
  await contact.getByText('jane@example.com').first().waitFor();
  await contact.getByText('56 cm').waitFor();

  // Somebody who was asked once is not asked again.
  await visitor.page.reload();
  await visitor.open();
  await visitor.sees('Does the Fjord fit me?');
  assert.equal(await start.isVisible(), false);
  calm(visitor.page, agent.page);
});
