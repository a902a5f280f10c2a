/**
 * The console as an agent sees it.
 */
import { until, untilEqual } from './until.mjs';

/** What tests choose for their browsers where it is not what they are about: replies go out without the moment in which they can be taken back. */
const AT_ONCE = { 'switchboard.preferences': JSON.stringify({ undo: false }) };

/** @param {import('playwright-core').Page} page @param {{url: string, owner: string, agent: string, password: string}} server */
export function agentOn(page, server) {
  const rows = page.locator('.rows a.row');
  const field = page.locator('.composer-field');
  const bodies = page.locator('.entries .entry[data-type=message] .message-body');

  const self = {
    page,
    rows,
    field,
    bodies,
    typing: page.locator('.typing[data-shown=yes]'),
    send: page.locator('.composer-send'),
    dialog: page.locator('dialog[open]'),
    resolve: page.locator('.head-main button', { hasText: /Resolve|Reopen/ }),
    /**
     * @param {string} [email]
     * @param {Record<string, string>} [kept] what the browser has kept from before
     * @param {(page: import('playwright-core').Page) => Promise<void>} [at_the_door] done to the page while nobody is signed in yet
     */
    async signIn(email = server.owner, kept = AT_ONCE, at_the_door = undefined) {
      await page.addInitScript((entries) => {
        for (const [key, value] of entries) if (localStorage.getItem(key) === null) localStorage.setItem(key, value);
      }, Object.entries(kept));
      await page.goto(`${server.url}/`);
      await page.locator('#email').waitFor();
      await at_the_door?.(page);
      await page.locator('#email').fill(email);
      await page.locator('#password').fill(server.password);
      await page.locator('#password').press('Enter');
      await page.locator('.rail').waitFor();
      await self.view('open');
      await self.connected();
    },
    connected: () => page.locator('.connection[data-phase=live]').waitFor({ state: 'attached' }),
    /** @param {'mine' | 'unassigned' | 'open' | 'resolved'} view */
    async view(view) {
      await page.locator(`.rail-link[data-view=${view}]`).click();
      await page.locator(`.rail-link[data-view=${view}][aria-current=page]`).waitFor();
    },
    /** @param {string} text a part of the row */
    row: (text) => page.locator('.rows a.row', { hasText: text }),
    /** @param {string} text */
    async open(text) {
      await self.row(text).first().click();
      await field.waitFor();
      // On a pointer that stays in the list it does not move.
      await field.hover();
    },
    /** @param {string} text */
    async say(text) {
      await field.fill(text);
      await field.press('Enter');
    },
    /** @param {string} text */
    async note(text) {
      await page.locator('label.mode[for=mode-note]').click();
      await self.say(text);
    },
    /** @param {string} text */
    sees: (text) => page.locator('.entries .entry .bubble', { hasText: text }).first().waitFor(),
    texts: () => bodies.allInnerTexts(),
    /** The message of these words, with its reactions and receipt. @param {string} text */
    entry: (text) => page.locator('.entries .entry', { has: page.locator('.bubble', { hasText: text }) }).last(),
    /** @param {string} text @param {string} state "Sent", "Seen", … */
    async receipt(text, state) {
      await untilEqual(`“${text}” is ${state}`, () => self.entry(text).locator('.receipt').innerText(), state);
    },
    /** @param {string} text @param {string} count */
    badge: (text, count) => untilEqual(`the row says ${count}`, () => self.row(text).first().locator('.badge').innerText(), count),
    /** The address names the open conversation. */
    conversationId: () => until('a conversation is open', () => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(page.url())?.[0]),
    settled: () => until('everything of the agent is sent', async () => (await page.locator('.entry[data-type=unsent]').count()) === 0),
  };
  return self;
}
