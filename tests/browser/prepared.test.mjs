/**
 * What is prepared for the inbox, as agents use it: canned responses by a slash, labels in their colours, saved views; made in the settings, by
 * two members of whom one may change what is everybody's.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessible } from './support/axe.mjs';
import { complaintsOf } from './support/browser.mjs';
import { gather } from './support/crowd.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const STILL = /** @type {const} */ ({ reducedMotion: 'reduce' });
/** Chromium notes every answer of 4xx; these are those that the tests provoke. */
const REFUSED = /status of (409|412|422) /;

/** @typedef {Awaited<ReturnType<Awaited<ReturnType<typeof makeWorld>>['agent']>>} Agent */

/** @param {Agent} agent @param {string} url @param {string} path */
async function settings({ page }, url, path) {
  await page.goto(`${url}/#/settings${path}`);
  await page.locator('.settings-page h2').waitFor();
  await until('the page is loaded', async () => (await page.locator('.settings-state').count()) === 0);
}
/** @param {Agent} agent @param {string} text */
const notice = ({ page }, text) => page.locator('.notice', { hasText: text }).first().waitFor();
/** @param {Agent} agent */
const calm = ({ page }) => assert.deepEqual(complaintsOf(page).filter((text) => !REFUSED.test(text)), []);

test('canned responses', async (t) => {
  const world = await makeWorld(t);
  const { url, agent: email } = world.server;
  await gather(world, [{ name: 'Jane Doe', text: 'Where is my parcel?' }]);
  const owner = await world.agent(STILL);
  const { page } = owner;
  const keys = page.keyboard;

  await t.test('are made in the settings, for everybody or for oneself; a shortcut is there once', async () => {
    await settings(owner, url, '/canned');
    await page.getByRole('link', { name: 'New canned response' }).click();
    await page.locator('#canned-shortcut').fill('Hello there');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('.form-trouble', { hasText: 'Use small letters' }).waitFor();
    await page.locator('#canned-shortcut').fill('hello');
    await page.locator('#canned-name').fill('Greeting');
    await page.locator('#canned-text').fill('Hello {{contact.first_name}}, this is {{agent.first_name}}.\n\nHow can I help?');
    await accessible('a new canned response', page);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await notice(owner, 'Saved.');
    for (const [shortcut, name, text] of [['parcel', 'Where a parcel is', 'It left us yesterday.'], ['pay', 'How to pay', 'By card or by bank transfer.']]) {
      await world.rest.call('POST', 'canned-responses', { shortcut, name, text });
    }
    await settings(owner, url, '/canned/new');
    await page.locator('#canned-shortcut').fill('hello');
    await page.locator('#canned-name').fill('Again');
    await page.locator('#canned-text').fill('Hi {{contact.nickname}}');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('.form-trouble', { hasText: 'is no placeholder' }).waitFor();
    await page.locator('#canned-text').fill('Hi');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('.form-trouble', { hasText: 'already' }).first().waitFor();
    assert.equal(await page.locator('#canned-text').inputValue(), 'Hi', 'nothing is lost by a refusal');
    await page.getByRole('radio', { name: 'Only me' }).check();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await notice(owner, 'Saved.');
    // One's own first, then by name.
    await untilEqual('all are listed', () => page.locator('.prepared-row code').allInnerTexts(), ['/hello', '/hello', '/pay', '/parcel']);
  });

  await t.test('a slash at the beginning of a line opens them; letters narrow, arrows choose, Enter inserts', async () => {
    await page.goto(`${url}/#/open`);
    await page.reload();
    await owner.connected();
    await owner.open('Where is my parcel?');
    await owner.field.focus();
    await keys.type('Thank you.');
    await keys.press('Shift+Enter');
    await keys.type('/');
    const options = page.locator('.canned-option');
    await untilEqual('all are offered', () => options.count(), 4);
    await accessible('the canned responses', page);
    await keys.type('pa');
    await untilEqual('two are left', () => options.locator('code').allInnerTexts(), ['/parcel', '/pay']);
    await keys.press('ArrowDown');
    await untilEqual('the second is marked', () => page.locator('.canned-option[aria-selected=true] code').innerText(), '/pay');
    assert.equal(await owner.field.getAttribute('aria-activedescendant'), 'canned-1');
    await keys.press('Enter');
    await untilEqual('its text stands there', () => owner.field.inputValue(), 'Thank you.\nBy card or by bank transfer.');
    assert.equal(await page.locator('.canned-panel').isVisible(), false);
    await keys.press('Control+z');
    await untilEqual('the field takes it back', () => owner.field.inputValue(), 'Thank you.\n/pa');
    await keys.press('Control+a');
    await keys.press('Delete');
  });

  await t.test('Escape leaves the slash as it is, and a slash within a line means nothing', async () => {
    await keys.type('/he');
    await page.locator('.canned-option').first().waitFor();
    await keys.press('Escape');
    assert.equal(await page.locator('.canned-panel').isVisible(), false);
    await keys.type('l');
    assert.equal(await page.locator('.canned-panel').isVisible(), false);
    await owner.field.fill('either/');
    await keys.press('End');
    assert.equal(await page.locator('.canned-panel').isVisible(), false);
    await owner.field.fill('');
  });

  await t.test('names are filled in, and a name that nobody knows is said to be missing', async () => {
    await keys.type('/hello');
    // One's own comes first.
    await untilEqual('both are offered', () => page.locator('.canned-preview').allInnerTexts(), ['Hi', 'Hello Jane, this is Olivia. How can I help?']);
    await keys.press('ArrowDown');
    await keys.press('Tab');
    await untilEqual('it is filled in', () => owner.field.inputValue(), 'Hello Jane, this is Olivia.\n\nHow can I help?');
    await keys.press('Enter');
    await owner.sees('Hello Jane, this is Olivia.');
    await gather(world, [{ name: /** @type {any} */ (undefined), text: 'Nobody knows me' }]);
    await owner.open('Nobody knows me');
    await owner.sees('Nobody knows me');
    await page.locator('.timeline-scroll').focus();
    await keys.press('c');
    await owner.dialog.waitFor();
    await accessible('all canned responses', page, 'dialog');
    await keys.type('greeting');
    await keys.press('Enter');
    await untilEqual('the name is missing', () => owner.field.inputValue(), 'Hello {{contact.first_name}}, this is Olivia.\n\nHow can I help?');
    await notice(owner, "Nobody knows the contact's name");
    await owner.field.fill('');
  });

  await t.test('a member has their own, and sees but does not change everybody’s', async () => {
    const member = await world.agent({ ...STILL, email });
    await settings(member, url, '/canned');
    await untilEqual('everybody’s are there', () => member.page.locator('.prepared-row code').allInnerTexts(), ['/hello', '/pay', '/parcel']);
    assert.equal(await member.page.locator('a.prepared-row').count(), 0);
    await member.page.getByRole('link', { name: 'New canned response' }).click();
    assert.equal(await member.page.getByRole('radio').count(), 0);
    await member.page.locator('#canned-shortcut').fill('mine');
    await member.page.locator('#canned-name').fill('Mine alone');
    await member.page.locator('#canned-text').fill('Alex here.');
    await member.page.getByRole('button', { name: 'Save', exact: true }).click();
    await notice(member, 'Saved.');
    await member.page.locator('a.prepared-row').click();
    await member.page.getByRole('button', { name: 'Remove', exact: true }).click();
    await member.dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await notice(member, 'Removed.');
    for (const path of ['/labels', '/labels/new']) {
      await member.page.goto(`${url}/#/settings${path}`);
      await member.page.locator('.list').waitFor();
    }
    calm(member);
  });
  calm(owner);
});

