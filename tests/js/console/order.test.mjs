// What the list shows, in which order, and what may move.

import assert from "node:assert/strict";
import { test } from "node:test";

import { hold, isFull, LIST_ROWS_MAX, newerCount, putRows, release, shownIds } from "../../../console-js/state/order.js";
import { initialState } from "../../../console-js/state/model.js";
import { reduce } from "../../../console-js/state/reduce.js";
import { allRows, draftOf, NO_ROWS, rowAt, rowsOf } from "../../../console-js/state/rows.js";
import { neighbour, unreadTotal, visibleConversations } from "../../../console-js/state/select.js";
import { filterOf, hasStandings, questionOf, readView, sortOf, SORTS, usualStanding } from "../../../console-js/state/views.js";
import { idOf, World } from "../support/console-world.mjs";
import { apply, loadScreen, readWanted } from "./screen.mjs";

const ME = { id: "me", name: "Maya", email: "maya@example.com", role: "agent" };
const at = (n) => `2026-11-21T09:00:00.${String(n).padStart(6, "0")}Z`;

function rowOf(n, more = {}) {
  return {
    id: idOf(n), channel_id: "c", contact: { id: `p${n}`, name: `Person ${n}`, email: null }, status: "open", priority: "none", assignee_id: null,
    labels: [], ticket: null, unread_count: 0, last_message: null, seq: n, version: n, created_at: at(n), updated_at: at(n), ...more,
  };
}

/** The list of "all open" with rows 1 to `count`, the greatest first. */
function listed(count, more = {}) {
  const question = { ...questionOf("open"), ...more };
  const rows = Array.from({ length: count }, (_, index) => rowOf(count - index));
  const state = reduce(initialState(ME), { type: "view_opened", question });
  return reduce(state, { type: "list_loaded", question, page: { data: rows, next_cursor: null }, append: false });
}

const numbers = (ids) => ids.map((id) => Number.parseInt(id.slice(-6), 16));
const changed = (state, n, more) => putRows(state, [{ ...rowAt(state.conversations, idOf(n)), ...more }]);

test("rows are found by their ids, and a change leaves what it does not touch as it was", () => {
  const many = rowsOf(Array.from({ length: 2000 }, (_, n) => rowOf(n)));
  assert.equal(many.size, 2000);
  const draft = draftOf(many);
  draft.put(rowOf(7, { status: "resolved" }));
  draft.remove(idOf(8));
  draft.remove(idOf(8));
  const next = draft.done();
  assert.deepEqual([next.size, rowAt(next, idOf(7)).status, rowAt(next, idOf(8)), rowAt(many, idOf(7)).status], [1999, "resolved", undefined, "open"]);
  const same = next.shelves.filter((shelf, place) => shelf === many.shelves[place]).length;
  assert.ok(same >= next.shelves.length - 2, "at most two shelves are copied");
  assert.equal(draftOf(many).done(), many);
  assert.equal(allRows(NO_ROWS).length, 0);
});

test("a row that changed stands where the server would put it", () => {
  const state = listed(4);
  assert.deepEqual(numbers(state.list.order), [4, 3, 2, 1]);
  assert.deepEqual(numbers(changed(state, 2, { updated_at: at(9) }).list.order), [2, 4, 3, 1]);
  assert.deepEqual(numbers(changed(state, 2, { status: "resolved" }).list.order), [4, 3, 1]);
  const same = changed(state, 2, { unread_count: 3 });
  assert.equal(same.list, state.list);
  assert.deepEqual(numbers(putRows(state, [rowOf(9), rowOf(8)]).list.order), [9, 8, 4, 3, 2, 1]);
});

test("every order of the server is kept", () => {
  const orders = SORTS.map((sort) => {
    const state = listed(3, { sort });
    return numbers(putRows(state, [rowOf(2, { updated_at: at(9) }), rowOf(3, { priority: "low" }), rowOf(1, { priority: "urgent" })]).list.order);
  });
  assert.deepEqual(orders, [[2, 3, 1], [1, 3, 2], [3, 2, 1], [1, 2, 3], [1, 3, 2], [2, 3, 1]]);
});

test("a held list does not move: rows change in place, leave only when it is released, and what belongs above is counted", () => {
  let state = hold(listed(4));
  state = changed(state, 1, { updated_at: at(9), unread_count: 2 });
  assert.deepEqual([numbers(shownIds(state)), newerCount(state)], [[4, 3, 2, 1], 1]);
  state = putRows(state, [rowOf(20)]);
  state = changed(state, 3, { status: "resolved" });
  assert.deepEqual([numbers(shownIds(state)), newerCount(state)], [[4, 3, 2, 1], 2]);
  state = release(state);
  assert.deepEqual([numbers(shownIds(state)), newerCount(state)], [[20, 1, 4, 2], 0]);
});

test("the first row changing in its place is nothing newer", () => {
  const state = changed(hold(listed(3)), 3, { updated_at: at(9) });
  assert.equal(newerCount(state), 0);
});

test("what comes in below everything is shown although the list is held", () => {
  const state = putRows(hold(listed(3, { sort: "created_at" })), [rowOf(9)]);
  assert.deepEqual([numbers(shownIds(state)), newerCount(state)], [[1, 2, 3, 9], 0]);
});

