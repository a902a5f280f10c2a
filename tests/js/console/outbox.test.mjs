// Unsent messages: written down first, sent in order, forgotten only when stored.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ABANDONED_MS, ITEMS_MAX, Outbox } from "../../../console-js/net/outbox.js";
import { MemoryStorage } from "../support/memory-storage.mjs";

/** An outbox with a socket that can be up or down, and a clock that is moved by hand. */
function bench(storage = new MemoryStorage(), owner = "w.maya", tab = "tab1") {
  const told = { sent: [], posted: [], acknowledged: [], stale: [], full: 0, items: [], timers: [], now_ms: 0, up: true };
  const outbox = new Outbox({
    storage,
    owner,
    tab,
    post: (one) => told.posted.push(one),
    send: (frame) => told.up && told.sent.push(frame) > 0,
    now_ms: () => told.now_ms,
    after: (delay_ms, action) => {
      const timer = { at_ms: told.now_ms + delay_ms, action };
      told.timers.push(timer);
      return () => (told.timers = told.timers.filter((one) => one !== timer));
    },
    on_change: (items) => (told.items = items),
    on_acknowledged: (frame, item) => told.acknowledged.push([frame.message_id, item.client_id]),
    on_stale: (item) => told.stale.push(item.client_id),
    on_storage_full: () => (told.full += 1),
  });
  const pass = (ms) => {
    told.now_ms += ms;
    const due = told.timers.filter((timer) => timer.at_ms <= told.now_ms);
    told.timers = told.timers.filter((timer) => timer.at_ms > told.now_ms);
    for (const timer of due) timer.action();
  };
  return { outbox, told, storage, pass };
}

const message = (client_id, conversation_id = "a") => ({
  client_id, conversation_id, kind: "message", text: `text of ${client_id}`, content: null, attachments: [], last_seen_seq: 5, created_at: `2026-11-21T10:00:0${client_id}Z`,
});
const ack = (ref) => ({ type: "ack", ref, message_id: `m${ref}`, seq: 9, conversation_id: "a" });
const refused = (ref, more) => ({ type: "refused", ref, code: "busy", detail: "too much at once", retry: "later", ...more });
const sentIds = (told) => told.sent.map((frame) => frame.client_id);
const states = (told) => told.items.map((item) => [item.client_id, item.state]);

test("a message is sent whole and forgotten when acknowledged", () => {
  const { outbox, told, storage } = bench();
  outbox.add({ ...message("1"), attachments: [{ id: "f1", filename: "a.png", size: 1, type: "image/png" }] });
  assert.deepEqual(told.sent, [
    { type: "send", ref: "1", client_id: "1", conversation_id: "a", kind: "message", text: "text of 1", attachments: ["f1"], last_seen_seq: 5 },
  ]);
  assert.equal(storage.length, 1);
  outbox.acknowledge(ack("1"));
  assert.deepEqual([told.acknowledged, told.items, storage.length], [[["m1", "1"]], [], 0]);
});

test("messages of a conversation leave one after the other, other conversations meanwhile", () => {
  const { outbox, told } = bench();
  for (const one of [message("1"), message("2"), message("3", "b")]) outbox.add(one);
  assert.deepEqual(sentIds(told), ["1", "3"]);
  outbox.acknowledge(ack("1"));
  assert.deepEqual(sentIds(told), ["1", "3", "2"]);
});

test("what was on its way when the socket went is sent again with the same client id", () => {
  const { outbox, told } = bench();
  outbox.add(message("1"));
  told.up = false;
  outbox.interrupted();
  outbox.add(message("2"));
  assert.deepEqual(states(told), [["1", "queued"], ["2", "queued"]]);
  told.up = true;
  outbox.flush();
  assert.deepEqual(sentIds(told), ["1", "1"]);
});

test("a message without an answer goes again, and an answered one leaves no wait behind", () => {
  const { outbox, told, pass } = bench();
  outbox.add(message("1"));
  pass(14_999);
  assert.deepEqual(sentIds(told), ["1"]);
  pass(1);
  assert.deepEqual(sentIds(told), ["1", "1"]);
  outbox.acknowledge(ack("1"));
  assert.deepEqual([told.timers, told.items], [[], []]);
});

test("an own event settles the message although its acknowledgement was lost", () => {
  const { outbox, told, storage } = bench();
  outbox.add(message("1"));
  outbox.interrupted();
  outbox.settle("1");
  assert.deepEqual([told.items, storage.length], [[], 0]);
});

test("a reload finds the messages in the order in which they were written, for their agent only", () => {
  const first = bench();
  first.told.up = false;
  first.outbox.add(message("1"));
  first.outbox.add(message("2"));
  const again = bench(first.storage);
  assert.deepEqual(states(again.told), [["1", "queued"], ["2", "queued"]]);
  assert.deepEqual(bench(first.storage, "w.tom").told.items, []);
  assert.deepEqual(bench(first.storage, "w.may").told.items, []);
});

