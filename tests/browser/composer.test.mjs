/**
 * What an agent writes: formatted, with emoji, taken back, kept.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calm } from './support/browser.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

/** A browser in which nobody has chosen anything: replies can be taken back. */
const UNDO = { kept: {} };
const unsent = (/** @type {import('./support/world.mjs').Agent} */ agent) => agent.page.locator('.entry[data-type=unsent]');

/** Time stands still in the page until a test lets it pass. @param {import('playwright-core').Page} page */
async function holdClock(page) {
  await page.clock.install();
  await page.clock.pauseAt(new Date(Date.now() + 1000));
}

/**
 * What is said of the message that waits, or that none waits. The page draws only while time passes, so a little of it does.
 * @param {import('./support/world.mjs').Agent} agent
 * @param {string | null} words
 */
async function seen(agent, words) {
  await until(words === null ? 'nothing waits' : `it says “${words}”`, async () => {
    await agent.page.clock.runFor(20);
    return words === null ? (await unsent(agent).count()) === 0 : (await unsent(agent).filter({ hasText: words }).count()) > 0;
  });
}

test('a reply is written with marks, by keys and by buttons, and looks so on both sides', async (t) => {
  const world = await makeWorld(t);
  const visitor = await world.visitor();
  await visitor.open();
  await visitor.say('How do I install it?');
  const agent = await world.agent();
  await agent.open('How do I install it?');
  const { keyboard } = agent.page;

  await agent.field.focus();
  await keyboard.type('Run ');
  await keyboard.press('Control+e');
  await keyboard.type('npm ci');
  await keyboard.press('Control+e');
  await keyboard.type(', it is ');
  await keyboard.press('Control+b');
  await keyboard.type('quick');
  await keyboard.press('Control+b');
  await keyboard.type('; see the manual');
  for (let letter = 0; letter < 'manual'.length; letter += 1) await keyboard.press('Shift+ArrowLeft');
  await keyboard.press('Control+k');
  await keyboard.type('nowhere at all');
  await keyboard.press('Enter');
  await agent.page.getByText('That is no web, mail or telephone address.').waitFor();
  await keyboard.press('Control+a');
  await keyboard.type('example.com/manual');
  await keyboard.press('Enter');
  assert.equal(await agent.field.inputValue(), 'Run `npm ci`, it is **quick**; see the [manual](https://example.com/manual)');
  await agent.page.locator('.composer-preview strong', { hasText: 'quick' }).waitFor();

  await t.test('emoji are found by name, without a pointer', async () => {
    await agent.page.getByRole('button', { name: 'Emoji' }).focus();
    await keyboard.press('Enter');
    await keyboard.type('rock');
    await keyboard.press('ArrowDown');
    // In the grid a letter goes on with the search, and is no shortcut of the page.
    await keyboard.type('e');
    assert.equal(await agent.page.locator('.emoji-search').inputValue(), 'rocke');
    assert.equal(await agent.resolve.innerText(), 'Resolve');
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    assert.match(await agent.field.inputValue(), /manual\)🚀$/);
    assert.equal(await agent.field.evaluate((field) => document.activeElement === field), true);
  });

  await t.test('what is pasted from elsewhere is its words alone, and an address pasted over words a link', async () => {
    await agent.page.evaluate(() => {
      const data = new DataTransfer();
      data.setData('text/plain', 'https://example.com/quick');
      data.setData('text/html', '<a href="https://example.com/quick"><img src=x onerror=alert(1)>quick</a>');
      const field = /** @type {HTMLTextAreaElement} */ (document.querySelector('.composer-field'));
      field.setSelectionRange(field.value.indexOf('quick'), field.value.indexOf('quick') + 5);
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    assert.match(await agent.field.inputValue(), /\*\*\[quick\]\(https:\/\/example\.com\/quick\)\*\*/);
  });

  await agent.field.press('Enter');
  for (const side of [agent.page.locator('.entries'), visitor.chat.locator('.list')]) {
    await side.locator('code', { hasText: 'npm ci' }).waitFor();
    await side.locator('strong', { hasText: 'quick' }).waitFor();
    await side.locator('a[href="https://example.com/manual"]', { hasText: 'manual' }).waitFor();
  }
  const [conversation] = await world.rest.conversations();
  const last = (await world.rest.messages(conversation.id)).at(-1);
  assert.equal(last.content_text, 'Run npm ci, it is quick; see the manual🚀');

  await t.test('signs can be sent as they are', async () => {
    await agent.field.fill('2 **stars**');
    await agent.page.getByRole('button', { name: 'Send as typed' }).click();
    await agent.field.press('Enter');
    await visitor.sees('2 **stars**');
  });
  calm(agent.page, visitor.page);
});

test('a reply can be taken back for five seconds, and then goes out', async (t) => {
  const world = await makeWorld(t);
  const visitor = await world.visitor();
  await visitor.open();
  await visitor.say('Anybody there?');
  const agent = await world.agent(UNDO);
  await agent.open('Anybody there?');
  await holdClock(agent.page);

  await agent.say('Not like this');
  await seen(agent, 'Sending in 5 s');
  await agent.page.clock.runFor(3000);
  await seen(agent, 'Sending in 2 s');
  await agent.page.getByRole('button', { name: 'Undo' }).click();
  assert.equal(await agent.field.inputValue(), 'Not like this');
  await seen(agent, null);

  await agent.say('Like this');
  await seen(agent, 'Sending in 5 s');
  await agent.field.press('Control+z');
  assert.equal(await agent.field.inputValue(), 'Like this');
  await agent.field.press('Enter');
  await seen(agent, 'Sending in 5 s');
  assert.deepEqual(await visitor.texts(), ['Anybody there?']);
  await agent.page.clock.runFor(5000);
  await visitor.sees('Like this');

  await t.test('pressed twice, Ctrl+Enter does not wait', async () => {
    await agent.field.fill('At once');
    await agent.field.press('Control+Enter');
    await seen(agent, 'Sending in 5 s');
    await agent.field.press('Control+Enter');
    await visitor.sees('At once');
  });

  await t.test('the next reply ends the wait of the one before it', async () => {
    await agent.say('First');
    await agent.say('Second');
    await visitor.sees('First');
    await seen(agent, 'Sending in 5 s');
    await agent.page.getByRole('button', { name: 'Send now' }).click();
    await visitor.sees('Second');
  });
  await seen(agent, null);
  assert.deepEqual(await visitor.texts(), ['Anybody there?', 'Like this', 'At once', 'First', 'Second']);
  calm(agent.page, visitor.page);
});

test('a reply that waits is neither lost nor doubled when the page goes away', async (t) => {
  const world = await makeWorld(t);
  const visitor = await world.visitor();
  await visitor.open();
  await visitor.say('Do not go');
  const agent = await world.agent(UNDO);
  await agent.open('Do not go');
  await holdClock(agent.page);

  await t.test('a reload sends it', async () => {
    await agent.say('before a reload');
    await seen(agent, 'Sending in 5 s');
    await agent.page.reload();
    await visitor.sees('before a reload');
    await seen(agent, null);
  });

  await t.test('so does closing the tab', async () => {
    await agent.say('before the end');
    await seen(agent, 'Sending in 5 s');
    await agent.page.close({ runBeforeUnload: true });
    await visitor.sees('before the end');
  });

  const [conversation] = await world.rest.conversations();
  const texts = (await world.rest.messages(conversation.id)).map(({ content_text: text }) => text);
  assert.deepEqual(texts, ['Do not go', 'before a reload', 'before the end']);
});

test('drafts of a reply and of a note stand apart, survive a reload and are the same in every tab', async (t) => {
  const world = await makeWorld(t);
  const visitor = await world.visitor();
  await visitor.open();
  await visitor.say('A long question');
  const agent = await world.agent(UNDO);
  await agent.open('A long question');
  const note = agent.page.locator('label.mode[for=mode-note]');
  const reply = agent.page.locator('label.mode[for=mode-message]');

  await agent.field.fill('half an answer');
  await note.click();
  assert.equal(await agent.field.inputValue(), '');
  await agent.field.fill('half a note');
  await agent.page.reload();
  await untilEqual('the note is there', () => agent.field.inputValue(), 'half a note');
  await reply.click();
  await untilEqual('the answer is there', () => agent.field.inputValue(), 'half an answer');

  const second = await agent.page.context().newPage();
  await second.goto(agent.page.url());
  const there = second.locator('.composer-field');
  await untilEqual('the other tab has it', () => there.inputValue(), 'half an answer');
  await agent.field.fill('half an answer, and more');
  await untilEqual('the other tab follows', () => there.inputValue(), 'half an answer, and more');
  await there.fill('a whole answer');
  await untilEqual('and the first one follows it', () => agent.field.inputValue(), 'a whole answer');

  await agent.field.press('Enter');
  await second.locator('.entry[data-type=unsent]', { hasText: 'a whole answer' }).waitFor();
  await untilEqual('the draft is gone in both', () => there.inputValue(), '');
  await second.getByRole('button', { name: 'Undo' }).click();
  await untilEqual('taken back in one, it is a draft in both', () => agent.field.inputValue(), 'a whole answer');
  await untilEqual('and waits in neither', () => unsent(agent).count(), 0);
  assert.deepEqual(await visitor.texts(), ['A long question']);
  calm(agent.page);
});

test('what cannot be sent is kept with its reason, and can be copied, edited and thrown away', async (t) => {
  const world = await makeWorld(t, { proxied: true });
  const visitor = await world.visitor();
  await visitor.open();
  await visitor.say('Hello?');
  const agent = await world.agent({ permissions: ['clipboard-read', 'clipboard-write'] });
  await agent.open('Hello?');
  await agent.page.context().setOffline(true);
  world.proxy?.cutAll();
  await agent.page.locator('.connection[data-phase=offline]').waitFor({ state: 'attached' });
  await agent.say('kept **for** later');
  await unsent(agent).getByText('It goes out as soon as you are connected').waitFor();
  await agent.page.getByRole('button', { name: 'Copy', exact: true }).click();
  assert.equal(await agent.page.evaluate(() => navigator.clipboard.readText()), 'kept **for** later');
  await agent.say('never mind');
  await unsent(agent).filter({ hasText: 'never mind' }).getByRole('button', { name: 'Discard' }).click();
  await untilEqual('one is left', () => unsent(agent).count(), 1);
  await agent.page.context().setOffline(false);
  await agent.connected();
  await visitor.sees('kept for later');
  await agent.settled();

  await t.test('a file that is dropped on the conversation, and one that is pasted, join the draft', async () => {
    await agent.page.evaluate(() => {
      const carrying = (/** @type {string} */ name) => {
        const data = new DataTransfer();
        data.items.add(new File(['words'], name, { type: 'text/plain' }));
        return data;
      };
      const there = /** @type {Element} */ (document.querySelector('.timeline-scroll'));
      for (const type of ['dragover', 'drop']) there.dispatchEvent(new DragEvent(type, { dataTransfer: carrying('dropped.txt'), bubbles: true, cancelable: true }));
      const field = /** @type {Element} */ (document.querySelector('.composer-field'));
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carrying('pasted.txt'), bubbles: true, cancelable: true }));
    });
    for (const name of ['dropped.txt', 'pasted.txt']) await agent.page.locator('.composer-file', { hasText: name }).waitFor();
    await until('they may be sent', async () => !(await agent.send.isDisabled()));
    await agent.page.reload();
    for (const name of ['dropped.txt', 'pasted.txt']) await agent.page.getByRole('button', { name: `Remove ${name}` }).click();
    await untilEqual('they are gone', () => agent.page.locator('.composer-file').count(), 0);
  });

  await t.test('a refused upload can be tried again', async () => {
    let refusals = 1;
    await agent.page.route('**/api/upload', (route) => (refusals-- > 0 ? route.abort() : route.continue()));
    await agent.page.locator('.composer input[type=file]').setInputFiles([{ name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('a plan') }]);
    await agent.page.getByText('plan.txt was not uploaded').waitFor();
    await agent.page.getByRole('button', { name: 'Upload plan.txt again' }).click();
    await until('it may be sent', async () => !(await agent.send.isDisabled()));
    await agent.send.click();
    await visitor.chat.locator('.file', { hasText: 'plan.txt' }).waitFor();
  });
});
