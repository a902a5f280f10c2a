/**
 * Two agents at work on the same conversations, whose sockets are cut again and again while visitors write: whenever both are connected and
 * have heard everything, what their pages know is the same, and is what the server answers.
 *
 * Heard everything: a last message was said in a conversation that nobody opens, both pages know of it, and around it nothing else has
 * changed. Events come in order, so from then on there is nothing to wait for, and the pages are compared at once. `SWITCHBOARD_SEED`
 * repeats a run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gather } from './support/crowd.mjs';
import { keepDesk } from './support/inside.mjs';
import { signInByRest } from './support/rest.mjs';
import { until, untilEqual } from './support/until.mjs';
import { makeWorld } from './support/world.mjs';

/** How often everything comes to rest and is compared. */
const ROUNDS = 8;
/** What is done between two comparisons. */
const STEPS = 25;
/** Between these many bytes an agent's socket is cut. */
const BUDGET = { min: 300, max: 9_000 };
const CUTS_MIN = 20;
const VISITORS = 4;
/** How often a moment of rest is looked for. */
const TRIES_MAX = 40;
const LABELS = ['parcel', 'refund', 'vip'];

/** @typedef {import('playwright-core').Page} Page */

test('two agents whose sockets are cut at random never differ once both have caught up', async (t) => {
  const seed = Number(process.env.SWITCHBOARD_SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  const random = generator(seed);
  const world = await makeWorld(t, { proxied: true });
  const { proxy, server } = world;
  const crowd = await gather(world, Array.from({ length: VISITORS + 1 }, (_, at) => ({ name: `Customer ${at}`, text: `question ${at}` })), { inOrder: true });
  const clock = /** @type {import('./support/crowd.mjs').Member} */ (crowd.pop());
  // Clients wait at random before they come back: these draw from the beginning of that range only.
  const script = `{ let state = ${seed + 1}; Math.random = () => ((state = (state * 48271) % 2147483647) / 2147483647) * 0.004; }`;
  const people = [];
  for (const email of [server.owner, server.agent]) {
    const { page } = await world.agent({ email, script, at_the_door: keepDesk });
    const rest = await signInByRest({ url: `http://127.0.0.1:${server.port}`, owner: email, password: server.password });
    people.push({ page, rest });
    // Whoever answers too late says it all the same.
    await page.evaluate(() => {
      // @ts-ignore support/inside.mjs put it there
      const { desk } = window;
      desk.reports.on_stale = (/** @type {{client_id: string}} */ item) => desk.outbox.retry(item.client_id);
    });
  }
  const agents = (await world.rest.call('GET', 'agents')).data.map((/** @type {{id: string}} */ { id }) => id);

  for (let round = 0; round < ROUNDS; round += 1) {
    proxy.budget = () => BUDGET.min + Math.floor(random() * (BUDGET.max - BUDGET.min));
    proxy.cutAll();
    for (let step = 0; step < STEPS; step += 1) await act({ random, people, crowd, agents, proxy, name: `${round}.${step}` });
    // The sockets that stand are cut yet; the next ones hold.
    proxy.budget = null;
    const seen = await atRest(people, crowd, clock, `at rest ${round}`, world.rest);
    for (const [at, { page, rest }] of people.entries()) await compare(`round ${round}, agent ${at}, seed ${seed}`, seen[at], page, rest);
    const [one, other] = seen;
    assert.deepEqual(shared(one), shared(other), `round ${round}, seed ${seed}`);
    // Who is there has no place among the events.
    await until(`round ${round}, seed ${seed}: both say that both are there`, async () => {
      const said = await Promise.all(people.map(async ({ page }) => (await know(page)).presence));
      return agents.every((/** @type {string} */ id) => said.every((presence) => presence[id] === 'online'));
    });
  }
  const cuts = proxy.cuts.filter((path) => path === '/ws/agent').length;
  t.diagnostic(`${cuts} cuts of agents' sockets`);
  assert.ok(cuts >= CUTS_MIN, `only ${cuts} cuts`);
});

/**
 * One thing that somebody does, drawn at random.
 * @param {{random: () => number, people: {page: Page}[], crowd: import('./support/crowd.mjs').Member[], agents: string[],
 *   proxy: {cutAll: () => void} | null, name: string}} scene
 */
async function act({ random, people, crowd, agents, proxy, name }) {
  const pick = (/** @type {any} */ list) => list[Math.floor(random() * list.length)];
  const visitor = pick(crowd);
  const { page } = pick(people);
  const id = visitor.conversationId;
  const dice = random();
  if (dice < 0.03) return proxy?.cutAll();
  if (dice < 0.3) return visitor.say(`visitor ${name}`);
  if (dice < 0.45) return open(page, pick([id, id, id, null]));
  const patch = dice < 0.7 ? null : dice < 0.8 ? { assignee_id: pick([null, ...agents]) } : dice < 0.88 ? { status: pick(['open', 'open', 'pending', 'snoozed', 'resolved']) } : { priority: pick(['none', 'high', 'urgent']) };
  const wish = patch !== null && dice < 0.94 ? { patch } : dice < 0.7 ? { text: `agent ${name}`, kind: dice < 0.6 ? 'message' : 'note' } : { label: pick(LABELS), on: random() < 0.6 };
  await page.evaluate(([target, { patch: change, text, kind, label, on }]) => {
    // @ts-ignore support/inside.mjs put it there
    const { desk } = window;
    if (change) void desk.changeConversation(target, change);
    else if (label) void desk.setLabel(target, label, on);
    else desk.say(target, kind, { text, attachments: [], plain: true }, null);
  }, /** @type {[string, any]} */ ([id, wish]));
}

/** Goes to a conversation as a click does, or back to the list. @param {Page} page @param {string | null} id */
function open(page, id) {
  return page.evaluate((place) => void (location.hash = place), id === null ? '#/open' : `#/open/${id}`);
}

/**
 * Waits until nobody does anything any more and both pages have heard everything, and answers what they know then.
 * @param {{page: Page}[]} people
 * @param {import('./support/crowd.mjs').Member[]} crowd
 * @param {import('./support/crowd.mjs').Member} clock
 * @param {string} mark
 * @param {{call: (method: string, path: string) => Promise<any>}} rest
 */
async function atRest(people, crowd, clock, mark, rest) {
  const seqs = async () => JSON.stringify(await Promise.all(crowd.map(async ({ conversationId: id }) => (await rest.call('GET', `conversations/${id}`)).seq)));
  for (let count = 0; count < TRIES_MAX; count += 1) {
    for (const { page } of people) await untilEqual('nothing waits and nothing is read', async () => (await know(page)).busy, []);
    const before = await seqs();
    const words = `${mark}, ${count}`;
    await clock.say(words);
    const seen = [];
    for (const { page } of people) {
      seen.push(await until(`the page has heard “${words}”`, async () => {
        const known = await know(page);
        const last = known.rows.find((/** @type {{id: string}} */ { id }) => id === clock.conversationId)?.last_message;
        return known.busy.length === 0 && last?.content_text === words && known;
      }));
    }
    if ((await seqs()) === before) return seen;
  }
  throw new Error('it never came to rest');
}

/** What a page knows. @param {Page} page @returns {Promise<any>} */
function know(page) {
  return page.evaluate(() => {
    // @ts-ignore support/inside.mjs put it there
    const { desk } = window;
    const state = desk.store.get();
    const { list, open_id, conversations, timelines, contacts, wanted, unsent, connection, presence, me } = state;
    const rows = conversations.shelves.flatMap((/** @type {object} */ shelf) => Object.values(shelf));
    const timeline = open_id === null ? null : timelines[open_id];
    const contact = rows.find((/** @type {{id: string}} */ { id }) => id === open_id)?.contact.id;
    const busy = [
      ['the connection', connection.phase !== 'live'], ['a message', unsent.length > 0], ['a row', Object.keys(wanted).length > 0], ['the list', list.status !== 'ready'],
      ['the timeline', timeline !== null && !(timeline.fresh && timeline.status === 'ready')], ['the contact', contact !== undefined && contacts[contact] === undefined],
    ];
    return {
      busy: busy.filter(([, is]) => is).map(([what]) => what),
      me: me.id, rows, order: list.order, view: list.view, sort: list.sort, standing: list.standing, open_id,
      messages: timeline?.messages ?? [], older: timeline?.older_cursor ?? null, contact: contact === undefined ? null : contacts[contact], presence,
    };
  });
}

/**
 * What a page knows is what the server answers that agent.
 * @param {string} when
 * @param {any} known
 * @param {Page} page
 * @param {{all: (path: string) => Promise<any[]>, call: (method: string, path: string) => Promise<any>}} rest
 */
async function compare(when, known, page, rest) {
  const stored = await rest.all('conversations');
  const byId = new Map(stored.map((row) => [row.id, row]));
  for (const row of known.rows) assert.deepEqual(timeless(row), timeless(byId.get(row.id)), `${when}: the row`);
  const listed = await rest.all(`conversations?status=${known.standing}&sort=${known.sort}`);
  assert.deepEqual(known.order, listed.map(({ id }) => id), `${when}: the list`);
  if (known.open_id === null) return;
  const messages = await rest.call('GET', `conversations/${known.open_id}/messages?limit=50`);
  const newest = [...messages.data].reverse();
  assert.deepEqual(known.messages.slice(-newest.length), newest, `${when}: the messages`);
  if (messages.next_cursor === null) assert.equal(known.messages.length, newest.length, `${when}: no message more`);
  assert.deepEqual(known.contact, await rest.call('GET', `contacts/${known.contact.id}`), `${when}: the contact`);
  // And what it knows is what it shows.
  const row = byId.get(known.open_id);
  const drawn = await until(`${when}: the screen is drawn`, () => page.evaluate((wanted) => {
    const [assignee, priority] = ['Assignee', 'Priority'].map((label) => /** @type {HTMLSelectElement | null} */ (document.querySelector(`.head select[aria-label="${label}"]`))?.value);
    const labels = [...document.querySelectorAll('.head .label-chip')].map((chip) => chip.textContent);
    const texts = [...document.querySelectorAll('.entries .entry[data-type=message] .message-body')].map((body) => body.textContent);
    return JSON.stringify({ assignee, priority, labels, texts }) === wanted;
  }, JSON.stringify({ assignee: row.assignee_id ?? '', priority: row.priority, labels: row.labels, texts: known.messages.map((/** @type {{content_text: string}} */ { content_text: text }) => text) })));
  assert.ok(drawn);
}

/** A row without its numbers: what is said to integrators alone takes one, and no page hears of it. @param {any} row */
function timeless({ seq: _seq, version: _version, ...row }) {
  return row;
}

/** What two agents' pages know alike. @param {any} known */
function shared({ rows, order }) {
  const plain = rows.map(({ unread_count: _unread, ...row }) => timeless(row)).sort((one, other) => (one.id < other.id ? -1 : 1));
  return { rows: plain, order };
}

/** A small generator with a seed (Lehmer). @param {number} seed */
function generator(seed) {
  let state = (seed % 2_147_483_646) + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
