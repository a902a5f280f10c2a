// Changing many conversations at once, choosing them, and finding words in them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Bulk } from "../../../console-js/app/bulk.js";
import { Problem } from "../../../console-js/net/api.js";
import { foundIn, lineAround, pieces } from "../../../console-js/state/highlight.js";
import { reduce } from "../../../console-js/state/reduce.js";
import { selectedIds } from "../../../console-js/state/selection.js";
import { shownIds } from "../../../console-js/state/order.js";
import { World } from "../support/console-world.mjs";
import { apply, loadScreen } from "./screen.mjs";

const RESOLVE = { words: "Resolve", patch: (row) => (row.status === "resolved" ? null : { status: "resolved" }) };

/** A server with `count` conversations; `refuse` answers a problem for some tries. */
function served(count, refuse = () => null) {
  const rows = new Map(Array.from({ length: count }, (_, n) => [`c${n}`, { id: `c${n}`, status: "open", version: 1, labels: [] }]));
  const first = new Map(rows);
  const seen = { at_once: 0, most: 0, waits: [], progress: [], reads: 0, tries: new Map() };
  const bulk = new Bulk({
    // What the page knew when it began.
    known: (id) => first.get(id),
    read: async (id) => {
      seen.reads += 1;
      return { ...rows.get(id) };
    },
    change: async (id, patch, version) => {
      seen.at_once += 1;
      seen.most = Math.max(seen.most, seen.at_once);
      await new Promise((done) => setImmediate(done));
      seen.at_once -= 1;
      const tries = (seen.tries.get(id) ?? 0) + 1;
      seen.tries.set(id, tries);
      const problem = refuse(id, tries);
      if (problem) throw problem;
      const row = rows.get(id);
      if (version !== row.version) throw new Problem(412, "stale_version", "");
      rows.set(id, { ...row, ...patch, version: version + 1 });
      return rows.get(id);
    },
    wait: async (ms) => void seen.waits.push(ms),
    on_changed: () => {},
    on_progress: (progress) => seen.progress.push(progress),
  });
  return { rows, bulk, seen, ids: [...rows.keys()], last: () => seen.progress.at(-1) };
}

test("each is changed by itself, a few at once, and the progress is told", async () => {
  const { rows, bulk, seen, ids, last } = served(20);
  assert.equal(await bulk.run(ids, RESOLVE), true);
  assert.deepEqual([...rows.values()].filter((row) => row.status !== "resolved"), []);
  assert.equal(seen.most, 4);
  assert.deepEqual(last(), { words: "Resolve", total: 20, done: 20, failed: [], running: false, left: [] });
  assert.deepEqual(seen.progress.map(({ done }) => done).filter((done, at, all) => at > 0 && done < all[at - 1]), []);
});

test("one that somebody else changed is read again; one that is so already is not sent", async () => {
  const { rows, bulk, seen, ids, last } = served(3);
  rows.set("c0", { ...rows.get("c0"), version: 7 });
  rows.set("c1", { ...rows.get("c1"), version: 9, status: "resolved" });
  await bulk.run(ids, RESOLVE);
  assert.deepEqual([last().done, last().failed, seen.reads], [3, [], 2]);
  assert.deepEqual([rows.get("c0").version, rows.get("c1").version], [8, 9]);
  assert.deepEqual([...seen.tries], [["c0", 2], ["c1", 1], ["c2", 1]]);
});

test("a server that asks to wait is waited for; a refusal is kept with its reason, and the others go on", async () => {
  const { bulk, seen, ids, last } = served(4, (id, tries) => {
    if (id === "c1") return tries === 1 ? new Problem(429, "rate_limited", "", { retry_after_secs: 3 }) : null;
    if (id === "c2") return tries === 1 ? new Problem(0, "unreachable", "") : null;
    return id === "c3" ? new Problem(403, "forbidden", "you may not do this") : null;
  });
  await bulk.run(ids, RESOLVE);
  assert.deepEqual([last().done, last().failed], [3, [{ id: "c3", reason: "You may not do this." }]]);
  assert.deepEqual(seen.waits.sort(), [2000, 3000]);
});

test("a server that refuses for ever is not asked for ever, and what failed can be tried again", async () => {
  let well = false;
  const { rows, bulk, seen, ids, last } = served(1, () => (well ? null : new Problem(503, "busy", "", { retry_after_secs: 1 })));
  await bulk.run(ids, RESOLVE);
  assert.deepEqual([last().failed.length, seen.tries.get("c0"), seen.waits.length], [1, 6, 5]);
  well = true;
  await bulk.again();
  assert.deepEqual([last().done, last().failed, rows.get("c0").status], [1, [], "resolved"]);
  bulk.dismiss();
  assert.equal(last(), null);
});

test("what is stopped says what was not begun, and one change is made at a time", async () => {
  const { rows, bulk, ids, last } = served(30);
  const running = bulk.run(ids, RESOLVE);
  assert.equal(await bulk.run(ids, RESOLVE), false);
  bulk.stop();
  await running;
  assert.deepEqual([last().done, last().left.length, last().running], [4, 26, false]);
  await bulk.again();
  assert.deepEqual([last().done, [...rows.values()].every((row) => row.status === "resolved")], [26, true]);
});

