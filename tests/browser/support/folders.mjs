/**
 * For people who work on the pages: with `SWITCHBOARD_PAGES=folders` browsers get the files of the console, the widget's frame and the
 * simulator's page as they lie in their folders, not as they lay there when the binary was built. Addresses and policies stay the binary's.
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../../..');
const WANTED = process.env.SWITCHBOARD_PAGES === 'folders';
/** Of a page that did not come over the network Chromium does not know that it is this machine's, and keeps it from this machine's sockets. */
export const FOLDER_FLAGS = WANTED ? ['--disable-features=LocalNetworkAccessChecks'] : [];
const FOLDERS = /** @type {[RegExp, string][]} */ ([
  [/\/console\/assets\/[^/]+\/([^?]+)/, 'console-js'],
  [/\/widget\/v1\/assets\/[^/]+\/([^?]+)/, 'widget-js'],
  [/\/(simulator\.(?:js|css))$/, 'src/simulate/page'],
]);

/** @param {import('playwright-core').BrowserContext} context */
export async function serveFolders(context) {
  if (!WANTED) return;
  await context.route((url) => url.pathname === '/', servePage);
  for (const [address, folder] of FOLDERS) {
    /** @type {Promise<Record<string, string>> | null} the files of a folder have one kind of headers: asked for once, not a hundred times */
    let headers = null;
    await context.route(address, async (route) => {
      headers ??= route.fetch().then((response) => response.headers());
      const body = await readFile(join(ROOT, folder, address.exec(route.request().url())?.[1] ?? ''));
      // A file that is newer than the binary is not there yet; its kind is plain from its name.
      const type = route.request().url().endsWith('.css') ? 'text/css' : route.request().url().endsWith('.svg') ? 'image/svg+xml' : 'text/javascript';
      await route.fulfill({ status: 200, body, headers: { ...(await headers), 'content-type': type } });
    });
  }
}

/** A page itself: both have the bare address `/`. The console's names its files by a hash, which stays the binary's. @param {import('playwright-core').Route} route */
async function servePage(route) {
  const response = await route.fetch();
  const built = await response.text();
  const assets = /\/console\/assets\/[^/"]+/.exec(built)?.[0];
  const folder = assets ? 'console-js' : built.includes('/simulator.js') ? 'src/simulate/page' : null;
  if (folder === null) return route.fulfill({ response });
  const page = await readFile(join(ROOT, folder, 'index.html'), 'utf8');
  return route.fulfill({ response, body: page.replaceAll('__ASSETS__', assets ?? '') });
}
