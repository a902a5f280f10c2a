/**
 * The settings as members use them: the widget with its preview, members, tokens, the log, one's own account; by two of them at a time where
 * that matters, by keyboard, in every look, and only as far as a member may.
 */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import german from '../../widget-js/frame/locale/de.js';
import { accessible } from './support/axe.mjs';
import { complaintsOf } from './support/browser.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const STILL = /** @type {const} */ ({ reducedMotion: 'reduce' });
/** Chromium notes every answer of 4xx; these are those that the tests provoke. */
const REFUSED = /status of (401|403|409|412|422) /;

/** What a test does on a page of the settings. @param {Awaited<ReturnType<Awaited<ReturnType<typeof makeWorld>>['agent']>>} agent @param {string} url */
function settingsOn({ page }, url) {
  const dialog = page.locator('dialog[open]');
  return {
    page,
    button: (/** @type {string} */ name) => page.getByRole('button', { name, exact: true }),
    dialog,
    heading: page.locator('.settings-page h2'),
    notice: (/** @type {string} */ text) => page.locator('.notice', { hasText: text }).first().waitFor(),
    /** @param {string} path */
    async open(path) {
      await page.goto(`${url}/#/settings${path}`);
      await page.locator('.settings-page h2').waitFor();
      await until('the page is loaded', async () => (await page.locator('.settings-state').count()) === 0);
    },
    confirm: (/** @type {string} */ name) => dialog.getByRole('button', { name, exact: true }).click(),
    focused: (/** @type {string} */ selector) => untilEqual(`${selector} has the focus`, () => page.locator(selector).evaluate((element) => element === document.activeElement), true),
    calm: () => assert.deepEqual(complaintsOf(page).filter((text) => !REFUSED.test(text)), []),
  };
}

test('a member sees the settings that are for them', async (t) => {
  const world = await makeWorld(t);
  const { url, agent: email } = world.server;
  const owner = settingsOn(await world.agent(STILL), url);
  const member = settingsOn(await world.agent({ ...STILL, email }), url);

  await t.test('an owner all of them, each part from the first page', async () => {
    await owner.page.locator('.rail-link[data-view=settings]').click();
    await owner.page.locator('.home-row').first().waitFor();
    const areas = await owner.page.locator('.home-row').evaluateAll((rows) => rows.map((row) => /** @type {HTMLElement} */ (row).dataset.area));
    assert.deepEqual(areas, ['account', 'canned', 'labels', 'macros', 'views', 'widgets', 'channels', 'webhooks', 'members', 'teams', 'routing', 'tokens', 'workspace', 'audit']);
    for (const area of areas) {
      await owner.page.locator(`.settings-link[data-view=${area}]`).click();
      await owner.page.locator(`.settings-link[data-view=${area}][aria-current=page]`).waitFor();
      await until('the page is loaded', async () => (await owner.page.locator('.settings-state').count()) === 0);
      assert.equal(await owner.page.locator('.settings-page .empty').filter({ hasText: 'could not' }).count(), 0);
    }
    owner.calm();
  });

  await t.test('an agent their account and who the others are, and no page beyond', async () => {
    await member.open('');
    assert.deepEqual(await member.page.locator('.home-row').evaluateAll((rows) => rows.map((row) => /** @type {HTMLElement} */ (row).dataset.area)), ['account', 'canned', 'macros', 'views', 'members']);
    await member.open('/members');
    assert.equal(await member.page.getByRole('link', { name: 'Add a member' }).count(), 0);
    assert.equal(await member.page.locator('a.member-row').count(), 1);
    for (const path of ['/audit', '/tokens', '/widgets', '/members/new', '/workspace']) {
      await member.page.goto(`${url}/#/settings${path}`);
      await member.page.locator('.list').waitFor();
      assert.equal(await member.page.locator('.settings-page').count(), 0, path);
    }
    member.calm();
  });
});