test("a refusal for good is kept with its reason, lets the others pass, and can be tried again", () => {
  const { outbox, told } = bench();
  outbox.add(message("1"));
  outbox.add(message("2"));
  outbox.refuse(refused("1", { code: "forbidden", detail: "not allowed", retry: "never" }));
  assert.deepEqual(told.items.map((item) => [item.client_id, item.state, item.error]), [["1", "failed", "not allowed"], ["2", "sending", null]]);
  outbox.acknowledge(ack("2"));
  outbox.retry("1");
  assert.deepEqual(sentIds(told), ["1", "2", "1"]);
});

test("a refusal for a while waits as long as the server asked, and what follows waits behind it", () => {
  const { outbox, told, pass } = bench();
  outbox.add(message("1"));
  outbox.add(message("2"));
  outbox.refuse(refused("1", { retry_after_ms: 5000 }));
  pass(4999);
  assert.deepEqual(sentIds(told), ["1"]);
  pass(1);
  assert.deepEqual(sentIds(told), ["1", "1"]);
});

test("a refusal to be repeated at once is repeated three times at once, then waits", () => {
  const { outbox, told, pass } = bench();
  outbox.add(message("1"));
  for (let count = 0; count < 5; count += 1) {
    outbox.refuse(refused("1", { retry: "now" }));
    pass(0);
  }
  assert.equal(told.sent.length, 4);
  pass(2000);
  assert.equal(told.sent.length, 5);
});

test("a stale reply asks, and goes through knowing what was missed", () => {
  const { outbox, told } = bench();
  outbox.add(message("1"));
  outbox.add(message("2"));
  outbox.refuse(refused("1", { code: "stale_reply", retry: "now", unseen: [{ seq: 7 }, { seq: 8 }] }));
  assert.deepEqual([told.stale, states(told)], [["1"], [["1", "stale"], ["2", "queued"]]]);
  outbox.retry("1");
  assert.deepEqual([told.sent.at(-1).client_id, told.sent.at(-1).last_seen_seq], ["1", 8]);
});

test("a message can be taken back unless it is on its way", () => {
  const { outbox, told } = bench();
  outbox.add(message("1"));
  assert.equal(outbox.takeBack("1"), null);
  outbox.refuse(refused("1", { retry: "never" }));
  assert.equal(outbox.takeBack("1").text, "text of 1");
  assert.deepEqual(told.items, []);
});

test("what made the server close the socket is not sent again by itself", () => {
  const { outbox, told } = bench();
  outbox.add(message("1"));
  outbox.rejected("the server could not read it");
  outbox.flush();
  assert.deepEqual([states(told), told.sent.length], [[["1", "failed"]], 1]);
});

test("a full outbox refuses instead of dropping", () => {
  const { outbox, told } = bench();
  told.up = false;
  for (let count = 0; count < ITEMS_MAX; count += 1) outbox.add(message(String(count)));
  assert.equal(outbox.add(message("more")), false);
  assert.equal(told.items.length, ITEMS_MAX);
});

test("a full storage is told, and the message is sent all the same", () => {
  const { outbox, told, storage } = bench();
  storage.full = true;
  outbox.add(message("1"));
  assert.deepEqual([sentIds(told), told.full > 0], [["1"], true]);
});

test("what another version left in the storage is not taken for a message", () => {
  const storage = new MemoryStorage();
  storage.setItem("switchboard.unsent.w.maya.x", "{not json");
  storage.setItem("switchboard.unsent.w.maya.y", "{}");
  assert.deepEqual(bench(storage).told.items, []);
});

test("what a message answers goes with it, also after a reload, and is not said where it answers none", () => {
  const { outbox, told, storage } = bench();
  told.up = false;
  outbox.add({ ...message("1"), reply_to_seq: 4 });
  outbox.add({ ...message("2", "b"), reply_to_seq: null });
  const after = bench(storage);
  after.outbox.flush();
  assert.deepEqual(after.told.sent.map((frame) => [frame.ref, frame.reply_to_seq, "reply_to_seq" in frame]), [["1", 4, true], ["2", undefined, false]]);
});

test("a formatted message goes as its document, not as it was typed", () => {
  const { outbox, told } = bench();
  const content = { type: "doc", content: [] };
  outbox.add({ ...message("1"), content });
  assert.deepEqual([told.sent[0].content, "text" in told.sent[0]], [content, false]);
});

test("a held message waits its time, and can be taken back in it", () => {
  const { outbox, told, storage, pass } = bench();
  outbox.add(message("1"), 5000);
  pass(4999);
  assert.deepEqual([told.sent, states(told), storage.length], [[], [["1", "held"]], 1]);
  assert.equal(outbox.takeBack("1").text, "text of 1");
  pass(5000);
  assert.deepEqual([told.sent, told.items, storage.length], [[], [], 0]);
  outbox.add(message("2"), 5000);
  pass(5000);
  assert.deepEqual(sentIds(told), ["2"]);
});

