/**
 * How much a visitor has to load.
 */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import http from 'node:http';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeWorld } from './support/world.mjs';

const WIDGET = resolve(dirname(fileURLToPath(import.meta.url)), '../../widget-js');
const LOADER_BYTES_MAX = 4_096;
const WIDGET_GZIP_BYTES_MAX = 30_000;

test('the widget is as small as it promises', async (t) => {
  const { server, rest, ...world } = await makeWorld(t);
  const { settings: { api_key: apiKey } } = await rest.widget();
  const loader = `${server.url}/widget/v1/loader.js`;
  const page = `${server.url}/widget/v1/frame?apiKey=${apiKey}`;

  const plain = await size(loader, 'identity');
  assert.ok(plain <= LOADER_BYTES_MAX, `loader.js has ${plain} bytes`);

  const base = /src="([^"]+)\/frame\/main\.js"/.exec(await (await fetch(page)).text())?.[1];
  assert.ok(base, 'the frame names its modules');
  const files = (await readdir(join(WIDGET, 'frame'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(js|css|svg)$/.test(entry.name))
    .map((entry) => relative(WIDGET, join(entry.parentPath ?? entry.path, entry.name)));
  const sizes = await Promise.all([loader, page, ...files.map((file) => `${server.url}${base}/${file}`)].map(async (url) => [url, await size(url, 'gzip')]));
  const isTable = (/** @type {unknown} */ url) => String(url).includes('/frame/locale/');
  const program = sizes.filter(([url]) => !isTable(url)).reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  // A visitor loads one language's table; the largest counts.
  const whole = program + Math.max(...sizes.filter(([url]) => isTable(url)).map(([, bytes]) => Number(bytes)));
  t.diagnostic(`loader.js ${plain} bytes; the whole widget ${whole} bytes as served with gzip, of them ${program} without its language`);
  assert.ok(whole <= WIDGET_GZIP_BYTES_MAX, `the widget has ${whole} bytes: ${JSON.stringify(sizes)}`);

  await t.test('a page without a conversation loads the loader alone', async () => {
    /** @type {string[]} */
    const asked = [];
    const visitor = await world.visitor();
    visitor.page.on('request', (request) => asked.push(request.url()));
    await visitor.page.reload({ waitUntil: 'networkidle' });
    assert.deepEqual(asked.filter((url) => /\/widget\/v1\/(?!assets\/[^/]+\/demo\/)|\/api\/|\/ws\//.test(url)), [loader]);
  });
});

/** The bytes of a body as they come over the wire. @param {string} url @param {string} encoding @returns {Promise<number>} */
function size(url, encoding) {
  return new Promise((done, failed) => {
    http.get(url, { headers: { 'Accept-Encoding': encoding } }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk) => (bytes += chunk.length));
      answer.on('end', () => (answer.statusCode === 200 ? done(bytes) : failed(new Error(`${url} answered ${answer.statusCode}`))));
    }).on('error', failed);
  });
}
