/**
 * Each provider, both ways, in two real pages: a customer writes on the simulator's page, an agent answers in the console.
 *
 * What a channel can do differs; each test says what its page in `docs/channels/` says: ticks, pictures, reactions, changes, calls, windows.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { complaintsOf } from './support/browser.mjs';
import { photo } from './support/picture.mjs';
import { besideSimulator, drawn } from './support/simulator.mjs';
import { until, untilEqual } from './support/until.mjs';

/** @typedef {Awaited<ReturnType<typeof besideSimulator>>} World */
/** @typedef {Awaited<ReturnType<World['customer']>>} Customer */
/** @typedef {Awaited<ReturnType<World['agent']>>} Agent */

/** A file that could not be fetched at the first try is tried again, not at once. */
const FETCHED_MS_MAX = 90_000;
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const STILL = /** @type {const} */ ({ reducedMotion: 'reduce' });

/** How the console learns that a file is still on its way from the provider: Chromium notes every answer of 4xx. */
const NOT_HERE_YET = /status of 409 .*\/api\/attachments\/[0-9a-f-]+\/download\)$/;

/** Fails if one of the pages complained of anything else. @param {Agent} agent @param {Customer} customer */
function calm(agent, customer) {
  for (const { page } of [agent, customer]) assert.deepEqual(complaintsOf(page).filter((text) => !NOT_HERE_YET.test(text)), [], `${page.url()} complained`);
}

/** The steps of one story: where one fails, the next ones would only wait in vain. @param {import('node:test').TestContext} t */
function storyOf(t) {
  let broken = false;
  return (/** @type {string} */ name, /** @type {() => Promise<unknown>} */ step) =>
    t.test(name, { skip: broken && 'an earlier step has failed' }, async () => {
      broken = true;
      await step();
      broken = false;
    });
}

/** As a newcomer does it: by the settings' pages, with what stands in the simulator's panel “Connect”. @param {Agent} agent @param {Customer} customer @param {string} label */
async function connectInTheConsole(agent, customer, label) {
  const { page } = agent;
  const given = Object.fromEntries(
    await customer.page.locator('#credentials > div').evaluateAll((rows) => rows.map((row) => [row.querySelector('dt')?.textContent, row.querySelector('code')?.textContent])),
  );
  await page.locator('.rail-link[data-view=settings]').click();
  await page.locator('.settings-link[data-view=channels]').click();
  await page.getByRole('link', { name: 'Connect a channel' }).click();
  await page.locator('#connect-kind').selectOption({ label });
  await page.locator('#account-name').waitFor();
  const { Address: address, ...secrets } = given;
  for (const [name, value] of Object.entries(secrets)) await page.locator(`#account-${name}`).fill(String(value));
  await page.getByRole('button', { name: 'Check and go on', exact: true }).click();
  await page.getByRole('radio', { name: new RegExp(`\\b${address}$`) }).check();
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await untilEqual('it is connected', () => page.locator('.settings-title .mark').innerText(), 'Connected');
  await agent.view('open');
}

/** @param {World} world */
async function connectByRest({ rest, simulator: { provider, vendor, address, secrets } }) {
  const { id } = await rest.call('POST', 'credentials', { provider, ...(vendor && { vendor }), name: `Our ${provider}`, secrets });
  await rest.call('POST', 'channels', { kind: provider, name: `Our ${provider}`, address, credential_id: id });
}

/** @param {World} world */
async function connectByCommand(world) {
  const { provider, vendor, address, secrets, url } = world.simulator;
  const { data: [workspace] } = await world.rest.call('GET', 'workspaces');
  const given = Object.entries(secrets).flatMap(([name, value]) => ['--secret', `${name}=${value}`]);
  const made = await world.command('credential', 'create', '--workspace', workspace.id, '--provider', provider, ...(vendor ? ['--vendor', vendor] : []),
    '--name', `Our ${provider}`, '--provider-base-url', `${provider}=${url}`, ...given);
  await world.command('channel', 'create', '--workspace', workspace.id, '--kind', provider, '--name', `Our ${provider}`, '--address', address, '--credential', made.credential_id);
}

/** The customer writes and the agent answers, once. @param {Agent} agent @param {Customer} customer */
async function talk(agent, customer) {
  await customer.write('Is the Fjord in stock?');
  await agent.open('Is the Fjord in stock?');
  await agent.sees('Is the Fjord in stock?');
  await agent.say('It is, in green.');
  await customer.sees('It is, in green.');
}