test('labels and saved views', async (t) => {
  const world = await makeWorld(t);
  const { url, agent: email } = world.server;
  const crowd = await gather(world, [{ name: 'Ada', text: 'My invoice is wrong' }, { name: 'Ben', text: 'A new frame, please' }], { inOrder: true });
  const owner = await world.agent(STILL);
  const { page } = owner;
  const keys = page.keyboard;

  await t.test('a label gets its colour in the settings, and has it in the picker, the head and the list', async () => {
    await settings(owner, url, '/labels/new');
    await page.locator('#label-name').fill('Billing');
    await page.locator('#label-color').fill('#7350a8');
    await page.locator('#label-description').fill('Questions about invoices');
    await accessible('a new label', page);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await notice(owner, 'Saved.');
    await page.locator('.prepared-row', { hasText: 'billing' }).waitFor();
    await page.goto(`${url}/#/open`);
    await owner.open('My invoice is wrong');
    await owner.sees('My invoice is wrong');
    await page.locator('.timeline-scroll').focus();
    await keys.press('l');
    await owner.dialog.waitFor();
    await owner.dialog.locator('.pick-option', { hasText: 'Questions about invoices' }).locator('[data-painted]').waitFor();
    await keys.type('bill');
    await keys.press('Enter');
    const chip = page.locator('.head .label-chip[data-painted]', { hasText: 'billing' });
    await chip.waitFor();
    await page.locator('.row .mark.label[data-painted]', { hasText: 'billing' }).waitFor();
    assert.equal(await chip.evaluate((element) => getComputedStyle(element, '::before').backgroundColor), 'rgb(115, 80, 168)');
    await accessible('labels in their colours', page);
  });

  await t.test('somebody else changed it meanwhile: both changes can be kept', async () => {
    const [label] = await world.rest.all('labels');
    await settings(owner, url, `/labels/${label.id}`);
    await world.rest.call('PATCH', `labels/${label.id}`, { description: 'Invoices and refunds' });
    await page.locator('#label-color').fill('#1d7f4a');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('.conflict', { hasText: 'What it is for' }).waitFor();
    await page.getByRole('button', { name: 'Keep mine and save' }).click();
    await untilEqual('both are kept', async () => (await world.rest.all('labels')).map(({ color, description }) => [color, description]), [['#1d7f4a', 'Invoices and refunds']]);
  });

  await t.test('what the list shows is saved as a view, which stands in the rail and follows what happens', async () => {
    await world.rest.call('PATCH', `conversations/${crowd[1].conversationId}`, { priority: 'urgent' });
    await page.goto(`${url}/#/label:billing`);
    await untilEqual('one has the label', () => owner.rows.count(), 1);
    await page.getByLabel('Which conversations').selectOption('any');
    await page.getByRole('button', { name: 'Save this view' }).click();
    await owner.dialog.waitFor();
    await owner.dialog.getByText('Any status, with the label billing').waitFor();
    await keys.press('Enter');
    await owner.dialog.locator('.form-trouble', { hasText: 'This is needed.' }).waitFor();
    await accessible('saving a view', page, 'dialog');
    await keys.type('Money');
    await owner.dialog.getByRole('checkbox', { name: 'Everybody' }).check();
    await owner.dialog.locator('#view-name').press('Enter');
    await notice(owner, '“Money” is saved.');
    await page.locator('.rail-saved .rail-link[aria-current=page]', { hasText: 'Money' }).waitFor();
    assert.equal(await page.locator('.list-title').innerText(), 'Money');
    await untilEqual('it shows the same', () => owner.rows.count(), 1);
    await world.rest.call('PATCH', `conversations/${crowd[1].conversationId}`, { labels: ['billing'] });
    await untilEqual('one more has the label now', () => owner.rows.count(), 2);
    await page.reload();
    await untilEqual('it is there after a reload', () => owner.rows.count(), 2);
    await accessible('a saved view', page);
  });

  await t.test('others have what is everybody’s; its owner renames it; a view that is gone is the inbox', async () => {
    const member = await world.agent({ ...STILL, email });
    await member.page.locator('.rail-saved .rail-link', { hasText: 'Money' }).click();
    await untilEqual('it shows both', () => member.rows.count(), 2);
    await member.page.keyboard.press('v');
    await member.dialog.waitFor();
    await member.dialog.locator('.pick-option', { hasText: 'Saved view' }).waitFor();
    await member.page.keyboard.press('Escape');
    const [view] = await world.rest.all('views');
    await settings(owner, url, `/views/${view.id}`);
    await page.locator('#saved-name').fill('Accounts');
    await accessible('a view in the settings', page);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('.rail-saved', { hasText: 'Accounts' }).waitFor();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await owner.dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await until('the rail has none', async () => !(await page.locator('.rail-saved').isVisible()));
    await page.goto(`${url}/#/saved:${view.id}`);
    await page.reload();
    await untilEqual('a newcomer’s view', () => page.locator('.list-title').innerText(), 'All open');
    calm(member);
  });
  calm(owner);
});