test('who gets the next conversation', async (t) => {
  const world = await makeWorld(t);
  const { url } = world.server;
  const owner = settingsOn(await world.agent(STILL), url);
  const { page, button } = owner;

  await t.test('the rules are set, and what is no number is said at its field', async () => {
    await owner.open('/routing');
    await page.getByRole('radio', { name: 'By load' }).check();
    await page.locator('#routing-capacity').fill('0');
    await button('Save').click();
    await page.locator('#routing-capacity-trouble', { hasText: 'A whole number from 1 to 1000.' }).waitFor();
    await owner.focused('#routing-capacity');
    await page.locator('#routing-capacity').fill('4');
    await page.getByRole('radio', { name: 'All are given to others' }).check();
    await page.locator('#routing-minutes').fill('2');
    await accessible('the rules', page);
    await button('Save').click();
    await untilEqual('the server has them', async () => {
      const { mode, capacity, when_away, away_after_ms } = await world.rest.call('GET', 'routing');
      return [mode, capacity, when_away, away_after_ms];
    }, ['by_load', 4, 'give_back', 120_000]);
  });

  await t.test('a member may have a number of their own', async () => {
    const alex = (await world.rest.call('GET', 'agents')).data.find((/** @type {{email: string}} */ { email }) => email === world.server.agent);
    await owner.open(`/members/${alex.id}`);
    await page.locator('#member-capacity').fill('2');
    await button('Save').click();
    await untilEqual('the server has it', async () => (await world.rest.call('GET', `agents/${alex.id}`)).capacity, 2);
    await owner.open(`/members/${alex.id}`);
    await page.locator('#member-capacity').fill('');
    await button('Save').click();
    await untilEqual('as many as everybody', async () => (await world.rest.call('GET', `agents/${alex.id}`)).capacity, null);
    owner.calm();
  });
});

