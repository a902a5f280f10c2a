/**
 * The pictures in `docs/screenshots/`, taken from the running product: `SWITCHBOARD_SCREENSHOTS=1` takes them anew. Without it the same
 * scenes are only shown, so that they do not rot.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentOn } from './support/agent.mjs';
import { openPage } from './support/browser.mjs';
import { picture } from './support/picture.mjs';
import { take } from './support/screenshot.mjs';
import { until } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
const DARK = { colorScheme: /** @type {const} */ ('dark') };

const OTHERS = [
  ['Amira Haddad', 'amira@example.com', 'The chain case rattles since I changed the tyre. Can I come by on Thursday?'],
  ['Luis Ortega', 'luis@example.com', 'Do you ship the Skerry to Portugal?'],
  ['Freya Lindqvist', 'freya@example.com', 'Invoice 2031 has the wrong address, could you send a new one?'],
  ['Tom Baker', 'tom@example.com', 'Is 58 cm right for somebody of 1.85 m?'],
];
const TALK = {
  en: ['Hello! Does the Fjord come in green?', 'This is the green I mean:', 'Hi Jane! It does, from March on.', 'Shall I keep one for you? A 54 would fit.', 'Yes please, that would be lovely.'],
  ar: ['مرحبا! هل تتوفر دراجة Fjord باللون الأخضر؟', 'هذا هو اللون الذي أقصده:', 'أهلا جين! نعم، ابتداء من مارس.', 'هل أحجز لك واحدة؟ المقاس 54 يناسبك.', 'نعم من فضلك، سيكون ذلك رائعا.'],
};