test('macros', async (t) => {
  const world = await makeWorld(t);
  const { url } = world.server;
  const crowd = await gather(world, ['Ada', 'Ben', 'Cleo'].map((name) => ({ name, text: `${name} waits for a refund` })), { inOrder: true });
  const owner = await world.agent(STILL);
  const { page } = owner;
  const keys = page.keyboard;
  const stored = (/** @type {number} */ at) => world.rest.call('GET', `conversations/${crowd[at]?.conversationId}`);
  const save = page.getByRole('button', { name: 'Save', exact: true });

  await t.test('are put together by keyboard; what is missing, or refused, stands at its action', async () => {
    await settings(owner, url, '/macros');
    await page.getByText('No macros yet').waitFor();
    await page.getByRole('link', { name: 'New macro' }).click();
    await page.locator('#macro-name').fill('Refunded');
    await page.getByRole('button', { name: 'Add an action' }).focus();
    await keys.press('Enter');
    await page.getByLabel('Action 2', { exact: true }).selectOption('add_labels');
    await page.locator('.macro-action').nth(1).getByPlaceholder('Labels').fill('Refund, paid');
    await page.getByRole('button', { name: 'Add an action' }).click();
    await page.getByLabel('Action 3', { exact: true }).selectOption('set_status');
    await save.click();
    await page.locator('.macro-action').first().locator('.form-trouble', { hasText: 'This is needed.' }).waitFor();
    await page.getByLabel('Action 1: with what').fill('Hello {{contact.nick}}');
    await save.click();
    await page.locator('.macro-action').first().locator('.form-trouble', { hasText: 'is no placeholder' }).waitFor();
    await page.getByLabel('Action 1: with what').fill('Hello {{contact.first_name}}, your money is on its way.');
    await page.getByRole('button', { name: 'Action 3: earlier' }).click();
    await accessible('a new macro', page);
    await save.click();
    await page.locator('.prepared-row', { hasText: 'Send “Hello {{contact.first_name}}, your mone…” · Set to Resolved · Add refund, paid' }).waitFor();
  });

  await t.test('one press does it all in the conversation that is open', async () => {
    await page.goto(`${url}/#/open`);
    await owner.open('Ada waits');
    await owner.sees('Ada waits');
    await page.locator('.timeline-scroll').focus();
    await keys.press('Shift+M');
    await owner.dialog.waitFor();
    await accessible('which macro', page, 'dialog');
    await keys.type('refunded');
    await keys.press('Enter');
    await notice(owner, '“Refunded” is done.');
    await owner.sees('Hello Ada, your money is on its way.');
    const { status, labels } = await stored(0);
    assert.deepEqual([status, labels], ['resolved', ['paid', 'refund']]);
  });

  await t.test('over several it asks first, and says of how many it was done', async () => {
    await owner.view('open');
    await untilEqual('two are open', () => owner.rows.count(), 2);
    await owner.rows.first().focus();
    await keys.press('*');
    await page.locator('.bulk-acts button[data-command=macro]').click();
    await owner.dialog.waitFor();
    await keys.press('Enter');
    await owner.dialog.getByText('It writes to 2 contacts.').waitFor();
    await owner.dialog.getByRole('button', { name: 'Run it' }).click();
    await notice(owner, '“Refunded” is done in 2 conversations.');
    assert.deepEqual([(await stored(1)).status, (await stored(2)).status], ['resolved', 'resolved']);
  });

  await t.test('somebody else changed it: theirs can be taken', async () => {
    const [macro] = await world.rest.all('macros');
    await settings(owner, url, `/macros/${macro.id}`);
    await world.rest.call('PATCH', `macros/${macro.id}`, { actions: [{ type: 'set_priority', priority: 'low' }] });
    await page.getByRole('button', { name: 'Remove action 3' }).click();
    await save.click();
    await page.locator('.conflict', { hasText: 'What it does' }).waitFor();
    await page.getByRole('button', { name: 'Take theirs' }).click();
    await untilEqual('theirs stands there', () => page.locator('.macro-action').count(), 1);
    assert.equal(await page.getByLabel('Action 1: with what').inputValue(), 'low');
  });
  calm(owner);
});