test('the widget', async (t) => {
  const world = await makeWorld(t);
  const { url } = world.server;
  const owner = settingsOn(await world.agent(STILL), url);
  const { page, button } = owner;
  const { id } = await world.rest.widget();
  const inside = page.frameLocator('.preview-frame');

  await t.test('the preview is the widget itself, and shows what is not saved yet', async () => {
    await owner.open('/widgets');
    await page.locator('.hook-row').first().click();
    await page.locator('#widget-header').fill('Bicycles & more');
    await untilEqual('the preview says it', () => inside.locator('h1').innerText(), 'Bicycles & more');
    await page.locator('#widget-color').fill('#16756a');
    await untilEqual('the preview has the colour', () => inside.locator('header').evaluate((header) => getComputedStyle(header).backgroundColor), 'rgb(22, 117, 106)');
    await page.getByRole('radio', { name: 'Left' }).check();
    await page.locator('.preview-stage[data-position=bottom-left]').waitFor();
    await page.locator('.preview select').selectOption({ label: 'Deutsch' });
    await untilEqual('the preview is German', () => page.locator('.preview-frame').evaluate((frame) => /** @type {HTMLIFrameElement} */ (frame).contentDocument?.documentElement.lang), 'de');
    assert.equal((await world.rest.widget()).settings.header_text === 'Bicycles & more', false);
    assert.equal(await page.locator('.save-hint').innerText(), 'Not saved yet');
    await accessible('the widget', page);
  });

  await t.test('what the server refuses stands at its field, which has the focus, and nothing is lost', async () => {
    await button('Add a site').click();
    await page.keyboard.type('https://www.example.com');
    await button('Add a site').click();
    await page.keyboard.type('example');
    await button('Save').click();
    const second = page.locator('.origin-row').nth(1);
    await second.locator('.form-trouble', { hasText: 'Must be an origin such as https://example.com' }).waitFor();
    assert.equal(await second.locator('input').evaluate((input) => input === document.activeElement), true);
    assert.equal(await page.locator('#widget-header').inputValue(), 'Bicycles & more');
    await accessible('the widget with what is refused', page);
    await second.locator('input').fill('https://*.shop.example/');
    await button('Save').click();
    await owner.notice('The widget is saved.');
    const { settings } = await world.rest.widget();
    assert.deepEqual([settings.header_text, settings.theme.primaryColor, settings.theme.position, settings.allowed_origins], ['Bicycles & more', '#16756a', 'bottom-left', ['https://www.example.com', 'https://*.shop.example']]);
    // As the server keeps it.
    assert.equal(await page.locator('.origin-row input').nth(1).inputValue(), 'https://*.shop.example');
    assert.equal(await page.locator('.save-hint').innerText(), '');
  });

  await t.test('questions are made, put in order and removed by keyboard alone', async () => {
    await button('Add a question').focus();
    for (const [label, type] of [['Order number', 'o'], ['E-mail', 'e'], ['Your name', 'o']]) {
      await page.keyboard.press('Enter');
      await page.keyboard.type(label);
      await page.keyboard.press('Tab');
      await page.keyboard.type(type);
      await button('Add a question').focus();
    }
    const labels = () => page.locator('.question').evaluateAll((rows) => rows.map((row) => row.querySelector('input')?.value));
    await page.locator('.question').nth(2).locator('[id$=-label]').focus();
    await page.keyboard.press('Alt+ArrowUp');
    await page.keyboard.press('Alt+ArrowUp');
    assert.deepEqual(await labels(), ['Your name', 'Order number', 'E-mail']);
    assert.equal(await page.locator('.question').first().locator('[id$=-label]').evaluate((input) => input === document.activeElement), true);
    await page.locator('.question-form [role=status]', { hasText: 'Now question 1 of 3.' }).waitFor({ state: 'attached' });
    await button('Move down: Order number').focus();
    await page.keyboard.press('Enter');
    assert.deepEqual(await labels(), ['Your name', 'E-mail', 'Order number']);
    await page.locator('.question').nth(1).getByRole('checkbox', { name: 'An answer is needed' }).focus();
    await page.keyboard.press('Space');
    await untilEqual('the preview asks', () => inside.locator('.prechat label').allInnerTexts(), [`Your name (${german.optional})`, 'E-mail', `Order number (${german.optional})`]);
    await button('Remove: Order number').focus();
    await page.keyboard.press('Enter');
    await button('Save').click();
    await untilEqual('they are kept', async () => (await world.rest.widget()).settings.pre_chat_form, [
      { name: 'your_name', label: 'Your name', type: 'text', required: false },
      { name: 'e_mail', label: 'E-mail', type: 'email', required: true },
    ]);
  });

  await t.test('somebody else was quicker: theirs, or mine on top of theirs', async () => {
    await world.rest.call('PATCH', `channels/${id}`, { settings: { header_text: 'Theirs', allow_file_uploads: true } });
    await page.locator('#widget-header').fill('Mine');
    await page.locator('#widget-color').fill('#2c44b4');
    await button('Save').click();
    await page.locator('.conflict', { hasText: 'They changed: Title of the chat' }).waitFor();
    await page.locator('.conflict', { hasText: 'You changed this, too: Title of the chat' }).waitFor();
    await accessible('a conflict', page);
    assert.equal(await page.locator('#widget-header').inputValue(), 'Mine');
    await button('Keep mine and save').click();
    await untilEqual('both are kept', async () => {
      const { settings } = await world.rest.widget();
      return [settings.header_text, settings.theme.primaryColor, settings.allow_file_uploads];
    }, ['Mine', '#2c44b4', true]);
    await world.rest.call('PATCH', `channels/${id}`, { settings: { header_text: 'Theirs again' } });
    await page.locator('#widget-header').fill('Mine again');
    await button('Save').click();
    await button('Take theirs').click();
    await untilEqual('the field has theirs', () => page.locator('#widget-header').inputValue(), 'Theirs again');
    assert.equal((await world.rest.widget()).settings.header_text, 'Theirs again');
  });

  await t.test('an identity secret is shown once, vouches for a visitor, and ends', async () => {
    await button('Make an identity secret').click();
    const secret = await page.locator('.secret-text').inputValue();
    assert.match(secret, /^is_/);
    await accessible('a fresh secret', page);
    await button('I have kept it').click();
    assert.equal((await page.content()).includes(secret), false);
    const { settings } = await world.rest.widget();
    const identifier_hash = createHmac('sha256', secret).update('user-81').digest('hex');
    const init = (/** @type {string} */ hash) =>
      fetch(`${url}/api/widget/init`, { method: 'POST', headers: { 'Content-Type': 'application/json', Origin: 'https://www.example.com' }, body: JSON.stringify({ apiKey: settings.api_key, identity: { identifier: 'user-81', identifier_hash: hash } }) });
    assert.equal((await init(identifier_hash)).status, 200);
    await button(`End ${settings.identity.key_ids[0]}`).click();
    await owner.dialog.getByText('refused from now on').waitFor();
    await owner.confirm('End');
    await page.getByText('None yet.').waitFor();
    assert.notEqual((await init(identifier_hash)).status, 200);
    // Making and ending it did not make the form out of date.
    await page.locator('#widget-header').fill('After the secret');
    await button('Save').click();
    await untilEqual('it is saved', async () => (await world.rest.widget()).settings.header_text, 'After the secret');
  });

  await t.test('the code is copied, and another widget is made and deleted', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await button('Copy: Code for every page').click();
    await page.locator('.code-field').getByText('Copied').waitFor();
    const { settings } = await world.rest.widget();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `<script async src="${url}/widget/v1/loader.js" data-api-key="${settings.api_key}"></script>`);
    await owner.open('/widgets/new');
    await button('Make the widget').click();
    await page.locator('#widget-name-trouble', { hasText: 'This is needed.' }).waitFor();
    await page.locator('#widget-name').fill('Spare parts');
    await button('Make the widget').click();
    await page.getByRole('heading', { name: 'Spare parts' }).waitFor();
    await untilEqual('the new one has a preview', () => inside.locator('h1').innerText(), 'Chat');
    await button('Delete the widget').click();
    await owner.dialog.getByText('Its settings, its key and its identity secrets are lost').waitFor();
    await owner.confirm('Delete the widget');
    await untilEqual('one is left', () => page.locator('.hook-row').count(), 1);
    owner.calm();
  });
});

