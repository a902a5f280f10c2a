/**
 * A provider on this machine (`switchboard simulate`), the server beside it, and its page as the customer sees it.
 *
 * Guarantees: the simulator listens on 127.0.0.1 on a free port and ends with the test; what it says at its start, as JSON, is its
 * announcement. Nothing is done behind the page's back: the customer writes, presses and switches where a person would.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { openPage } from './browser.mjs';
import { BINARY, environment } from './server.mjs';
import { until, untilEqual } from './until.mjs';
import { makeWorld } from './world.mjs';

const START_MS_MAX = 30_000;
/** A port that was free may be somebody else's a moment later. */
const TRIES_MAX = 5;
const LOG_CHARS_MAX = 50_000;

/** @typedef {{provider: string, vendor: string | null, url: string, page: string, hook_url: string, address: string, secrets: Record<string, string>}} Announcement */

/**
 * A server with the demo workspace and one provider's simulator beside it, which know of each other and nothing more.
 * @param {import('node:test').TestContext} t
 * @param {string} provider
 * @param {string[]} [options] further ones of the server
 */
export async function besideSimulator(t, provider, options = []) {
  /** @type {Announcement | null} */
  let started = null;
  const world = await makeWorld(t, {
    proxied: true,
    options: async (url) => {
      started = await startSimulator(t, provider, url);
      return ['--provider-base-url', `${provider}=${started.url}`, ...options];
    },
  });
  const simulator = /** @type {Announcement} */ (/** @type {unknown} */ (started));
  return {
    ...world,
    simulator,
    /** The simulator's page. @param {Parameters<typeof openPage>[1]} [options] */
    async customer(options) {
      const customer = customerOn(await openPage(world.browser, options));
      await customer.page.goto(simulator.page);
      await customer.live.waitFor();
      return customer;
    },
    /** Another command of the binary, in the server's data folder; answers its JSON. @param {string[]} command */
    async command(...command) {
      const { stdout } = await promisify(execFile)(BINARY, [...command, '--data-dir', world.server.dataDir, '--json'], { env: environment() });
      return JSON.parse(stdout);
    },
  };
}

/** @param {import('node:test').TestContext} t @param {string} provider @param {string} target @returns {Promise<Announcement>} */
async function startSimulator(t, provider, target) {
  for (let tries = 1; ; tries += 1) {
    const options = ['simulate', provider, '--listen', `127.0.0.1:${await freePort()}`, '--target', target, '--at-once', '--json'];
    const child = spawn(BINARY, options, { stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
    const end = () => void child.kill('SIGKILL');
    process.once('exit', end);
    t.after(async () => {
      process.removeListener('exit', end);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    });
    try {
      return await announced(child);
    } catch (error) {
      if (tries === TRIES_MAX) throw error;
    }
  }
}

/** @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} child @returns {Promise<Announcement>} */
function announced(child) {
  let said = '';
  let log = '';
  return new Promise((ready, failed) => {
    const timer = setTimeout(() => failed(new Error(`the simulator was not ready in time:\n${log}`)), START_MS_MAX);
    child.once('error', failed);
    child.once('exit', (code) => {
      clearTimeout(timer);
      failed(new Error(`the simulator ended with ${code}:\n${log}`));
    });
    child.stderr.on('data', (chunk) => (log = (log + chunk).slice(-LOG_CHARS_MAX)));
    child.stdout.on('data', (chunk) => {
      said += chunk;
      const announcement = read(said);
      if (!announcement) return;
      clearTimeout(timer);
      ready(announcement);
    });
  });
}

/** @param {string} said @returns {Announcement | null} null while it is not whole */
function read(said) {
  try {
    return JSON.parse(said);
  } catch {
    return null;
  }
}

async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (listener.address());
  listener.close();
  await once(listener, 'close');
  return port;
}

/** @param {import('playwright-core').Page} page the simulator's */
export function customerOn(page) {
  const messages = page.locator('#messages > li[data-id]');
  const field = page.locator('#text');
  const self = {
    page,
    field,
    messages,
    live: page.locator('#link.good'),
    window: page.locator('#window'),
    /** @param {string} text */
    message: (text) => messages.filter({ hasText: text }).last(),
    /** @param {string} text */
    async write(text) {
      await field.fill(text);
      await field.press('Enter');
      await untilEqual('what the customer wrote has left the field', () => field.inputValue(), '');
      await self.sees(text);
    },
    /** @param {string} text */
    sees: (text) => self.message(text).waitFor(),
    /** How far a message has come: `sent`, `delivered`, `read`, … @param {string} text @param {string} status */
    ticks: (text, status) => untilEqual(`“${text}” is ${status} on the phone`, () => self.message(text).getAttribute('data-status'), status),
    /** @param {'Reading' | 'In the pocket' | 'Off'} what */
    async phone(what) {
      const button = page.locator('#phone-state button', { hasText: what });
      await button.click();
      await untilEqual(`the phone is ${what}`, () => button.getAttribute('aria-pressed'), 'true');
    },
    /** Opens what can be done with a message and does it. @param {string} text @param {string} tool */
    async use(text, tool) {
      await self.message(text).locator('.bubble').click();
      await page.locator('.tools button', { hasText: tool }).click();
    },
    /** Something besides writing: a call, STOP, … @param {string} name */
    async extra(name) {
      await page.locator('#extras > summary').click();
      await page.locator(`#extra-list [data-extra=${name}]`).click();
    },
    async sendPicture() {
      await page.locator('#extras > summary').click();
      await page.locator('#extra-list button', { hasText: 'A sample picture' }).click();
      await self.shows(messages.last());
    },
    /** A picture that is really drawn. @param {import('playwright-core').Locator} message */
    shows: (message) => until('a picture is shown on the phone', () => drawn(message.locator('img').first())),
    /** @param {string} code @param {'in the answer' | 'later, as a status'} when */
    async fails(code, when) {
      await page.locator('.tabs [data-go=failures]').click();
      await page.locator('#inject [name=code]').fill(code);
      await page.locator('#inject [name=when]').selectOption({ label: when });
      await page.locator('#inject button[type=submit]').click();
      await page.locator('#injected li', { hasText: code }).waitFor();
    },
    /** A switch of the panel “Failures”. @param {string} name @param {boolean} on */
    async switches(name, on) {
      await page.locator('.tabs [data-go=failures]').click();
      await page.locator(`#switches [name=${name}]`).setChecked(on);
    },
  };
  return self;
}

/** Whether a picture is there with all its points. @param {import('playwright-core').Locator} image */
export async function drawn(image) {
  if ((await image.count()) === 0) return false;
  return image.evaluate((/** @type {HTMLImageElement} */ { complete, naturalWidth }) => complete && naturalWidth > 0);
}