test('teams', async (t) => {
  const world = await makeWorld(t);
  const { url } = world.server;
  const [ada] = await gather(world, [{ name: 'Ada', text: 'My wheel is bent' }]);
  const owner = await world.agent(STILL);
  const { page } = owner;

  await t.test('are made of members in the settings', async () => {
    await settings(owner, url, '/teams');
    await page.getByText('No teams yet').waitFor();
    await page.getByRole('link', { name: 'New team' }).click();
    await page.locator('#team-name').fill('Workshop');
    await page.locator('#team-description').fill('Repairs');
    await page.getByRole('checkbox', { name: 'Alex Agent' }).check();
    await accessible('a new team', page);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('.prepared-row', { hasText: 'Repairs · Alex Agent' }).waitFor();
    const [team] = await world.rest.all('teams');
    assert.deepEqual([team.name, team.member_ids.length], ['Workshop', 1]);
  });

  await t.test('a conversation is given to one in its head, and others see it', async () => {
    const other = await world.agent({ ...STILL, email: world.server.agent });
    await page.goto(`${url}/#/open`);
    await owner.open('My wheel is bent');
    await owner.sees('My wheel is bent');
    await other.open('My wheel is bent');
    await other.sees('My wheel is bent');
    const [team] = await world.rest.all('teams');
    await page.getByLabel('Team', { exact: true }).selectOption({ label: 'Workshop' });
    await untilEqual('the server has it', async () => (await world.rest.call('GET', `conversations/${ada?.conversationId}`)).team_id, team.id);
    await untilEqual('the other sees it', () => other.page.getByLabel('Team', { exact: true }).inputValue(), team.id);
    await accessible('a conversation of a team', page);
    calm(other);
  });
  calm(owner);
});
