// What messages answer: read from what the server says, kept while an answer is written, and said when it is sent.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Quotes } from "../../../console-js/app/quotes.js";
import { Problem } from "../../../console-js/net/api.js";
import { postMessage, refusalOf } from "../../../console-js/net/post.js";
import { canBeAnswered, excerptOf, quoteOf } from "../../../console-js/state/quotes.js";
import { initialState } from "../../../console-js/state/model.js";
import { reduce } from "../../../console-js/state/reduce.js";
import { timelineRows } from "../../../console-js/state/select.js";
import { takeAcknowledged } from "../../../console-js/state/timelines.js";

const WHATSAPP = { kind: "whatsapp" };
const message = (seq, more = {}) => ({
  id: `m${seq}`, conversation_id: "a", seq, kind: "message", direction: "in", author: { type: "visitor", id: "v", name: "Jane" }, content: null, content_text: `text ${seq}`,
  attachments: [], reactions: [], status: "read", created_at: "2026-11-21T10:00:00Z", ...more,
});

test("a message that answers another is shown with it, and without it where it is not loaded", () => {
  const first = message(1);
  const answer = message(5, { via: { reply_to_seq: 1 } });
  assert.deepEqual(quoteOf([first, answer], answer), { seq: 1, message: first });
  assert.deepEqual(quoteOf([answer], answer), { seq: 1, message: null });
});

test("what the server never had is known to be answered, and no more", () => {
  assert.deepEqual(quoteOf([], message(5, { via: { reply_to_id: "wamid.OTHER" } })), { seq: null, message: null });
});

test("a message that answers none, or is taken back, quotes nothing", () => {
  assert.equal(quoteOf([message(1)], message(2)), null);
  assert.equal(quoteOf([message(1)], message(2, { via: { type: "text" } })), null);
  assert.equal(quoteOf([message(1)], message(2, { via: { reply_to_seq: 1 }, deleted_at: "2026-11-21T10:00:01Z" })), null);
});

test("messages that the provider has can be answered, where it shows such", () => {
  assert.equal(canBeAnswered(WHATSAPP, message(1)), true);
  assert.equal(canBeAnswered(WHATSAPP, message(1, { direction: "out", status: "delivered" })), true);
  for (const status of ["queued", "failed"]) assert.equal(canBeAnswered(WHATSAPP, message(1, { direction: "out", status })), false, status);
  assert.equal(canBeAnswered(WHATSAPP, message(1, { kind: "note" })), false);
  assert.equal(canBeAnswered(WHATSAPP, message(1, { author: { type: "system", id: null, name: null } })), false);
  assert.equal(canBeAnswered(WHATSAPP, message(1, { deleted_at: "2026-11-21T10:00:01Z" })), false);
  assert.equal(canBeAnswered({ kind: "sms" }, message(1)), false);
  assert.equal(canBeAnswered(undefined, message(1)), false);
});

test("a quote is one line, and names the files of what has no words", () => {
  assert.equal(excerptOf(message(1, { content_text: "one\n\n  two" })), "one two");
  assert.equal(excerptOf(message(1, { content_text: "", attachments: [{ filename: "a.png" }, { filename: "b.pdf" }] })), "a.png, b.pdf");
  // Letters are counted, so none is cut in the middle.
  assert.equal(excerptOf(message(1, { content_text: "🚲".repeat(200) })), `${"🚲".repeat(160)}…`);
});

test("a row is drawn anew when what it quotes is loaded or changed", () => {
  const me = { id: "maya", name: "Maya", email: "maya@example.com", role: "agent" };
  const page = (data) => ({ data, next_cursor: null });
  let state = reduce(initialState(me), { type: "conversation_opened", id: "a" });
  state = reduce(state, { type: "timeline_loading", id: "a" });
  state = reduce(state, { type: "timeline_loaded", id: "a", page: page([message(5, { via: { reply_to_seq: 1 } })]) });
  const row = () => timelineRows(state, "a").find((one) => one.type === "message" && one.message.seq === 5);
  assert.deepEqual([row().quoted_seq, row().quoted], [1, null]);
  state = reduce(state, { type: "older_loaded", id: "a", page: page([message(1)]) });
  assert.equal(row().quoted.content_text, "text 1");
});

test("the next reply's quote is kept across reloads and handed out once", () => {
  const items = new Map();
  const storage = { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => void items.set(key, value), removeItem: (key) => void items.delete(key) };
  const quotes = () => new Quotes(storage, "w.maya", () => assert.fail("it is not full"));
  quotes().write("a", 7);
  assert.equal(new Quotes(storage, "w.other", () => {}).read("a"), null);
  assert.equal(quotes().read("a"), 7);
  assert.equal(quotes().read("b"), null);
  assert.equal(quotes().take("a"), 7);
  assert.equal(quotes().take("a"), null);
  items.set("switchboard.quote.w.maya.a", "nonsense");
  assert.equal(quotes().read("a"), null);
});

test("a full storage is said", () => {
  let full = 0;
  const storage = { setItem: () => { throw new DOMException("full", "QuotaExceededError"); } };
  new Quotes(storage, "w.maya", () => (full += 1)).write("a", 1);
  assert.equal(full, 1);
});

test("what answers a message goes over HTTP and comes back as the socket's acknowledgement", async () => {
  const asked = [];
  const api = { say: async (id, body) => (asked.push([id, body]), { id: "m9", seq: 9 }) };
  const frame = { type: "send", ref: "k1", client_id: "k1", conversation_id: "a", kind: "message", text: "yes", attachments: [], last_seen_seq: 5, reply_to_seq: 3 };
  const answer = await postMessage(api, frame, new AbortController().signal);
  assert.deepEqual(answer, { type: "ack", ref: "k1", message_id: "m9", seq: 9, conversation_id: "a" });
  assert.deepEqual(asked, [["a", { client_id: "k1", kind: "message", text: "yes", attachments: [], last_seen_seq: 5, reply_to_seq: 3 }]]);
});

test("refusals over HTTP are the socket's: what may go later, what never, and what was missed", async () => {
  const refused = (status, code, more) => refusalOf("k1", new Problem(status, code, "why", more));
  assert.deepEqual(refused(503, "busy", { retry_after_secs: 2 }), { type: "refused", ref: "k1", code: "busy", detail: "why", retry: "later", retry_after_ms: 2000 });
  assert.equal(refused(0, "unreachable").retry, "later");
  assert.equal(refused(429, "rate_limited").retry, "later");
  assert.equal(refused(422, "window_closed").retry, "never");
  assert.deepEqual(refused(409, "stale_reply", { body: { unseen: [message(6)] } }).unseen, [message(6)]);
  const api = { say: async () => { throw new DOMException("stopped", "AbortError"); } };
  await assert.rejects(postMessage(api, { ref: "k1", conversation_id: "a" }, new AbortController().signal), { name: "AbortError" });
});

test("an own answer shows its quote from its acknowledgement on", () => {
  const me = { id: "maya", name: "Maya", email: "maya@example.com", role: "agent" };
  let state = reduce(initialState(me), { type: "timeline_loading", id: "a" });
  state = reduce(state, { type: "timeline_loaded", id: "a", page: { data: [message(1)], next_cursor: null } });
  const item = { client_id: "k1", conversation_id: "a", kind: "message", text: "yes", attachments: [], last_seen_seq: 1, reply_to_seq: 1, created_at: "2026-11-21T10:00:00Z" };
  state = takeAcknowledged(state, { type: "ack", ref: "k1", message_id: "m9", seq: 9, conversation_id: "a" }, item);
  assert.equal(timelineRows(state, "a").at(-1).quoted.content_text, "text 1");
});
