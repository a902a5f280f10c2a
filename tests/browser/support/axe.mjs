/**
 * axe-core over a page or a frame.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Fails if axe-core finds anything. Frames inside are looked at by themselves.
 * @param {string} what is shown
 * @param {import('playwright-core').Page | import('playwright-core').Frame} place
 * @param {string} [part] look only at this part of it (a selector)
 */
export async function accessible(what, place, part) {
  if (!(await place.evaluate(() => 'axe' in window))) await place.evaluate(source);
  const found = await place.evaluate(async (selector) => {
    // A colour half-way between two states is not what people read.
    await Promise.allSettled(document.getAnimations().filter((animation) => animation instanceof CSSTransition).map(({ finished }) => finished));
    // @ts-ignore axe is there now
    const { violations, passes } = await window.axe.run(selector ?? document, { iframes: false });
    return {
      looked: passes.length,
      violations: violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary})`).join('; ')}`),
    };
  }, part);
  assert.ok(found.looked > 5, `axe-core looked at nothing in ${what}`);
  assert.deepEqual(found.violations, [], what);
}
