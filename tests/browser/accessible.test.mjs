/**
 * axe-core looks at everything that people see.
 */
import { test } from 'node:test';
import arabic from '../../widget-js/frame/locale/ar.js';
import { agentOn } from './support/agent.mjs';
import { accessible } from './support/axe.mjs';
import { openPage } from './support/browser.mjs';
import { bytes, photo } from './support/picture.mjs';
import { until } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

/** Nothing moves: a colour half-way through a change is nobody's colour. */
const STILL = /** @type {const} */ ({ reducedMotion: 'reduce' });
const QUESTIONS = [
  { name: 'name', label: 'Your name', type: 'text', required: true },
  { name: 'email', label: 'E-mail', type: 'email', required: true },
  { name: 'about', label: 'What is it about?', type: 'textarea', required: false },
];

test('axe-core finds nothing in the widget', async (t) => {
  const world = await makeWorld(t, { proxied: true });
  const agent = await world.agent(STILL);

  for (const [name, options] of Object.entries({
    light: {},
    dark: { colorScheme: /** @type {const} */ ('dark') },
    'Arabic, right to left': { locale: 'ar' },
    phone: { viewport: { width: 390, height: 844 } },
  })) {
    await t.test(name, async () => {
      await world.rest.changeWidget({ pre_chat_form: QUESTIONS });
      const visitor = await world.visitor({ ...STILL, ...options });
      // The sample page is English; a page's language comes before the browser's.
      if (options.locale) await visitor.page.evaluate(() => window.Switchboard.setLocale('ar'));
      await accessible('the page with the chat shut', visitor.page);
      await visitor.open();
      const frame = await visitor.frame();
      await visitor.chat.locator('.prechat form').waitFor();
      await accessible('the page with the chat open', visitor.page);
      await accessible('the questions before the chat', frame);
      await visitor.chat.locator('.prechat button[type=submit]').click();
      await visitor.chat.locator('[aria-invalid=true]').first().waitFor();
      await accessible('the questions, unanswered', frame);
      await visitor.chat.locator('[name=name]').fill('Jane Doe');
      await visitor.chat.locator('[name=email]').fill('jane@example.com');
      await visitor.chat.locator('.prechat button[type=submit]').click();
      await visitor.ready();
      await accessible('an empty conversation', frame);
      await converse(visitor, agent, name);
      await accessible('a conversation', frame);
      await visitor.chat.locator('input[type=file]').setInputFiles([bytes('too-large.zip', 10 * 1024 * 1024 + 1), photo('chosen.png')]);
      await visitor.chat.locator('.composer .problem', { hasText: 'too-large.zip' }).waitFor();
      await until('the other file is there', async () => (await visitor.chat.locator('.chip progress:visible').count()) === 0);
      await accessible('a file refused, another chosen', frame);
      await visitor.page.context().setOffline(true);
      world.proxy.cutAll();
      await visitor.notice.waitFor();
      await visitor.say('kept for later');
      await accessible('offline', frame);
      await visitor.page.context().close();
    });
  }
});

/** @param {import('./support/world.mjs').Visitor} visitor @param {import('./support/world.mjs').Agent} agent @param {string} name */
async function converse(visitor, agent, name) {
  await visitor.say(`Good morning (${name}), see https://example.com/fjord`);
  await agent.open(`Good morning (${name})`);
  await agent.say('Good morning! How can I help?');
  await visitor.sees('Good morning! How can I help?');
  await visitor.chat.locator('input[type=file]').setInputFiles([photo('frame.png'), bytes('invoice.pdf', 20_000)]);
  await until('both are uploaded', async () => (await visitor.chat.locator('.chip progress:visible').count()) === 0);
  await visitor.say('Here you are.');
  await visitor.chat.locator('.file.picture img').waitFor();
  await visitor.delivery('Here you are.', name.startsWith('Arabic') ? arabic.seen : 'Seen');
}

test('axe-core finds nothing in the console', async (t) => {
  const world = await makeWorld(t, { proxied: true });
  const visitor = await world.visitor(STILL);
  await visitor.open();
  await visitor.say('Is anybody there?');
  await visitor.chat.locator('input[type=file]').setInputFiles([photo('frame.png'), bytes('invoice.pdf', 20_000)]);
  await until('both are uploaded', async () => (await visitor.chat.locator('.chip progress:visible').count()) === 0);
  await visitor.say('Two files.');
  await visitor.delivery('Two files.', 'Sent');

  for (const [name, options] of Object.entries({
    light: {},
    dark: { colorScheme: /** @type {const} */ ('dark') },
    phone: { viewport: { width: 390, height: 844 } },
  })) {
    await t.test(name, async () => {
      const agent = agentOn(await openPage(world.browser, { ...STILL, ...options }), world.server);
      await agent.page.goto(`${world.server.url}/`);
      await agent.page.locator('.signin-card').waitFor();
      await accessible('signing in', agent.page);
      await agent.page.locator('#email').fill('nobody@example.com');
      await agent.page.locator('#password').fill('wrong');
      await agent.page.locator('#password').press('Enter');
      await agent.page.locator('.form-trouble').waitFor();
      await accessible('signing in with a wrong password', agent.page);
      await agent.signIn();
      await agent.rows.first().waitFor();
      await accessible('the list', agent.page);
      await agent.rows.first().click();
      await agent.page.locator('.picture img').first().waitFor();
      await agent.say(`Good morning (${name})!`);
      await agent.settled();
      await agent.note(`A note (${name})`);
      await agent.settled();
      await accessible('a conversation', agent.page);
      await agent.page.locator('.head-details').click();
      await accessible('with or without the contact', agent.page);
      if (await agent.page.locator('.contact').isVisible()) await agent.page.locator('.contact-head button').click();
      await agent.page.locator('.timeline-scroll').focus();
      await agent.page.keyboard.press('?');
      await agent.dialog.waitFor();
      await accessible('a dialogue', agent.page);
      await agent.page.keyboard.press('Escape');
      await agent.page.context().setOffline(true);
      world.proxy.cutAll();
      await agent.page.locator('.connection[data-phase=offline]').waitFor({ state: 'attached' });
      await agent.say('kept for later');
      await agent.page.locator('.entry[data-type=unsent]').waitFor();
      await accessible('offline', agent.page);
      await agent.page.context().close();
    });
  }
});