/** An answer's way: on the phone, and what the console says of it. @param {Agent} agent @param {Customer} customer @param {string} text @param {['Off' | 'In the pocket' | 'Reading', string, string][]} steps */
async function ticks(agent, customer, text, steps) {
  await customer.phone('Off');
  await agent.say(text);
  for (const [phone, status, words] of steps) {
    await customer.phone(phone);
    await customer.ticks(text, status);
    await agent.receipt(text, words);
  }
  await customer.phone('Reading');
}

/** A picture each way. @param {Agent} agent @param {Customer} customer */
async function pictures(agent, customer) {
  const shown = agent.page.locator('.entries .picture img');
  await customer.sendPicture();
  await until('the customer’s picture is shown in the console', () => drawn(shown.last()), FETCHED_MS_MAX);
  assert.equal(await shown.count(), 1);
  await agent.page.locator('.composer input[type=file]').setInputFiles([photo('green.png')]);
  await until('the agent’s picture is uploaded', async () => (await agent.page.locator('.composer-file').count()) === 1 && !(await agent.send.isDisabled()));
  await agent.say('The green one');
  await customer.shows(customer.messages.filter({ has: customer.page.locator('img') }).last());
  await untilEqual('both pictures are on the phone', () => customer.messages.locator('img').count(), 2);
  await until('the agent’s own picture is shown in the console', async () => (await shown.count()) === 2 && drawn(shown.last()));
}

/** An answer fails in the provider's words, and goes out when it is tried again. @param {Agent} agent @param {Customer} customer @param {{code: string, when: 'in the answer' | 'later, as a status', words: RegExp}} how */
async function failure(agent, customer, { code, when, words }) {
  const text = `It fails with ${code}`;
  await customer.fails(code, when);
  await agent.say(text);
  const entry = agent.entry(text);
  const told = await until(`“${text}” has failed`, async () => /^Not delivered: .*/.exec(await entry.locator('.receipt').innerText())?.[0]);
  assert.match(told, words);
  await entry.getByRole('button', { name: 'Retry' }).click();
  await until(`“${text}” has gone out`, async () => /^(Sent|Delivered|Seen)$/.test(await entry.locator('.receipt').innerText()));
  await customer.sees(text);
}

/** The customer's on an answer, and the agent's on a question. @param {Agent} agent @param {Customer} customer */
async function reaction(agent, customer) {
  await customer.use('It is, in green.', '👍');
  await untilEqual('the emoji is on the answer', () => agent.entry('It is, in green.').locator('.reaction').allInnerTexts(), ['👍']);
  // WhatsApp tells whole seconds, and of two things in one of them nobody knows which was the later.
  const second = () => Math.floor(Date.now() / 1000);
  const now = second();
  await until('the next second has begun', () => second() > now);
  await customer.use('It is, in green.', '👍');
  await untilEqual('the emoji is taken back', () => agent.entry('It is, in green.').locator('.reaction').count(), 0);

  const asked = agent.entry('Is the Fjord in stock?');
  const shown = () => customer.message('Is the Fjord in stock?').locator('.reactions span').allInnerTexts();
  const opener = asked.locator('summary');
  await opener.focus();
  await opener.press('Enter');
  await asked.getByRole('button', { name: 'React with 🙏' }).click();
  await untilEqual('the agent’s emoji is on the phone', shown, ['🙏']);
  await asked.getByRole('button', { name: /reacted with 🙏: take it back$/ }).click();
  await untilEqual('the agent’s emoji is off the phone', shown, []);
  await untilEqual('and off the console', () => asked.locator('.reaction').count(), 0);
}

/** Each answers one message of the other, and sees which. @param {Agent} agent @param {Customer} customer */
async function quotes(agent, customer) {
  await customer.use('It is, in green.', 'Reply');
  await customer.write('Then I take it!');
  const told = agent.entry('Then I take it!');
  await untilEqual('the console shows what is answered', () => told.locator('.quote-text').innerText(), 'It is, in green.');
  await told.locator('.quote').click();
  await untilEqual('the focus is on it', () => agent.page.locator('.entry:focus .message-body').allInnerTexts(), ['It is, in green.']);
  const bar = agent.page.locator('.quote-bar');
  await told.hover();
  await told.getByRole('button', { name: /^Answer this message of / }).click();
  await untilEqual('the bar shows what will be answered', () => bar.locator('.quote-text').innerText(), 'Then I take it!');
  await agent.field.press('Escape');
  await bar.waitFor({ state: 'hidden' });
  await told.getByRole('button', { name: /^Answer this message of / }).press('Enter');
  await bar.waitFor();
  await agent.say('A fine choice.');
  await untilEqual('the phone shows what is answered', () => customer.message('A fine choice.').locator('.quote').innerText(), 'Then I take it!');
  await untilEqual('so does the console', () => agent.entry('A fine choice.').locator('.quote-text').innerText(), 'Then I take it!');
  await bar.waitFor({ state: 'hidden' });
}

