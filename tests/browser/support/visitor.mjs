/**
 * The widget as a visitor sees it. Every question is asked of the screen, in the words and roles that people and screen readers get.
 */
import { until, untilEqual } from './until.mjs';

/** @param {import('playwright-core').Page} page */
export function visitorOn(page) {
  const region = page.locator('div[role=region]');
  const launcher = region.locator('button[aria-expanded]');
  const iframe = region.locator('iframe');
  const chat = page.frameLocator('div[role=region] iframe');
  const field = chat.locator('.composer textarea');
  const send = chat.locator('.composer button[type=submit]');
  const bubbles = chat.locator('.list .message:not(.system) .bubble');

  const self = {
    page,
    launcher,
    iframe,
    chat,
    field,
    send,
    bubbles,
    notice: chat.locator('.notice.shown'),
    typing: chat.locator('.message.typing.on'),
    /** The frame itself, once it is loaded. */
    frame: async () => until('the frame is there', async () => (await iframe.elementHandle())?.contentFrame()),
    async open() {
      if ((await launcher.getAttribute('aria-expanded')) !== 'true') await launcher.click();
      await chat.locator('main').waitFor();
    },
    async close() {
      if ((await launcher.getAttribute('aria-expanded')) === 'true') await launcher.click();
    },
    /** Ready to write. */
    ready: () => field.waitFor(),
    /** @param {string} text */
    async say(text) {
      await field.fill(text);
      await field.press('Enter');
    },
    /** @param {string} text */
    message: (text) => chat.locator('.list .message', { has: page.getByText(text, { exact: true }) }),
    /** @param {string} text */
    sees: (text) => chat.locator('.list .message .bubble', { hasText: text }).first().waitFor(),
    /** What stands on the screen, in order. */
    texts: () => bubbles.allInnerTexts(),
    /** @param {string} text @param {string} state "Sent", "Seen", … */
    async delivery(text, state) {
      const row = chat.locator('.list .message', { has: page.locator('.bubble', { hasText: text }) }).last();
      await untilEqual(`“${text}” is ${state}`, () => row.locator('.delivery').innerText(), state);
    },
    /** @param {number} count */
    unread: (count) => untilEqual(`the badge says ${count}`, () => launcher.getAttribute('data-n'), String(count)),
    /** Nothing waits to be sent any more. */
    settled: () => until('everything of the visitor is sent', async () =>
      (await chat.locator('.list .message.waiting, .list .message.sending').count()) === 0),
  };
  return self;
}
