/**
 * A conversation held by keyboard alone, on both sides: no pointer event is made, and nothing is focused or filled by script.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calm } from './support/browser.mjs';
import { until, untilEqual } from './support/until.mjs';
import { agentOn } from './support/agent.mjs';
import { openPage } from './support/browser.mjs';
import { makeWorld } from './support/world.mjs';

/** More presses of Tab than any of these pages has places for the focus. */
const TABS_MAX = 40;

test('a conversation is begun, answered, resolved and reopened by keyboard', async (t) => {
  const world = await makeWorld(t);
  const { server } = world;
  const visitor = await world.visitor();
  const { keyboard } = visitor.page;

  await t.test('the visitor reaches the button, opens the chat and is in the field', async () => {
    await tabTo(visitor.page, 'Chat');
    await keyboard.press('Enter');
    await visitor.ready();
    await untilEqual('the field has the focus', () => focused(visitor.page), 'Message');
    await keyboard.type('Written without a mouse');
    await keyboard.press('Shift+Enter');
    await keyboard.type('in two lines');
    await keyboard.press('Enter');
    await visitor.delivery('Written without a mouse', 'Sent');
    assert.deepEqual(await visitor.texts(), ['Written without a mouse\nin two lines']);
  });

  const agent = agentOn(await openPage(world.browser), server);
  const keys = agent.page.keyboard;

  await t.test('the agent signs in', async () => {
    await agent.page.goto(`${server.url}/`);
    await untilEqual('the e-mail has the focus', () => focused(agent.page), 'E-mail');
    await keys.type(server.owner);
    await keys.press('Tab');
    await keys.type(server.password);
    await keys.press('Enter');
    await agent.connected();
    await tabTo(agent.page, 'All open');
    await keys.press('Enter');
  });

  await t.test('the agent moves to the conversation, opens it and answers', async () => {
    await agent.row('Written without a mouse').waitFor();
    await keys.press('j');
    await until('the row has the focus', () => agent.page.evaluate(() => document.activeElement?.classList.contains('row')));
    await keys.press('Enter');
    await agent.sees('Written without a mouse');
    await keys.press('r');
    await untilEqual('the field has the focus', () => focused(agent.page), 'Write');
    await keys.type('Answered without one');
    await keys.press('Enter');
    await visitor.sees('Answered without one');
    await agent.receipt('Answered without one', 'Seen');
  });

  await t.test('a note, resolving and reopening have keys, and a sheet lists them', async () => {
    await keys.press('Escape');
    await keys.press('n');
    await keys.type('remember this');
    await keys.press('Enter');
    await agent.page.locator('.entry[data-kind=note]', { hasText: 'remember this' }).waitFor();
    await keys.press('Escape');
    await keys.press('e');
    await untilEqual('it is resolved', () => agent.resolve.innerText(), 'Reopen');
    await keys.press('e');
    await untilEqual('it is open again', () => agent.resolve.innerText(), 'Resolve');
    await keys.press('?');
    await agent.dialog.waitFor();
    await keys.press('Escape');
    await until('the sheet is gone', async () => (await agent.dialog.count()) === 0);
    await keys.press('/');
    await untilEqual('the search has the focus', () => focused(agent.page), 'Search conversations');
  });

  await t.test('Escape shuts the chat and leaves the focus on its button', async () => {
    await keyboard.press('Escape');
    await untilEqual('the chat is shut', () => visitor.launcher.getAttribute('aria-expanded'), 'false');
    await untilEqual('the button has the focus', () => focused(visitor.page), 'Chat');
    await keyboard.press('Enter');
    await untilEqual('the field has the focus', () => focused(visitor.page), 'Message');
    await keyboard.type('And back again');
    await keyboard.press('Enter');
    await agent.row('And back again').waitFor();
  });

  await t.test('every place for the focus in the chat has a name', async () => {
    const names = new Set();
    for (let press = 0; press < TABS_MAX; press += 1) {
      await keyboard.press('Tab');
      const name = await focused(visitor.page);
      assert.notEqual(name, '', 'something without a name has the focus');
      names.add(name);
    }
    for (const name of ['Message', 'Attach a file', 'Send', 'Close chat']) assert.ok(names.has(name), `${name} cannot be reached`);
  });

  calm(visitor.page, agent.page);
});

/** Presses Tab until what has the focus has this name. @param {import('playwright-core').Page} page @param {string} name */
async function tabTo(page, name) {
  const passed = [];
  for (let press = 0; press < TABS_MAX; press += 1) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (now === name) return;
    passed.push(now);
  }
  throw new Error(`Tab never came to ${name}, but to: ${passed.join(' | ')}`);
}

/** The name of what has the focus, through shadow roots and frames. @param {import('playwright-core').Page} page @returns {Promise<string>} */
async function focused(page) {
  /** @type {import('playwright-core').Frame} */
  let frame = page.mainFrame();
  for (;;) {
    const element = await frame.evaluateHandle(() => {
      let active = document.activeElement;
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
      return active;
    });
    const inner = await element.asElement()?.contentFrame();
    if (!inner) {
      return element.evaluate((one) => {
        if (!one || one === document.body) return 'the page';
        const labels = 'labels' in one ? [...(/** @type {HTMLInputElement} */ (one).labels ?? [])] : [];
        return one.getAttribute('aria-label') ?? (labels.map(({ textContent }) => textContent).join() || one.textContent?.trim() || '');
      });
    }
    frame = inner;
  }
}
