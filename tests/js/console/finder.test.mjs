// The search while somebody types: when it asks, what it drops, and what it says.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Finder } from "../../../console-js/app/finder.js";
import { Scope } from "../../../console-js/app/scope.js";
import { Problem } from "../../../console-js/net/api.js";

const hit = (type, id) => ({ type, conversation_id: "c", message_id: type === "message" ? id : null, seq: null, contact_id: id, contact_name: null, number: null, created_at: "2026-11-22T10:00:00Z", excerpt: [] });

/** A search whose answers the test gives. */
function world(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const asked = [];
  const find = (query, signal) => new Promise((answer, refuse) => {
    signal.addEventListener("abort", () => refuse(new DOMException("stopped", "AbortError")));
    asked.push({ query, answer: (data, next_cursor = null) => answer({ data, next_cursor }), refuse });
  });
  const scope = new Scope();
  t.after(() => scope.stop());
  const finder = new Finder(scope, find, () => {});
  const settle = async () => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  const pause = async () => {
    t.mock.timers.tick(200);
    await settle();
  };
  return { finder, asked, settle, pause, ids: () => finder.found.hits.map((found) => found.contact_id) };
}

test("it asks when the typing pauses, once for people and once for what was said", async (t) => {
  const { finder, asked, settle, pause, ids } = world(t);
  for (const text of ["p", "pa", "par "]) finder.type(text);
  assert.equal(finder.found.status, "busy");
  assert.equal(asked.length, 0);
  await pause();
  assert.deepEqual(asked.map(({ query }) => [query.q, query.type]), [["par", "contacts"], ["par", "messages"]]);
  asked[1].answer([hit("message", "m1")], "more");
  await settle();
  assert.deepEqual(ids(), [], "not before all of it is there");
  asked[0].answer([hit("contact", "p1")]);
  await settle();
  assert.deepEqual([ids(), finder.found.status, finder.found.next_cursor], [["p1", "m1"], "ready", "more"]);
  finder.type("par");
  await pause();
  assert.equal(asked.length, 2, "the same words are no new question");
});

test("a number is looked for among the tickets, too", async (t) => {
  const { finder, asked, settle, pause, ids } = world(t);
  finder.type("#42");
  await pause();
  assert.deepEqual(asked.map(({ query }) => query.type), ["conversations", "contacts", "messages"]);
  asked[0].answer([hit("conversation", "t")]);
  asked[1].answer([]);
  asked[2].answer([]);
  await settle();
  assert.deepEqual(ids(), ["t"]);
});

test("an answer to what is no longer asked is dropped, and the hits before it stay until the next are there", async (t) => {
  const { finder, asked, settle, pause, ids } = world(t);
  finder.type("a");
  await pause();
  asked[0].answer([hit("contact", "a")]);
  asked[1].answer([]);
  await settle();
  finder.type("ab");
  await pause();
  finder.type("abc");
  asked[2].answer([hit("contact", "ab")]);
  asked[3].answer([]);
  await settle();
  assert.deepEqual([ids(), finder.found.status], [["a"], "busy"]);
  await pause();
  asked[4].answer([hit("contact", "abc")]);
  asked[5].answer([]);
  await settle();
  assert.deepEqual([ids(), finder.found.status], [["abc"], "ready"]);
  finder.type(" ");
  assert.deepEqual([ids(), finder.found.status], [[], "idle"]);
});

test("a failure is said in words and tried again when asked; more is read behind what is there", async (t) => {
  const { finder, asked, settle, pause, ids } = world(t);
  finder.type("ab");
  await pause();
  asked[0].refuse(new Problem(0, "unreachable", ""));
  await settle();
  assert.equal(finder.found.status, "failed");
  assert.notEqual(finder.found.error, null);
  finder.again();
  await settle();
  asked[2].answer([]);
  asked[3].answer([hit("message", "m1")], "next");
  await settle();
  assert.deepEqual([ids(), finder.found.status], [["m1"], "ready"]);
  void finder.more();
  await settle();
  assert.deepEqual([asked[4].query.type, asked[4].query.cursor], ["messages", "next"]);
  asked[4].answer([hit("message", "m2")]);
  await settle();
  assert.deepEqual([ids(), finder.found.next_cursor], [["m1", "m2"], null]);
});
