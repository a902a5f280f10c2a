/**
 * Chromium, and pages whose every complaint is heard.
 *
 * Guarantees: a page's errors, its frames' errors and every violation of a Content-Security-Policy are collected; `calm` fails if there
 * was one. Nothing is downloaded: the system's Chromium is used, or the one that `SWITCHBOARD_CHROMIUM` names.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { FOLDER_FLAGS, serveFolders } from './folders.mjs';
import { WAIT_MS_MAX } from './until.mjs';

/** Debian's name for it and Ubuntu's. */
const USUAL = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];
const CHROMIUM = process.env.SWITCHBOARD_CHROMIUM ?? USUAL.find((path) => existsSync(path)) ?? USUAL[0];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Grey edges of letters, not coloured ones: the same picture on every screen.
  '--disable-lcd-text',
];

export async function launch() {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`Chromium is not at ${CHROMIUM}: install it (apt-get install chromium), or name it in SWITCHBOARD_CHROMIUM`);
  }
  // A profile of its own in a new folder is what launching without a persistent context means.
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: [...FLAGS, ...FOLDER_FLAGS] });
}

/**
 * A page in a browser context of its own: another person on another machine.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions & {script?: string}} [options]
 */
export async function openPage(browser, { script, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', colorScheme: 'light', ...options });
  context.setDefaultTimeout(WAIT_MS_MAX);
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.error(`against the policy: ${violatedDirective} ${blockedURI}`);
    });
  });
  await serveFolders(context);
  if (script) await context.addInitScript({ content: script });
  const page = await context.newPage();
  listen(page);
  return page;
}

/** @type {WeakMap<import('playwright-core').Page, string[]>} */
const complaints = new WeakMap();

/** @param {import('playwright-core').Page} page */
function listen(page) {
  /** @type {string[]} */
  const heard = [];
  complaints.set(page, heard);
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') heard.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => heard.push(String(error.stack ?? error)));
  page.on('crash', () => heard.push('the page crashed'));
}

/** How the console learns that nobody is signed in yet: Chromium notes every answer of 4xx, and this one is expected. */
const NOBODY_YET = /status of 401 .*\/api\/auth\/me\)$/;

/** What a page complained of so far. @param {import('playwright-core').Page} page */
export const complaintsOf = (page) => (complaints.get(page) ?? []).filter((text) => !NOBODY_YET.test(text));

/** Fails if one of the pages complained. @param {import('playwright-core').Page[]} pages */
export function calm(...pages) {
  for (const page of pages) assert.deepEqual(complaintsOf(page), [], `${page.url()} complained`);
}