test("a page that is read while the list is held joins below", () => {
  const question = questionOf("open");
  let state = reduce(initialState(ME), { type: "view_opened", question });
  state = reduce(state, { type: "list_loaded", question, page: { data: [rowOf(9), rowOf(8)], next_cursor: "x" }, append: false });
  state = changed(hold(state), 8, { updated_at: at(30) });
  state = reduce(state, { type: "list_loaded", question, page: { data: [rowOf(7), rowOf(6)], next_cursor: null }, append: true });
  assert.deepEqual([numbers(shownIds(state)), numbers(state.list.order)], [[9, 8, 7, 6], [8, 9, 7, 6]]);
});

test("the neighbour of a row that has left is what took its place", () => {
  const state = listed(4);
  const left = changed(state, 3, { status: "resolved" });
  assert.deepEqual(numbers([neighbour(left, idOf(3), 1, 1), neighbour(left, idOf(3), -1, 1), neighbour(left, null, 1)]), [2, 4, 4]);
  assert.equal(neighbour(initialState(ME), null, 1), null);
});

test("the unread messages that are mine are counted as rows come, change and go", () => {
  const mine = { assignee_id: "me", unread_count: 2 };
  let state = putRows(listed(2), [rowOf(1, mine), rowOf(5, mine)]);
  assert.equal(unreadTotal(state), 4);
  state = changed(state, 5, { status: "resolved" });
  assert.equal(unreadTotal(state), 2);
  assert.equal(unreadTotal(reduce(state, { type: "conversation_missing", id: idOf(1) })), 0);
});

test("a list has an end, and one that grew beyond it from above loses its last pages", () => {
  const question = questionOf("open");
  let state = reduce(initialState(ME), { type: "view_opened", question });
  let next = 30_000;
  for (let page = 0; page < 120; page += 1) {
    const data = Array.from({ length: 100 }, () => rowOf((next -= 1)));
    state = reduce(state, { type: "list_loaded", question, page: { data, next_cursor: `after ${next}` }, append: page > 0 });
  }
  assert.deepEqual([state.list.order.length, isFull(state.list)], [LIST_ROWS_MAX, true]);
  state = putRows(state, Array.from({ length: 700 }, (_, n) => rowOf(40_000 + n)));
  assert.ok(state.list.order.length <= LIST_ROWS_MAX, `${state.list.order.length} rows`);
  const last = state.list.order.at(-1);
  assert.equal(state.list.next_cursor, `after ${Number.parseInt(last.slice(-6), 16)}`);
  assert.equal(state.list.floor.id, last);
});

test("views are read from addresses, and ask the server what it offers", () => {
  assert.deepEqual(["mine", "channel:a:b", "label:vip", "label:", "nothing", null].map(readView), ["mine", "channel:a:b", "label:vip", null, null, null]);
  const asked = ["mine", "unassigned", "open", "snoozed", "channel:c1", "label:vip"].map((view) => filterOf(questionOf(view)));
  assert.deepEqual(asked, [
    { status: "open", assignee_id: "me" }, { status: "open", assignee_id: "none" }, { status: "open" }, { status: "snoozed" },
    { status: "open", channel_id: "c1" }, { status: "open", label: "vip" },
  ]);
  assert.deepEqual(filterOf({ ...questionOf("label:vip"), standing: "any" }), { label: "vip" });
  assert.deepEqual(["mine", "pending"].map((view) => [usualStanding(view), hasStandings(view)]), [["open", true], ["pending", false]]);
  assert.deepEqual([sortOf(questionOf("open", "jane", "-priority")), sortOf(questionOf("open", "", "-priority"))], ["-updated_at", "-priority"]);
});

for (const sort of SORTS) {
  test(`applying events equals loading afresh in the order ${sort}, page by page`, () => {
    const world = new World();
    const me = world.agent("Maya Chen");
    const ids = Array.from({ length: 40 }, () => world.begin(world.contact("Jane")));
    for (const id of ids) world.hear(id, "hello");
    const question = { ...questionOf("label:vip"), sort };
    const page = (cursor) => world.list(me, { ...filterOf(question), sort, limit: 7, cursor });
    for (const id of ids.filter((_, n) => n % 3 !== 0)) world.change(id, { labels: ["vip"] });
    let state = reduce(loadScreen(world, me), { type: "view_opened", question });
    let heard = world.position;
    state = reduce(state, { type: "list_loaded", question, page: page(null), append: false });
    for (let round = 0; state.list.next_cursor !== null; round += 1) {
      world.change(ids[(round * 5) % 40], { labels: round % 2 ? ["vip"] : [] });
      world.change(ids[(round * 11) % 40], { priority: ["urgent", "low", "none"][round % 3] });
      world.hear(ids[(round * 7) % 40], "again");
      const read = page(state.list.next_cursor);
      state = readWanted(apply(state, world.after(heard, ["inbox"])), world, me);
      heard = world.position;
      state = reduce(state, { type: "list_loaded", question, page: read, append: true });
    }
    const fresh = world.list(me, { ...filterOf(question), sort, limit: 100 }).data;
    assert.deepEqual(visibleConversations(state).map((row) => row.id), fresh.map((row) => row.id));
  });
}
