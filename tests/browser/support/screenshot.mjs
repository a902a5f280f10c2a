/**
 * Pictures for `docs/screenshots/` and `docs/console/`: written only where `SWITCHBOARD_SCREENSHOTS=1` asks for them; taken always, so that scenes do not rot.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { squeeze } from './picture.mjs';

const TAKE = process.env.SWITCHBOARD_SCREENSHOTS === '1';
const DOCS = resolve(dirname(fileURLToPath(import.meta.url)), '../../../docs');
/** So large may a picture be in the repository. */
const BYTES_MAX = 150_000;

/** @param {import('playwright-core').Page} page @param {string} name @param {'screenshots' | 'console'} [folder] below `docs/` */
export async function take(page, name, folder = 'screenshots') {
  // The caret would be there in one picture and not in the next; what moves is held by `reducedMotion`.
  await page.evaluate(() => document.fonts.ready);
  const png = squeeze(await page.screenshot({ caret: 'hide', animations: 'disabled' }));
  assert.ok(png.length <= BYTES_MAX, `${name} has ${png.length} bytes`);
  if (TAKE) await writeFile(join(DOCS, folder, `${name}.png`), png);
}