/** @param {Agent} agent @param {Customer} customer */
async function changes(agent, customer) {
  await customer.write('In grene?');
  await agent.sees('In grene?');
  customer.page.once('dialog', (dialog) => void dialog.accept('In green?'));
  await customer.use('In grene?', 'Edit');
  await agent.sees('In green?');
  await agent.entry('In green?').locator('.edited').waitFor();
  await customer.use('In green?', 'Take back');
  await agent.entry('This message was deleted.').waitFor();
  assert.equal((await agent.texts()).some((text) => text.includes('In gre')), false);
}

/** How long the agent may still answer. @param {Agent} agent @param {Customer} customer */
async function countdown(agent, customer) {
  await until('the console counts down', async () => /^You can answer for another (24 h 0|23 h \d+) min\.$/.test(await agent.page.locator('.composer-window').innerText()));
  await until('the phone counts down', async () => /open for 2[34] h \d+ min$/.test(await customer.window.innerText()));
}

/** What people with other eyes, other hands or a telephone get of both pages. @param {Agent} agent @param {Customer} customer */
async function everybody(agent, customer) {
  const { page } = customer;
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    await page.emulateMedia({ colorScheme });
    await agent.page.emulateMedia({ colorScheme });
    for (const panel of ['connect', 'failures', 'wire']) {
      await page.locator(`.tabs [data-go=${panel}]`).click();
      await accessible(`the simulator, ${panel}, ${colorScheme}`, page);
    }
    await accessible(`the conversation, ${colorScheme}`, agent.page);
    await page.setViewportSize(PHONE);
    await agent.page.setViewportSize(PHONE);
    for (const panel of ['connect', 'failures', 'wire', 'chat']) {
      await page.locator(`.panes [data-go=${panel}]`).click();
      await accessible(`the simulator on a phone, ${panel}, ${colorScheme}`, page);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth), false, `${panel} is wider than a phone`);
    }
    await accessible(`the conversation on a phone, ${colorScheme}`, agent.page);
    assert.equal(await agent.page.locator('.timeline-scroll').evaluate((list) => list.scrollWidth > list.clientWidth), false, 'the conversation is wider than a phone');
    await page.setViewportSize(DESK);
    await agent.page.setViewportSize(DESK);
  }
}

const OFF_POCKET_READING = /** @type {['Off' | 'In the pocket' | 'Reading', string, string][]} */ ([
  ['Off', 'sent', 'Sent'],
  ['In the pocket', 'delivered', 'Delivered'],
  ['Reading', 'read', 'Seen'],
]);

test('whatsapp', async (t) => {
  const step = storyOf(t);
  const world = await besideSimulator(t, 'whatsapp');
  const agent = await world.agent(STILL);
  const customer = await world.customer(STILL);
  await step('it is connected in the settings', () => connectInTheConsole(agent, customer, 'WhatsApp'));
  await step('words go both ways', () => talk(agent, customer));
  await step('ticks: sent, delivered, read', () => ticks(agent, customer, 'Shall I keep one?', OFF_POCKET_READING));
  await step('pictures go both ways', () => pictures(agent, customer));
  await step('reactions come and go, both ways', () => reaction(agent, customer));
  await step('one message is answered', () => quotes(agent, customer));
  await step('a message is changed and taken back', () => changes(agent, customer));
  await step('the reply window is counted down', () => countdown(agent, customer));
  await step('a refusal is told in WhatsApp’s words, and tried again', () => failure(agent, customer, { code: '131026', when: 'in the answer', words: /Message undeliverable/ }));
  await step('a failure that is told later, too', () => failure(agent, customer, { code: '131053', when: 'later, as a status', words: /Media upload error/ }));
  await step('both pages are for everybody', () => everybody(agent, customer));
  calm(agent, customer);
});

