// How an agent is reached: presence that follows what they do, and news that is worth a word.

import assert from "node:assert/strict";
import { test } from "node:test";

import { concerns, gather, IDLE_MS, newsOf, presenceNow } from "../../../console-js/state/reach.js";

const frame = (data, event = "conversation.message_created") => ({
  type: "event", position: 7, conversation_id: "a", seq: 3, prev: 6, event, at: "2026-11-21T10:00:00Z",
  data: { conversation_id: "a", direction: "in", kind: "message", content_text: "Hello\n there", attachments: [], ...data },
});

test("who is online is away after ten minutes without a sign, whoever chose otherwise is not", () => {
  assert.deepEqual([presenceNow("online", 0, IDLE_MS - 1), presenceNow("online", 0, IDLE_MS)], ["online", "away"]);
  assert.deepEqual([presenceNow("offline", 0, IDLE_MS), presenceNow("away", IDLE_MS, IDLE_MS)], ["offline", "away"]);
});

test("what customers say is news; what agents say, notes and other events are not", () => {
  assert.deepEqual(newsOf(frame({})), { conversation_id: "a", position: 7, text: "Hello there", files: 0 });
  assert.equal(newsOf(frame({ direction: "out" })), null);
  assert.equal(newsOf(frame({ kind: "note" })), null);
  assert.equal(newsOf(frame({}, "conversation.updated")), null);
});

test("a long text is cut between letters", () => {
  const { text } = newsOf(frame({ content_text: "😀".repeat(200) }));
  assert.deepEqual([[...text].length, text.endsWith("😀…")], [140, true]);
});

test("mine and nobody's are news, somebody else's never, nobody's not where only mine are wanted", () => {
  const told = (assignee_id, mine_only) => concerns({ assignee_id }, "me", mine_only);
  assert.deepEqual([told("me", false), told(null, false), told("tom", false)], [true, true, false]);
  assert.deepEqual([told("me", true), told(null, true), told("tom", true)], [true, false, false]);
});

test("the newest of each conversation is told, and many together in one word", () => {
  const news = (id, text) => ({ conversation_id: id, position: 1, text, files: 0 });
  assert.deepEqual(gather([news("a", "1"), news("b", "2"), news("a", "3")]), { apart: [news("a", "3"), news("b", "2")], many: 0 });
  assert.deepEqual(gather(["a", "b", "c", "d"].map((id) => news(id, ""))), { apart: [], many: 4 });
});