test('members and their roles', async (t) => {
  const world = await makeWorld(t);
  const { url, agent: email, owner: own } = world.server;
  const owner = settingsOn(await world.agent(STILL), url);
  const { page, button } = owner;

  await t.test('one is added, and signs in', async () => {
    await owner.open('/members/new');
    await page.locator('#member-name').fill('Priya Raman');
    await page.locator('#member-email').fill('not an address');
    await page.locator('#member-password').fill('short');
    await button('Add').click();
    await page.locator('#member-password-trouble', { hasText: 'at least 8' }).waitFor();
    await page.locator('#member-password').fill('a long pass phrase');
    await button('Add').click();
    await page.locator('#member-email-trouble').filter({ hasText: /./ }).waitFor();
    await owner.focused('#member-email');
    await page.locator('#member-email').fill(email);
    await button('Add').click();
    await page.locator('.form-trouble', { hasText: 'A member of this workspace has this e-mail address.' }).waitFor();
    await accessible('a member who is there already', page);
    assert.equal(await page.locator('#member-password').inputValue(), 'a long pass phrase');
    await page.locator('#member-email').fill('priya@example.com');
    await page.getByRole('radio', { name: 'Admin' }).check();
    await button('Add').click();
    await page.locator('.member-row', { hasText: 'Priya Raman' }).getByText('Admin').waitFor();
    const answer = await fetch(`${url}/api/auth/login`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ email: 'priya@example.com', password: 'a long pass phrase' }) });
    assert.equal(answer.status, 200);
  });

  await t.test('who is deactivated is signed out at once, and may come back', async () => {
    const other = await world.agent({ ...STILL, email });
    await page.locator('.member-row', { hasText: email }).click();
    await button('Deactivate').click();
    await owner.dialog.getByText('signed out everywhere at once').waitFor();
    await accessible('the question before', page);
    await owner.confirm('Deactivate');
    await other.page.locator('.signin-card').waitFor();
    await page.locator('.settings-title .mark', { hasText: 'Deactivated' }).waitFor();
    await accessible('a member', page);
    await button('Activate again').click();
    await page.locator('.settings-title .mark', { hasText: 'Agent' }).waitFor();
    await other.signIn(email);
    await other.page.context().close();
  });

  await t.test('a role changes, also where somebody else was quicker', async () => {
    const [member] = (await world.rest.all('agents')).filter((one) => one.email === email);
    await world.rest.call('PATCH', `agents/${member.id}`, { name: 'Alexandra' });
    await page.getByRole('radio', { name: 'Viewer' }).check();
    await button('Save').click();
    await page.locator('.conflict', { hasText: 'They changed: Name.' }).waitFor();
    await button('Keep mine and save').click();
    await page.getByRole('heading', { name: 'Alexandra' }).waitFor();
    await untilEqual('both are kept', async () => {
      const { name, role } = await world.rest.call('GET', `agents/${member.id}`);
      return [name, role];
    }, ['Alexandra', 'viewer']);
  });

  await t.test('the last owner stays, and the server says why', async () => {
    const [me] = (await world.rest.all('agents')).filter((one) => one.email === own);
    await owner.open('/account');
    await page.getByRole('link', { name: 'Change your role or access' }).click();
    await page.getByRole('link', { name: 'Change your own password in your account' }).waitFor();
    assert.ok(page.url().endsWith(me.id));
    await button('Deactivate').click();
    await owner.confirm('Deactivate');
    await page.locator('.form-trouble', { hasText: 'The workspace would be left without an owner: make somebody else an owner first.' }).waitFor();
    await page.getByRole('radio', { name: 'Agent' }).check();
    await button('Save').click();
    await untilEqual('the role is refused, too', () => page.locator('.form-trouble', { hasText: 'left without an owner' }).count(), 2);
    assert.equal(await page.getByRole('radio', { name: 'Agent' }).isChecked(), true);
  });

  await t.test('one’s own name and password', async () => {
    await owner.open('/account');
    await page.locator('#account-name').fill('Olivia O.');
    await page.locator('#account-picture').fill('http://example.com/me.png');
    await button('Save').click();
    await page.locator('#account-picture-trouble', { hasText: 'Is not an https address.' }).waitFor();
    await owner.focused('#account-picture');
    await page.locator('#account-picture').fill('');
    await button('Save').click();
    await owner.notice('Your account is saved.');
    await page.locator('.account-name', { hasText: 'Olivia O.' }).waitFor();
    await page.locator('#current-password').fill('wrong one');
    await page.locator('#new-password').fill('another long phrase');
    await button('Change the password').click();
    await page.locator('#current-password-trouble', { hasText: 'Is not the present password.' }).waitFor();
    await owner.focused('#current-password');
    await accessible('the account', page);
    await page.locator('#current-password').fill(world.server.password);
    await button('Change the password').click();
    await page.locator('.signin-card').waitFor();
    await page.locator('#email').fill(own);
    await page.locator('#password').fill('another long phrase');
    await page.locator('#password').press('Enter');
    await page.locator('.account-name', { hasText: 'Olivia O.' }).waitFor({ state: 'attached' });
    await owner.open('/account');
    await button('Sign out everywhere').last().click();
    await owner.confirm('Sign out');
    await page.locator('.signin-card').waitFor();
    owner.calm();
  });
});