test("rows are chosen one by one, up to a row, and all; what leaves the list is chosen no more", () => {
  const world = new World();
  const maya = world.agent("Maya Chen");
  const ids = Array.from({ length: 6 }, () => world.begin(world.contact("Jane")));
  let state = loadScreen(world, maya);
  const shown = shownIds(state);
  const chosen = (type, at) => {
    state = reduce(state, { type, ...(at === undefined ? {} : { id: shown[at] }) });
    return selectedIds(state).map((id) => shown.indexOf(id));
  };
  assert.deepEqual(chosen("selection_reached", 1), [1]);
  assert.deepEqual(chosen("selection_reached", 3), [1, 2, 3]);
  assert.deepEqual(chosen("selection_toggled", 2), [1, 3]);
  assert.deepEqual(chosen("selection_reached", 0), [0, 1, 2, 3]);
  assert.deepEqual(chosen("all_selected"), [0, 1, 2, 3, 4, 5]);
  const heard = world.position;
  world.change(ids[0], { status: "resolved" });
  state = apply(state, world.after(heard, ["inbox"]));
  assert.equal(selectedIds(state).length, 5);
  assert.deepEqual(chosen("all_selected"), []);
  assert.deepEqual([chosen("selection_toggled", 0), chosen("selection_cleared")], [[0], []]);
});

test("what was found is marked, in the letters of the text", () => {
  const shown = (text, query) => pieces(text, query).map(({ text: piece, hit }) => (hit ? `[${piece}]` : piece)).join("");
  assert.equal(shown("Order 12, order 13", "ORDER"), "[Order] 12, [order] 13");
  assert.equal(shown("<b>order</b>", "<b>"), "[<b>]order</b>");
  assert.equal(shown("ÖL und öl", "öl"), "ÖL und [öl]");
  assert.deepEqual([shown("İstanbul i", "i"), shown("aaa", "aa"), shown("", "x"), shown("x", "")], ["İstanbul [i]", "[aa]a", "", "x"]);
});

test("a line shows its first hit", () => {
  const text = "Good morning, I have bought a bicycle from you and the order has not come yet";
  assert.ok(lineAround(text, "order").indexOf("order") < 30);
  assert.equal(lineAround("order it", "order"), "order it");
});

test("a row says where the words were found", () => {
  const row = { contact: { name: "Jane Doe", email: "jd@example.com" }, ticket: { number: 42, subject: "Broken light" }, last_message: { content_text: "see  my order", deleted_at: null } };
  const where = (query) => foundIn(row, "Jane Doe", query).where;
  assert.deepEqual(["my order", "jane", "42", "#42", "broken", "jd@", "refund"].map(where), ["message", "name", "number", "number", "subject", "email", "earlier"]);
});

/** A server that takes jobs; what it answers to each question, in turn. */
function taking(answers) {
  const seen = { made: [], waits: 0, progress: [] };
  const next = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return { id: "j1", errors: [], finished_at: null, ...answer };
  };
  const bulk = new Bulk({
    make_job: (ids, action) => (seen.made.push([ids.length, action]), next()),
    read_job: next,
    wait: async () => void (seen.waits += 1),
    on_progress: (progress) => seen.progress.push(progress),
  });
  return { bulk, seen, last: () => seen.progress.at(-1) };
}

test("many are handed to the server, a thousand at a time, and what it says of them is told", async () => {
  const ids = Array.from({ length: 1200 }, (_, n) => `c${n}`);
  const errors = [{ conversation_id: "c7", error: { code: "not_found", detail: "no such conversation" } }];
  const { bulk, seen, last } = taking([{ done: 0, failed: 0 }, new Problem(503, "busy", ""), { done: 400, failed: 0 }, { done: 970, failed: 30, errors, finished_at: "now" }, { done: 200, failed: 0, finished_at: "now" }]);
  const plan = { words: "Trash", move: "trash", action: { type: "trash" } };
  assert.equal(await bulk.run(ids, plan), true);
  assert.deepEqual(seen.made, [[1000, { type: "trash" }], [200, { type: "trash" }]]);
  assert.deepEqual(last(), { words: "Trash", total: 1200, done: 1170, failed: [{ id: "c7", reason: "no such conversation" }], running: false, left: [], handed: true, more_failed: 29 });
  assert.deepEqual(seen.progress.map(({ done }) => done), [0, 0, 400, 970, 1170, 1170]);
});

test("a job that is refused says why of each, and can be asked for again", async () => {
  const ids = Array.from({ length: 30 }, (_, n) => `c${n}`);
  const { bulk, seen, last } = taking([new Problem(403, "forbidden", "you may not do this"), { done: 30, failed: 0, finished_at: "now" }]);
  await bulk.run(ids, { words: "Resolve", patch: () => null, action: { type: "set_status", status: "resolved" } });
  assert.deepEqual([last().running, last().done, last().failed.length, last().failed[0]], [false, 0, 30, { id: "c0", reason: "You may not do this." }]);
  await bulk.again();
  assert.deepEqual([last().done, last().failed, seen.made.length], [30, [], 2]);
});
