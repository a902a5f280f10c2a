/**
 * For people who work on the pages: with `SWITCHBOARD_PAGES=folders` browsers get the files of the console, the widget's frame and the
 * simulator's page as they lie in their folders, not as they lay there when the binary was built. Addresses and policies stay the binary's.
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../../..');
const WANTED = process.env.SWITCHBOARD_PAGES === 'folders';
const FOLDERS = /** @type {[RegExp, string][]} */ ([
  [/\/console\/assets\/[^/]+\/([^?]+)/, 'console-js'],
  [/\/widget\/v1\/assets\/[^/]+\/([^?]+)/, 'widget-js'],
  [/\/(simulator\.(?:js|css))$/, 'src/simulate/page'],
]);

/** @param {import('playwright-core').BrowserContext} context */
export async function serveFolders(context) {
  if (!WANTED) return;
  for (const [address, folder] of FOLDERS) {
    await context.route(address, async (route) => {
      const response = await route.fetch();
      const body = await readFile(join(ROOT, folder, address.exec(route.request().url())?.[1] ?? ''));
      // A file that is newer than the binary is not there yet; its kind is plain from its name.
      const type = route.request().url().endsWith('.css') ? 'text/css' : route.request().url().endsWith('.svg') ? 'image/svg+xml' : 'text/javascript';
      await route.fulfill({ status: 200, body, headers: { ...response.headers(), 'content-type': type } });
    });
  }
}

/** The simulator's page itself; its address is a bare `/`, so it has to be named. @param {import('playwright-core').Page} page @param {string} url */
export async function serveSimulatorPage(page, url) {
  if (!WANTED) return;
  await page.route(url, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: await readFile(join(ROOT, 'src/simulate/page/index.html')) });
  });
}