test('tokens, the workspace and the log', async (t) => {
  const world = await makeWorld(t);
  const { url } = world.server;
  const owner = settingsOn(await world.agent(STILL), url);
  const { page, button } = owner;
  const ask = (/** @type {string} */ token, path = 'contacts') => fetch(`${url}/api/v1/${path}`, { headers: { Authorization: `Bearer ${token}` } }).then(({ status }) => status);
  let token = '';

  await t.test('a token is shown once and may do what was chosen', async () => {
    await owner.open('/tokens/new');
    await page.locator('#token-name').fill('Order import');
    await button('Make the token').click();
    await page.locator('#token-scopes-trouble', { hasText: 'Choose at least one.' }).waitFor();
    await accessible('a token without a scope', page);
    await page.getByRole('checkbox', { name: 'Read contacts' }).check();
    await page.locator('#token-days').selectOption({ label: '30 days' });
    await button('Make the token').click();
    token = await page.locator('.secret-text').inputValue();
    await accessible('a fresh token', page);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await button('Copy').click();
    await page.getByText('Copied').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), token);
    await button('I have kept it').click();
    await page.reload();
    await page.getByRole('heading', { name: 'Order import' }).waitFor();
    assert.equal((await page.content()).includes(token), false);
    assert.deepEqual([await ask(token), await ask(token, 'agents')], [200, 403]);
  });

  await t.test('it is rotated without a gap', async () => {
    await button('Rotate').first().click();
    await page.locator('#token-overlap').fill('1');
    await page.locator('.panel').getByRole('button', { name: 'Rotate' }).click();
    const fresh = await page.locator('.secret-text').inputValue();
    await page.locator('.secret', { hasText: 'The old text works until' }).waitFor();
    assert.notEqual(fresh, token);
    assert.deepEqual([await ask(token), await ask(fresh)], [200, 200]);
    await button('I have kept it').click();
    token = fresh;
  });

  await t.test('it is revoked, and says so', async () => {
    await button('Revoke').click();
    await owner.dialog.getByText('Programs that use it are refused from now on.').waitFor();
    await owner.confirm('Revoke');
    await page.locator('.settings-title .mark', { hasText: 'Revoked' }).waitFor();
    assert.equal(await ask(token), 401);
    assert.equal(await button('Rotate').count(), 0);
    await owner.open('/tokens');
    await page.getByText('1 token that no longer works').click();
    await page.locator('details .hook-row', { hasText: 'Order import' }).waitFor();
    await accessible('the tokens', page);
  });

  await t.test('the workspace is renamed, and its plan is shown', async () => {
    await owner.open('/workspace');
    await page.locator('#workspace-name').fill('');
    await button('Save').click();
    await page.locator('#workspace-name-trouble', { hasText: 'This is needed.' }).waitFor();
    await page.locator('#workspace-name').fill('Northwind Bikes');
    await button('Save').click();
    await owner.notice('The workspace is saved.');
    await page.locator('.facts', { hasText: 'Requests a minute' }).waitFor();
    await accessible('the workspace', page);
  });

  await t.test('the log tells of all that in words, filtered and page by page', async () => {
    for (let count = 0; count < 55; count += 1) await world.rest.call('PATCH', `channels/${(await world.rest.widget()).id}`, { name: `Website ${count}` });
    await owner.open('/audit');
    const rows = page.locator('.audit-row');
    await untilEqual('a page of it', () => rows.count(), 50);
    assert.match(await rows.first().innerText(), /Olivia Owner changed the channel Website 54: name/);
    await page.getByLabel('What was changed').selectOption({ label: 'A token' });
    await untilEqual('the next page was read for the filter', () => page.locator('.audit-words').allInnerTexts(), [
      'Olivia Owner revoked the token Order import', 'Olivia Owner rotated the token Order import', 'Olivia Owner made the token Order import',
    ]);
    await accessible('the log', page);
    await page.getByLabel('What was changed').selectOption({ label: 'A webhook' });
    await page.getByText('Nothing in the log fits this filter.').waitFor();
    await page.getByLabel('What was changed').selectOption({ label: 'Everything' });
    await until('all of it is there', async () => (await rows.count()) > 55);
    owner.calm();
  });
});