test('screenshots', async (t) => {
  const world = await makeWorld(t, { proxied: true });
  const { rest, server, proxy } = world;
  const still = { reducedMotion: /** @type {const} */ ('reduce') };
  const { settings: { api_key: apiKey } } = await rest.widget();
  const post = (/** @type {string} */ path, /** @type {object} */ body) =>
    fetch(`${server.url}${path}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  for (const [name, email, message] of OTHERS) assert.equal((await post('/api/widget/contact', { apiKey, name, email, message })).status, 200);
  const agents = await rest.all('agents');
  const all = await rest.conversations();
  const of = (/** @type {string} */ name) => all.find(({ contact }) => contact.name === name)?.id;
  await rest.call('PATCH', `conversations/${of('Freya Lindqvist')}`, { assignee_id: agents.find(({ email }) => email === server.agent).id, labels: ['invoice'] });
  await rest.call('PATCH', `conversations/${of('Amira Haddad')}`, { priority: 'high', labels: ['workshop'] });

  /** @param {Parameters<typeof world.visitor>[0] & {language?: 'en' | 'ar'}} options */
  async function converse({ language = 'en', ...options }) {
    await rest.changeWidget({ pre_chat_form: [{ name: 'name', label: language === 'ar' ? 'الاسم' : 'Your name', type: 'text', required: true }] });
    const visitor = await world.visitor({ ...still, ...options });
    if (language === 'ar') await visitor.page.evaluate(() => window.Switchboard.setLocale('ar'));
    await visitor.open();
    await visitor.chat.locator('[name=name]').fill('Jane Doe');
    await visitor.chat.locator('.prechat button[type=submit]').click();
    await visitor.ready();
    const words = TALK[language];
    await visitor.say(words[0]);
    await visitor.chat.locator('input[type=file]').setInputFiles([{ name: 'green.png', mimeType: 'image/png', buffer: picture(480, 270) }]);
    await until('it is uploaded', async () => (await visitor.chat.locator('.chip').count()) === 1 && (await visitor.chat.locator('.chip progress:visible').count()) === 0);
    await visitor.say(words[1]);
    await agent.open(words[1]);
    await agent.sees(words[1]);
    for (const text of words.slice(2, 4)) await agent.say(text);
    await visitor.sees(words[3]);
    await visitor.say(words[4]);
    await visitor.chat.locator('.file.picture img').waitFor();
    await agent.sees(words[4]);
    await until('it is read', async () => (await visitor.chat.locator('.list .message.seen').count()) === 3);
    await agent.field.fill('');
    await agent.field.pressSequentially('I h');
    await visitor.typing.waitFor();
    return visitor;
  }

  const agent = await world.agent(still);
  await t.test('widget', async () => {
    for (const [name, options] of /** @type {const} */ ([
      ['widget-desktop-light', {}],
      ['widget-desktop-dark', DARK],
      ['widget-desktop-arabic', { language: 'ar' }],
      ['widget-phone-light', PHONE],
      ['widget-phone-dark', { ...PHONE, ...DARK }],
      ['widget-phone-arabic', { ...PHONE, language: 'ar' }],
    ])) {
      const visitor = await converse(options);
      await take(visitor.page, name);
      if (name === 'widget-phone-light') {
        await visitor.page.context().setOffline(true);
        proxy.cutAll();
        await visitor.notice.waitFor();
        await visitor.say('I can come on Friday.');
        await visitor.chat.locator('.message.waiting').waitFor();
        await take(visitor.page, 'widget-phone-offline');
        await agent.connected();
      }
      await visitor.page.context().close();
      const done = (await rest.all('conversations?status=open')).find(({ contact }) => contact.name === 'Jane Doe');
      // The next visitor is another one; a list of seven of the same name is nobody's day.
      await rest.call('PATCH', `conversations/${done.id}`, { status: 'resolved' });
    }
    await rest.changeWidget({ pre_chat_form: [
      { name: 'name', label: 'Your name', type: 'text', required: true },
      { name: 'email', label: 'E-mail', type: 'email', required: true },
      { name: 'about', label: 'What is it about?', type: 'textarea', required: false },
    ] });
    const visitor = await world.visitor(still);
    await visitor.open();
    await visitor.chat.locator('.prechat form').waitFor();
    await visitor.chat.locator('[name=name]').fill('Jane Doe');
    await visitor.chat.locator('.prechat button[type=submit]').click();
    await visitor.chat.locator('[name=email][aria-invalid=true]').waitFor();
    await take(visitor.page, 'widget-questions');
  });

  await t.test('console', async () => {
    const jane = await converse({});
    await agent.field.fill('');
    await agent.note('She came by last week, too.');
    await agent.settled();
    await jane.field.pressSequentially('And a b');
    for (const [name, options] of /** @type {const} */ ([
      ['console-desktop-light', {}],
      ['console-desktop-dark', DARK],
      ['console-phone', PHONE],
    ])) {
      const other = agentOn(await openPage(world.browser, { ...still, ...options }), server);
      if (name === 'console-desktop-light') {
        await other.page.goto(server.url);
        await other.page.locator('.signin-card').waitFor();
        await take(other.page, 'console-sign-in');
      }
      await other.signIn(server.agent);
      await other.rows.nth(4).waitFor();
      if (name === 'console-phone') await take(other.page, 'console-phone-list');
      await other.row('Yes please').or(other.row('She came by')).first().click();
      await other.sees('She came by last week');
      await other.page.locator('.picture img').waitFor();
      await jane.field.press('Backspace');
      await take(other.page, name);
      await other.page.context().close();
    }
    const alex = await world.agent({ ...still, email: server.agent });
    await alex.row('Yes please').or(alex.row('She came by')).first().click();
    await alex.sees('She came by last week');
    await alex.page.context().setOffline(true);
    proxy.cutAll();
    await alex.page.locator('.connection[data-phase=offline]').waitFor({ state: 'attached' });
    await alex.say('Hi Jane, I will put one aside for you.');
    await agent.connected();
    await agent.say('I have put one aside for you, Jane.');
    await agent.settled();
    await alex.page.context().setOffline(false);
    await alex.dialog.waitFor();
    await take(alex.page, 'console-two-answers');
  });
});
