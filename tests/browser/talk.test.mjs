/**
 * A visitor on a company's page and an agent in the console hold a conversation.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calm } from './support/browser.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

test('a visitor and an agent talk both ways, and each sees what the other does', async (t) => {
  const world = await makeWorld(t);
  const agent = await world.agent();
  const visitor = await world.visitor();
  const frames = framesTo(visitor.page);

  await t.test('the first message is in the list at once, unread', async () => {
    await visitor.open();
    await visitor.say('Is the Fjord in stock?');
    await visitor.delivery('Is the Fjord in stock?', 'Sent');
    await agent.row('Is the Fjord in stock?').waitFor();
    await agent.badge('Is the Fjord in stock?', '1');
  });

  await t.test('reading it takes the badge away and says “Seen” to the visitor', async () => {
    await agent.open('Is the Fjord in stock?');
    await agent.sees('Is the Fjord in stock?');
    await visitor.delivery('Is the Fjord in stock?', 'Seen');
    await until('the badge is gone', async () => (await agent.page.locator('.rows .badge').count()) === 0);
  });

  await t.test('each sees the other typing, and no longer when the words are sent', async () => {
    await agent.field.pressSequentially('Yes, in');
    await visitor.typing.waitFor();
    assert.equal(await visitor.chat.locator('.message.typing [role=status]').innerText(), 'Olivia Owner is typing…');
    await agent.field.pressSequentially(' all sizes.');
    await agent.field.press('Enter');
    await visitor.sees('Yes, in all sizes.');
    await until('nobody is typing', async () => (await visitor.typing.count()) === 0);
    await visitor.field.pressSequentially('And in');
    await agent.typing.waitFor();
    assert.match(await agent.typing.innerText(), / is typing$/);
    await visitor.field.pressSequentially(' green?');
    await visitor.field.press('Enter');
    await agent.sees('And in green?');
    await until('nobody is typing', async () => (await agent.typing.count()) === 0);
  });

  await t.test('the agent is told that the visitor has seen it', () => agent.receipt('Yes, in all sizes.', 'Seen'));

  await t.test('what comes while the chat is shut is counted on the button, and read when it is opened', async () => {
    await visitor.close();
    await agent.say('Green comes in March.');
    await visitor.unread(1);
    await agent.say('Shall I keep one for you?');
    await visitor.unread(2);
    assert.equal(await visitor.launcher.getAttribute('aria-label'), 'Chat, 2 unread messages');
    await agent.receipt('Shall I keep one for you?', 'Sent');
    await visitor.open();
    await visitor.unread(0);
    assert.equal(await visitor.launcher.getAttribute('aria-label'), 'Chat');
    await agent.receipt('Shall I keep one for you?', 'Seen');
    // It is kept, not only told.
    await agent.page.reload();
    await agent.receipt('Shall I keep one for you?', 'Seen');
  });

  await t.test('a note stays among agents', async () => {
    await agent.note('SECRET: she haggles');
    await agent.page.locator('.entry[data-kind=note]', { hasText: 'SECRET' }).locator('.note-mark').waitFor();
    await agent.say('I have put one aside.');
    await visitor.sees('I have put one aside.');
    await visitor.page.reload();
    await visitor.launcher.waitFor();
    await visitor.open();
    await visitor.sees('I have put one aside.');
    assert.ok(!(await visitor.texts()).join().includes('SECRET'), 'the note is on the visitor’s screen');
    assert.ok(frames.length > 0 && !frames.join().includes('SECRET'), 'the note went over the visitor’s wire');
  });

  await t.test('resolving takes it from the open ones, writing again opens it again', async () => {
    await agent.resolve.click();
    await untilEqual('it can be reopened', () => agent.resolve.innerText(), 'Reopen');
    await until('the list is empty', async () => (await agent.rows.count()) === 0);
    await agent.page.locator('.entry[data-type=line]', { hasText: 'Status changed to Resolved' }).waitFor();
    await visitor.say('Thank you! One more thing.');
    await untilEqual('it is open again', () => agent.resolve.innerText(), 'Resolve');
    await agent.row('Thank you! One more thing.').waitFor();
    await agent.resolve.click();
    await untilEqual('it is resolved', () => agent.resolve.innerText(), 'Reopen');
    await agent.resolve.click();
    await untilEqual('it is reopened by hand', () => agent.resolve.innerText(), 'Resolve');
  });

  await t.test('both screens show what the database holds', async () => {
    const [conversation] = await world.rest.conversations();
    const messages = await world.rest.messages(conversation.id);
    const said = messages.filter(({ kind }) => kind === 'message').map(({ content_text: text }) => text);
    assert.equal(new Set(messages.map(({ seq }) => seq)).size, messages.length);
    await untilEqual('the visitor sees it all', () => visitor.texts(), said);
    await untilEqual('the agent sees it all', () => agent.texts(), messages.map(({ content_text: text }) => text));
  });

  calm(visitor.page, agent.page);
});

/** Every text that a page's WebSockets received. @param {import('playwright-core').Page} page */
function framesTo(page) {
  /** @type {string[]} */
  const frames = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
  return frames;
}