test("the next message of a conversation ends the wait of the one before it, and they leave in their order", () => {
  const { outbox, told, pass } = bench();
  outbox.add(message("1"), 5000);
  outbox.add(message("2", "b"), 5000);
  outbox.add(message("3"), 5000);
  assert.deepEqual(states(told), [["1", "sending"], ["2", "held"], ["3", "held"]]);
  pass(5000);
  assert.deepEqual(sentIds(told), ["1", "2"]);
  outbox.acknowledge(ack("1"));
  assert.deepEqual(sentIds(told), ["1", "2", "3"]);
});

test("a held message is sent at once when its author says so", () => {
  const { outbox, told } = bench();
  outbox.add(message("1"), 5000);
  assert.deepEqual([outbox.release("b"), outbox.release("a"), outbox.release("a")], [false, true, false]);
  assert.deepEqual(sentIds(told), ["1"]);
});

test("a page that goes away posts the first message of each conversation, and finds all of them when it is back", () => {
  const first = bench();
  first.outbox.add(message("1"));
  first.outbox.add(message("2"), 5000);
  first.outbox.add(message("3", "b"), 5000);
  first.outbox.leave();
  assert.deepEqual(first.told.posted.map(({ conversation_id, client_id }) => [conversation_id, client_id]), [["a", "1"], ["b", "3"]]);
  assert.deepEqual(first.told.posted[1].body, { client_id: "3", kind: "message", text: "text of 3", attachments: [], last_seen_seq: 5 });
  const again = bench(first.storage);
  again.outbox.flush();
  assert.deepEqual([sentIds(again.told), states(again.told)], [["1", "3"], [["1", "sending"], ["2", "queued"], ["3", "sending"]]]);
});

test("what failed for good is not posted when the page goes away", () => {
  const { outbox, told } = bench();
  outbox.add(message("1"));
  outbox.refuse(refused("1", { retry: "never" }));
  outbox.leave();
  assert.deepEqual(told.posted, []);
});

/** Two tabs of one browser: each hears what the other writes down. */
function twoTabs() {
  const storage = new MemoryStorage();
  const [one, other] = [bench(storage, "w.maya", "tab1"), bench(storage, "w.maya", "tab2")];
  let by = one;
  storage.on_write = (key, value) => (by === one ? other : one).outbox.heard(key, value);
  return { one, other, in: (tab, act) => ((by = tab), act(tab.outbox)) };
}

test("both tabs show a message, and the one that wrote it sends it", () => {
  const { one, other, in: within } = twoTabs();
  within(one, (outbox) => outbox.add(message("1"), 5000));
  assert.deepEqual(states(other.told), [["1", "held"]]);
  within(other, () => other.pass(5000));
  assert.deepEqual([other.told.sent, one.told.sent], [[], []]);
  within(one, () => one.pass(5000));
  within(one, (outbox) => outbox.acknowledge(ack("1")));
  assert.deepEqual([sentIds(one.told), one.told.items, other.told.sent, other.told.items], [["1"], [], [], []]);
});

test("a message taken back in one tab is gone in the other", () => {
  const { one, other, in: within } = twoTabs();
  within(one, (outbox) => outbox.add(message("1"), 5000));
  within(other, (outbox) => assert.equal(outbox.takeBack("1").text, "text of 1"));
  within(one, () => one.pass(5000));
  assert.deepEqual([one.told.sent, one.told.items], [[], []]);
});

test("what the other tab has on its way cannot be taken back here", () => {
  const { one, other, in: within } = twoTabs();
  within(one, (outbox) => outbox.add(message("1")));
  assert.deepEqual([states(other.told), other.outbox.takeBack("1")], [[["1", "sending"]], null]);
});

test("a message of a tab that is gone is sent by another one, with its client id", () => {
  const { one, other, in: within } = twoTabs();
  one.told.up = false;
  within(one, (outbox) => outbox.add(message("1")));
  within(other, () => other.pass(ABANDONED_MS - 1));
  assert.deepEqual(other.told.sent, []);
  within(other, () => other.pass(1));
  assert.deepEqual(sentIds(other.told), ["1"]);
});

test("a tab that is opened later does not send what another one holds", () => {
  const storage = new MemoryStorage();
  const one = bench(storage, "w.maya", "tab1");
  one.outbox.add(message("1"), 5000);
  const later = bench(storage, "w.maya", "tab2");
  later.outbox.flush();
  assert.deepEqual([later.told.sent, states(later.told)], [[], [["1", "held"]]]);
});

test("who signs out waits for what is on its way, held messages first, and not for ever", async () => {
  const { outbox, told, pass } = bench();
  outbox.add(message("1"), 5000);
  const gone = outbox.drain();
  assert.deepEqual(sentIds(told), ["1"]);
  outbox.acknowledge(ack("1"));
  await gone;
  await outbox.drain();
  outbox.add(message("2"));
  const given_up = outbox.drain();
  pass(3000);
  await given_up;
  assert.deepEqual(states(told), [["2", "sending"]]);
});
