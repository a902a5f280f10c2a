/**
 * Files in both directions.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { calm } from './support/browser.mjs';
import { bytes, photo } from './support/picture.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

const TEN_MB = 10 * 1024 * 1024;

test('files go both ways: progress, pictures, refusals in words', async (t) => {
  const world = await makeWorld(t, { proxied: true });
  const { proxy } = world;
  const agent = await world.agent();
  const visitor = await world.visitor();
  const chosen = visitor.chat.locator('input[type=file]');
  const ours = agent.page.locator('.composer input[type=file]');
  await visitor.open();
  await visitor.say('I have a picture for you');
  await agent.open('I have a picture for you');

  await t.test('an upload shows how far it is, and its message goes out when it is there', async () => {
    proxy.hold = { path: '/api/upload', bytes: 100_000 };
    await chosen.setInputFiles([bytes('drawing.bin', TEN_MB)]);
    const bar = visitor.chat.getByRole('progressbar', { name: 'Uploading drawing.bin' });
    await bar.waitFor();
    await until('it has begun', async () => (await bar.evaluate((one) => /** @type {HTMLProgressElement} */ (one).value)) > 0);
    await visitor.say('exactly ten megabytes');
    await visitor.chat.getByText('Your message goes out as soon as the upload is finished.').waitFor();
    proxy.letGo();
    await agent.sees('exactly ten megabytes');
    await agent.page.locator('.file', { hasText: 'drawing.bin' }).waitFor();
    assert.match(await agent.page.locator('.file', { hasText: 'drawing.bin' }).innerText(), /10\.5 MB/);
  });

  await t.test('the agent’s upload shows how far it is', async () => {
    proxy.hold = { path: '/api/upload', bytes: 100_000 };
    await ours.setInputFiles([bytes('manual.bin', TEN_MB)]);
    await agent.page.getByRole('progressbar', { name: 'Uploading manual.bin' }).waitFor();
    assert.equal(await agent.send.isDisabled(), true);
    proxy.letGo();
    await until('it may be sent', async () => !(await agent.send.isDisabled()));
    await agent.say('the manual');
    await visitor.sees('the manual');
    await visitor.chat.locator('.file', { hasText: 'manual.bin' }).waitFor();
  });

  await t.test('pictures are shown on both sides', async () => {
    await chosen.setInputFiles([photo('frame.png')]);
    await visitor.chat.locator('.chip', { hasText: 'frame.png' }).waitFor();
    await visitor.send.click();
    await shown(agent.page.locator('.picture img[alt="frame.png"]'));
    await shown(visitor.chat.locator('.file.picture img').first());
    await ours.setInputFiles([photo('answer.png')]);
    await until('it may be sent', async () => !(await agent.send.isDisabled()));
    await agent.send.click();
    await until('the visitor sees the answer', async () => (await visitor.chat.locator('.file.picture img').count()) === 2);
    await shown(visitor.chat.locator('.file.picture img').last());
    await shown(agent.page.locator('.picture img[alt="answer.png"]'));
  });

  await t.test('a file is fetched as it was sent', async () => {
    /** @type {import('playwright-core').Download | null} */
    let download = null;
    // The new tab becomes a download at once, and counts as the page's that asked for it.
    agent.page.on('download', (one) => (download = one));
    await agent.page.locator('.file', { hasText: 'drawing.bin' }).click();
    const got = await until('it is fetched', () => download);
    assert.equal(got.suggestedFilename(), 'drawing.bin');
    assert.deepEqual(await readFile(await got.path()), Buffer.alloc(TEN_MB, 7));
  });

  await t.test('one byte more than 10 MB is refused in words, on both sides, and the text stays', async () => {
    await visitor.field.fill('still here');
    await chosen.setInputFiles([bytes('too-large.zip', TEN_MB + 1)]);
    await untilEqual('the visitor is told', () => visitor.chat.locator('.composer .problem').innerText(), '“too-large.zip” is larger than 10 MB. Please choose a smaller file.');
    assert.equal(await visitor.field.inputValue(), 'still here');
    await ours.setInputFiles([bytes('too-large.zip', TEN_MB + 1)]);
    await agent.page.getByText('too-large.zip was not uploaded: it is larger than 10 MB').waitFor();
    await agent.page.getByRole('button', { name: 'Remove too-large.zip' }).click();
  });

  await t.test('an upload that breaks can be tried again', async () => {
    proxy.hold = { path: '/api/upload', bytes: 100_000 };
    await chosen.setInputFiles([bytes('broken.bin', TEN_MB)]);
    await visitor.chat.getByRole('progressbar', { name: 'Uploading broken.bin' }).waitFor();
    calm(visitor.page, agent.page);
    // Chromium sends a request again by itself when a connection that served before breaks: so cut until it gives up.
    await until('the visitor is told', async () => {
      proxy.cutAll();
      return (await visitor.chat.locator('.composer .problem').innerText()) === '“broken.bin” could not be uploaded.';
    });
    proxy.letGo();
    await visitor.chat.locator('.chip', { hasText: 'broken.bin' }).getByRole('button', { name: 'Try again' }).click();
    await until('it is uploaded', async () => (await visitor.chat.locator('.chip progress:visible').count()) === 0);
    await visitor.say('second try');
    await agent.page.locator('.file', { hasText: 'broken.bin' }).waitFor();
  });

  await t.test('where files are not wanted nothing offers them', async () => {
    await world.rest.changeWidget({ allow_file_uploads: false });
    const other = await world.visitor();
    await other.open();
    await other.ready();
    assert.equal(await other.chat.getByRole('button', { name: 'Attach a file' }).count(), 0);
    await other.say('only words');
    await agent.row('only words').waitFor();
    calm(other.page);
  });
});

/** @param {import('playwright-core').Locator} image */
async function shown(image) {
  await image.waitFor();
  await until('the picture is drawn', () => image.evaluate((one) => /** @type {HTMLImageElement} */ (one).naturalWidth === 480));
}