test('messenger', async (t) => {
  const step = storyOf(t);
  const world = await besideSimulator(t, 'messenger');
  await connectByRest(world);
  const agent = await world.agent(STILL);
  const customer = await world.customer(STILL);
  await step('words go both ways', () => talk(agent, customer));
  await step('ticks: sent, delivered, read', () => ticks(agent, customer, 'Shall I keep one?', OFF_POCKET_READING));
  await step('pictures go both ways', () => pictures(agent, customer));
  await step('reactions come and go, both ways', () => reaction(agent, customer));
  await step('one message is answered', () => quotes(agent, customer));
  await step('the reply window is counted down', () => countdown(agent, customer));
  await step('a refusal is told in Messenger’s words, and tried again', () => failure(agent, customer, { code: '10/2018108', when: 'in the answer', words: /This person isn't receiving messages from you right now/ }));
  await step('both pages are for everybody', () => everybody(agent, customer));
  calm(agent, customer);
});

test('sms', async (t) => {
  const step = storyOf(t);
  const world = await besideSimulator(t, 'sms');
  await connectByCommand(world);
  const agent = await world.agent(STILL);
  const customer = await world.customer(STILL);
  await step('words go both ways', () => talk(agent, customer));
  await step('ticks: sent, delivered, and none for reading', () => ticks(agent, customer, 'Shall I keep one?', [['Off', 'sent', 'Sent'], ['In the pocket', 'delivered', 'Delivered']]));
  await step('pictures go both ways', () => pictures(agent, customer));
  await step('a failure is told in Twilio’s words, and tried again', () => failure(agent, customer, { code: '30003', when: 'later, as a status', words: /out of reach \(30003\)/ }));
  await step('STOP ends what may be sent, START begins it again', async () => {
    await customer.extra('stop');
    await untilEqual('the console says so', () => agent.page.locator('.composer-window').getAttribute('data-may'), 'opted_out');
    await agent.field.fill('One more thing');
    assert.equal(await agent.send.isDisabled(), true);
    await customer.extra('start');
    await untilEqual('it may be answered again', () => agent.page.locator('.composer-window').getAttribute('data-may'), 'anything');
    await agent.say('One more thing');
    await customer.sees('One more thing');
  });
  await step('both pages are for everybody', () => everybody(agent, customer));
  calm(agent, customer);
});

test('slack', async (t) => {
  const step = storyOf(t);
  const world = await besideSimulator(t, 'slack');
  await connectByRest(world);
  const agent = await world.agent(STILL);
  const customer = await world.customer(STILL);
  await step('words go both ways', () => talk(agent, customer));
  await step('what Slack takes counts as delivered', () => ticks(agent, customer, 'Shall I keep one?', [['Off', 'sent', 'Delivered']]));
  await step('pictures go both ways', () => pictures(agent, customer));
  await step('reactions come and go, both ways', () => reaction(agent, customer));
  await step('one message is answered', () => quotes(agent, customer));
  await step('a message is changed and taken back', () => changes(agent, customer));
  await step('a refusal is told in Slack’s words, and tried again', () => failure(agent, customer, { code: 'restricted_action', when: 'in the answer', words: /restricted_action/ }));
  await step('both pages are for everybody', () => everybody(agent, customer));
  calm(agent, customer);
});

test('dialpad', async (t) => {
  const step = storyOf(t);
  const firstLine = (/** @type {string} */ text) => text.split('\n')[0];
  const world = await besideSimulator(t, 'dialpad');
  await connectByCommand(world);
  const agent = await world.agent(STILL);
  const calls = agent.bodies.filter({ hasText: / call\b/ });
  const customer = await world.customer(STILL);
  await step('words go both ways', () => talk(agent, customer));
  await step('ticks: sent, delivered, and none for reading', () => ticks(agent, customer, 'Shall I keep one?', [['Off', 'sent', 'Sent'], ['In the pocket', 'delivered', 'Delivered']]));
  await step('pictures go both ways', () => pictures(agent, customer));
  await step('a call that is answered is in the conversation, with its end', async () => {
    await customer.extra('call_answered');
    await untilEqual('the call has ended', () => calls.allInnerTexts().then((texts) => texts.map(firstLine)), ['Incoming call, 1:25 min']);
  });
  await step('a call that nobody takes is missed', async () => {
    await customer.extra('call_missed');
    await untilEqual('it is told', () => calls.allInnerTexts().then((texts) => texts.map(firstLine)), ['Incoming call, 1:25 min', 'Missed call']);
  });
  await step('a failure is told in Dialpad’s words, and tried again', () => failure(agent, customer, { code: 'rejected_spam', when: 'later, as a status', words: /spam/ }));
  await step('both pages are for everybody', () => everybody(agent, customer));
  calm(agent, customer);
});
