/**
 * What a console's page knows, beside what it shows: for tests that compare two pages as a whole.
 *
 * Guarantees: the page is the real one, signed in and drawn as ever; only its desk is kept where a test finds it. What is done through the
 * desk is what the views do.
 */

/**
 * Keeps the desk of whoever signs in next. To be called while nobody is signed in.
 * @param {import('playwright-core').Page} page
 */
export async function keepDesk(page) {
  await page.evaluate(async () => {
    const main = document.querySelector('script[type=module]')?.getAttribute('src') ?? '';
    const { Desk } = await import(main.replace('main.js', 'desk.js'));
    const { start } = Desk.prototype;
    Desk.prototype.start = function () {
      // @ts-ignore for the test alone
      window.desk = this;
      start.call(this);
    };
  });
}
