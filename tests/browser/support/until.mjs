/**
 * Waiting for something to become true, and nothing else: no test sleeps.
 *
 * Guarantees: asks again and again until the answer is truthy and hands that back; gives up after `WAIT_MS_MAX` with a sentence that
 * says what was waited for and what the last answer was.
 */

/** Far longer than anything here takes; it ends a test that would hang. */
export const WAIT_MS_MAX = 20_000;
/** Between two questions, so that the asking does not keep the machine from answering. */
const PAUSE_MS = 20;

/**
 * @template T
 * @param {string} what ends the sentence "waited in vain until …"
 * @param {() => T | Promise<T>} ask
 * @param {number} [msMax]
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, ask, msMax = WAIT_MS_MAX) {
  const end = Date.now() + msMax;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited in vain until ${what}; the last answer was ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/**
 * Waits until two values are equal, and shows both if they never are.
 * @template T
 * @param {string} what
 * @param {() => T | Promise<T>} ask
 * @param {T} wanted
 * @param {number} [msMax]
 */
export async function untilEqual(what, ask, wanted, msMax = WAIT_MS_MAX) {
  const goal = JSON.stringify(wanted);
  let last = '';
  const end = Date.now() + msMax;
  for (;;) {
    last = JSON.stringify(await ask());
    if (last === goal) return;
    if (Date.now() > end) throw new Error(`waited in vain until ${what}:\n wanted ${goal}\n found  ${last}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
