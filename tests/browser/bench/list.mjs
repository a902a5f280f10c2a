/**
 * How smooth the agents' list is: thousands of conversations, many of them changing each second, as Chromium's own trace tells it.
 *
 *   SWITCHBOARD_BIN=target/release/switchboard node tests/browser/bench/list.mjs
 *
 * CONVERSATIONS (10000), CHANGES a second (100), SECONDS of each measurement (20), MINUTES of the watch over the memory (0: none).
 * Prints JSON, one line a measurement. It asserts nothing: what a machine can do is not a test.
 */
import { loadavg } from 'node:os';
import { gather } from '../support/crowd.mjs';
import { until } from '../support/until.mjs';
import { makeWorld } from '../support/world.mjs';
import { traced } from './trace.mjs';

const COUNT = Number(process.env.CONVERSATIONS ?? 10_000);
const CHANGES = Number(process.env.CHANGES ?? 100);
const SECONDS = Number(process.env.SECONDS ?? 20);
const MINUTES = Number(process.env.MINUTES ?? 0);
/** How often a bunch of changes is begun. */
const TICK_MS = 50;
const LOAD_MS_MAX = 600_000;

/** @type {(() => unknown)[]} */
const endings = [];
const scene = /** @type {import('node:test').TestContext} */ (/** @type {unknown} */ ({ after: (/** @type {() => unknown} */ end) => void endings.unshift(end) }));
const say = (/** @type {object} */ line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

try {
  await measure();
} finally {
  for (const end of endings) await end();
}

async function measure() {
  const world = await makeWorld(scene);
  const begun = Date.now();
  const people = Array.from({ length: COUNT }, (_, n) => ({ name: `Customer ${n}`, text: `Where is order ${n}? I have been waiting for it since Monday.` }));
  const crowd = await gather(world, people);
  say({ what: 'conversations made', count: COUNT, seconds: Math.round((Date.now() - begun) / 1000) });

  const agent = await world.agent();
  const { page } = agent;
  const scroller = page.locator('.list-scroll');
  await agent.rows.first().waitFor();
  const box = await scroller.boundingBox();
  if (!box) throw new Error('the list is not on the screen');
  const inside = { x: box.x + box.width / 2, y: box.y + box.height / 2 };

  const reading = Date.now();
  await until('all are read', async () => {
    await scroller.evaluate((element) => void (element.scrollTop = element.scrollHeight));
    return (await page.locator('.list-count').innerText()).replace(/\D/g, '') === String(COUNT) && !(await page.locator('.list-count').innerText()).endsWith('+');
  }, LOAD_MS_MAX);
  say({ what: 'all read by scrolling', seconds: Math.round((Date.now() - reading) / 1000), rows_in_the_page: await agent.rows.count() });
  await scroller.evaluate((element) => void (element.scrollTop = 0));
  await page.mouse.move(box.x + box.width + 300, inside.y);

  const changes = keepChanging(crowd);
  await pause(2000);
  const during = async (/** @type {string} */ what, /** @type {() => Promise<void>} */ work) => {
    const before = changes.done;
    const started = Date.now();
    const found = await traced(world.browser, work);
    say({ what, changes_a_second: Math.round(((changes.done - before) * 1000) / (Date.now() - started)), ...found, load: loadavg()[0]?.toFixed(1) });
  };
  await during('at the top, the list moving', () => pause(SECONDS * 1000));
  await page.mouse.move(inside.x, inside.y);
  await during('scrolling with the wheel', async () => {
    const end = Date.now() + SECONDS * 1000;
    for (let turn = 0; Date.now() < end; turn += 1) {
      await page.mouse.wheel(0, turn % 200 < 150 ? 240 : -240);
      await pause(16);
    }
  });
  await during('held under the pointer, further down', () => pause(SECONDS * 1000));
  await watchMemory(page);
  await changes.stop();
}

/** @param {import('../support/crowd.mjs').Member[]} crowd */
function keepChanging(crowd) {
  const state = { done: 0, failed: 0, stopped: false, owed: 0, under_way: /** @type {Set<Promise<void>>} */ (new Set()) };
  const timer = setInterval(() => {
    state.owed += (CHANGES * TICK_MS) / 1000;
    for (; state.owed >= 1; state.owed -= 1) {
      const member = crowd[Math.floor(Math.random() * crowd.length)];
      // A server that does not keep up is not buried under what it owes: the line says how many really came.
      if (!member || state.under_way.size >= CHANGES) continue;
      const change = member.say(`Any news? ${state.done}`).then(() => void (state.done += 1), () => void (state.failed += 1)).finally(() => void state.under_way.delete(change));
      state.under_way.add(change);
    }
  }, TICK_MS);
  return {
    get done() {
      return state.done;
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(state.under_way);
      if (state.failed > 0) say({ what: 'changes that failed', count: state.failed });
    },
  };
}

/** @param {import('playwright-core').Page} page */
async function watchMemory(page) {
  if (MINUTES === 0) return;
  const session = await page.context().newCDPSession(page);
  for (let minute = 0; minute <= MINUTES; minute += 1) {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    const { nodes } = await session.send('Memory.getDOMCounters');
    say({ what: 'memory', minute, heap_mb: Number((usedSize / 1_000_000).toFixed(1)), nodes });
    if (minute < MINUTES) await pause(60_000);
  }
}
