// What the page does when a conversation is put in the trash, comes back, or is deleted for good.

import assert from "node:assert/strict";
import { test } from "node:test";

import { initialState } from "../../../console-js/state/model.js";
import { shownIds } from "../../../console-js/state/order.js";
import { reduce } from "../../../console-js/state/reduce.js";
import { rowAt } from "../../../console-js/state/rows.js";
import { filterOf, hasStandings, passes, questionOf, usualStanding } from "../../../console-js/state/views.js";

const ME = { id: "a1", name: "Maya Chen", email: "maya@example.com", role: "agent" };
const AT = "2026-11-22T05:00:00Z";

function row(id, more = {}) {
  return {
    id, channel_id: "ch", contact: { id: `contact-${id}`, name: "Jane", email: null }, status: "open", priority: "none", assignee_id: "a1", labels: [], ticket: null,
    unread_count: 2, last_message: null, seq: 4, version: 4, created_at: AT, updated_at: AT, trashed_at: null, ...more,
  };
}

function loaded(view, data) {
  const question = questionOf(view);
  const state = reduce(initialState(ME), { type: "view_opened", question });
  return reduce(state, { type: "list_loaded", question, page: { data, next_cursor: null }, append: false });
}

function told(state, event, seq, data) {
  return reduce(state, { type: "event", frame: { type: "event", position: seq, prev: seq - 1, conversation_id: data.id, seq, event, data: { ...data, seq, version: seq }, at: AT } });
}

test("the trash is a view of its own, and no other shows what is in it", () => {
  assert.deepEqual([filterOf(questionOf("trash")), usualStanding("trash"), hasStandings("trash")], [{ trashed: true }, "any", false]);
  const [out, there] = [row("c1"), row("c2", { trashed_at: AT })];
  assert.deepEqual([{}, { status: "open" }, { trashed: true }].map((filter) => [out, there].map((one) => passes(filter, one, "a1"))), [[true, false], [true, false], [false, true]]);
  // A server that does not know of the trash has nothing in it.
  const { trashed_at: _none, ...older } = out;
  assert.equal(passes({}, older, "a1"), true);
});

test("it leaves the list and counts for nobody, and comes back where it stood", () => {
  const state = loaded("open", [row("c1"), row("c2")]);
  assert.deepEqual([shownIds(state).length, state.unread_mine], [2, 4]);
  const there = told(state, "conversation.deleted", 5, { ...row("c1"), trashed_at: AT, permanent: false });
  assert.deepEqual([shownIds(there), there.unread_mine], [["c2"], 2]);
  assert.equal("permanent" in (rowAt(there.conversations, "c1") ?? {}), false);
  const back = told(told(there, "ticket.deleted", 6, { id: "c1", permanent: false }), "conversation.updated", 7, { ...row("c1"), changes: { trashed_at: { from: AT, to: null } } });
  assert.deepEqual([shownIds(back).length, back.unread_mine], [2, 4]);
  assert.deepEqual(shownIds(loaded("trash", [row("c3", { trashed_at: AT })])), ["c3"]);
});

test("deleted for good nothing of it is shown, also where it is open, until it begins again", () => {
  const open = reduce(loaded("open", [row("c1")]), { type: "conversation_opened", id: "c1" });
  const message = { id: "m1", conversation_id: "c1", seq: 3, kind: "message", direction: "in", author: { type: "visitor", id: "x", name: "Jane" }, content_text: "a secret", attachments: [], status: "sent", created_at: AT };
  const read = reduce(open, { type: "timeline_loaded", id: "c1", page: { data: [message], next_cursor: null } });
  assert.equal(read.timelines.c1.messages.length, 1);
  const gone = told(read, "conversation.deleted", 5, { ...row("c1"), trashed_at: AT, permanent: true });
  assert.deepEqual([shownIds(gone), gone.unread_mine, gone.missing.c1, gone.timelines.c1.messages], [[], 0, true, []]);
  const again = told(gone, "conversation.created", 7, row("c1"));
  assert.deepEqual([shownIds(again), again.missing.c1], [["c1"], undefined]);
});
