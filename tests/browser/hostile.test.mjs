/**
 * Names, messages, files and pages that try to be markup: each is shown as the text that it is.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calm } from './support/browser.mjs';
import { picture } from './support/picture.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const ATTACK = '"><img src=x onerror="window.owned=1"><script>window.owned=1</script>';
/** Without slashes and double quotes: a file's name has no folders, and browsers send its quotes as `%22`. */
const FILE = "'><img src=x onerror=window.owned=1><svg onload=window.owned=1>.png";
/** What careless programs make links or sums of. */
const LINKS = 'javascript:window.owned=1 data:text/html,<script>owned=1</script> [x](javascript:window.owned=1) {{7*7}} ${7*7}';

test('nothing that people write becomes markup', async (t) => {
  const world = await makeWorld(t);
  await world.rest.changeWidget({ header_text: ATTACK, pre_chat_form: [{ name: 'name', label: ATTACK, type: 'text', required: true }, { name: 'note', label: 'Note', type: 'text', required: false }] });
  const agents = await world.rest.all('agents');
  const olivia = agents.find(({ email }) => email === world.server.owner);
  await world.rest.call('PATCH', `agents/${olivia.id}`, { name: `Olivia ${ATTACK}` });
  const agent = await world.agent();
  // The page's title and address, which the widget tells, are the attacker's too.
  const script = `if (window === top) Object.defineProperty(document, 'title', { get: () => ${JSON.stringify(ATTACK)} });`;
  const visitor = await world.visitor({ script, path: `/demo?${encodeURIComponent(ATTACK)}#${ATTACK}` });

  await visitor.open();
  await visitor.chat.locator('.prechat form').waitFor();
  assert.equal(await visitor.chat.locator('h1').innerText(), ATTACK);
  assert.equal(await visitor.chat.locator('.field label').first().innerText(), ATTACK);
  await visitor.chat.locator('[name=name]').fill(ATTACK);
  await visitor.chat.locator('[name=note]').fill(ATTACK);
  await visitor.chat.locator('.prechat button[type=submit]').click();
  await visitor.ready();
  await visitor.say(ATTACK);
  await visitor.say(LINKS);
  await visitor.chat.locator('input[type=file]').setInputFiles([{ name: FILE, mimeType: 'image/png', buffer: picture() }]);
  await visitor.chat.locator('.chip').waitFor();
  await until('it is uploaded', async () => (await visitor.chat.locator('.chip progress:visible').count()) === 0);
  await visitor.say('with a file');

  await agent.rows.first().click();
  await agent.sees('with a file');
  await agent.page.locator('.picture img').waitFor();
  assert.equal(await agent.page.locator('.head-name').innerText(), ATTACK);
  assert.equal(await agent.page.locator('.picture img').getAttribute('alt'), FILE);
  await agent.page.locator('.contact').getByText(ATTACK).first().waitFor();
  await agent.say(ATTACK);
  await agent.note(ATTACK);
  await agent.page.locator('.label-input').fill('<b>bold</b>');
  await agent.page.locator('.label-input').press('Enter');
  await agent.page.locator('.label-chip', { hasText: '<b>bold</b>' }).waitFor();
  await agent.settled();

  const [conversation] = await world.rest.conversations();
  await t.test('a document tree cannot smuggle in what text cannot', async () => {
    const link = (/** @type {string} */ href) => ({ type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text: `click ${href}`, marks: [{ type: 'link', attrs: { href } }] }] }] });
    for (const href of ['javascript:window.owned=1', 'data:text/html,<script>owned=1</script>']) {
      await world.rest.call('POST', `conversations/${conversation.id}/messages`, { content: link(href) }).catch((error) => assert.match(error.message, /answered 4\d\d/));
    }
    await world.rest.call('POST', `conversations/${conversation.id}/messages`, { content: link('https://example.com/') });
    await visitor.chat.locator('.bubble a[href="https://example.com/"]').waitFor();
    await agent.page.locator('.bubble a[href="https://example.com/"]').waitFor();
  });

  const said = (await world.rest.messages(conversation.id));
  const visible = said.filter(({ kind }) => kind === 'message');
  assert.ok(visible.some(({ content_text: text }) => text === ATTACK));
  await untilEqual('the visitor reads it as it was written', () => visitor.texts(), visible.map(({ content_text: text }) => text));
  await untilEqual('the agent reads it as it was written', () => agent.texts(), said.map(({ content_text: text }) => text));

  for (const page of [visitor.page, agent.page]) {
    for (const frame of page.frames()) {
      assert.equal(await frame.evaluate(() => 'owned' in window), false, 'a script of somebody else ran');
      const links = await frame.evaluate(() => [...document.links].map(({ protocol }) => protocol));
      assert.deepEqual(links.filter((protocol) => !/^(https?|mailto|tel|blob):$/.test(protocol)), []);
    }
  }
  calm(visitor.page, agent.page);
});
