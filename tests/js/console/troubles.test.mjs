// Webhooks that need somebody: from the list, from events, and what was dismissed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Dismissed } from "../../../console-js/app/dismissed.js";
import { fullTime } from "../../../console-js/state/format.js";
import { initialState } from "../../../console-js/state/model.js";
import { reduce } from "../../../console-js/state/reduce.js";
import { judge } from "../../../console-js/state/stream.js";
import { BY_HAND, troubleKey, troublesShown, troubleWords } from "../../../console-js/state/troubles.js";
import { wire } from "../support/wire.mjs";

const FAILING = wire("event.webhook_failing.admin");
const DISABLED = wire("event.webhook_disabled.admin");
const SINCE = FAILING.data.failing_since;
/** The webhook as the list has it. */
const hook = (more = {}) => ({ ...FAILING.data, events: ["*"], headers: {}, filter: {}, ordered: false, rate_limit_per_second: null, warned_at: null, version: 1, created_at: SINCE, updated_at: SINCE, ...more });
const failing = hook({ warned_at: FAILING.at });
const state = initialState({ id: "01", name: "Olivia", email: "o@example.com", role: "owner" });
const after = (...actions) => actions.reduce(reduce, state);
const loaded = (...webhooks) => ({ type: "webhooks_loaded", webhooks });
const told = (frame) => ({ type: "event", frame });

test("what the list says after a reload is what the events said before it", () => {
  const live = after(told(FAILING));
  assert.deepEqual(live.troubles, [{ id: FAILING.data.id, name: "Order system", standing: "failing", since: SINCE, reason: null }]);
  assert.deepEqual(after(loaded(failing)).troubles, live.troubles);
  const ended = reduce(live, told(DISABLED));
  assert.deepEqual(ended.troubles, [{ id: FAILING.data.id, name: "Order system", standing: "disabled", since: SINCE, reason: "no success for 3 days" }]);
  assert.deepEqual(after(loaded(hook({ status: "disabled", disabled_reason: "no success for 3 days" }))).troubles, ended.troubles);
  assert.equal(judge(FAILING.position, DISABLED), "apply");
});

test("a moment's failure and what somebody disabled by hand are nobody's worry", () => {
  assert.deepEqual(after(loaded(hook({ failing_since: SINCE }), hook({ status: "disabled", disabled_reason: BY_HAND }))).troubles, []);
});

test("a trouble is over when the webhook is read without it, or is gone", () => {
  const other = { ...failing, id: "02" };
  const both = after(loaded(failing, other));
  assert.deepEqual(reduce(both, { type: "webhook_loaded", webhook: hook({ failing_since: null }) }).troubles.map(({ id }) => id), ["02"]);
  assert.deepEqual(reduce(both, { type: "webhook_removed", id: "02" }).troubles.map(({ id }) => id), [failing.id]);
  assert.deepEqual(reduce(both, loaded()).troubles, []);
  assert.equal(reduce(both, loaded(failing, other)), both, "nothing new, nothing to draw");
  assert.equal(reduce(both, { type: "webhook_loaded", webhook: failing }), both);
});

test("other events of webhooks say nothing", () => {
  assert.equal(after(told({ ...FAILING, event: "webhook.test" })), state);
});

test("one line says it, however many there are", () => {
  const many = after(loaded(failing, { ...failing, id: "02" }, { ...failing, id: "03" })).troubles;
  const first = `The webhook Order system keeps failing: no attempt has succeeded since ${fullTime(SINCE)}.`;
  assert.equal(troubleWords(many.slice(0, 1)), first);
  assert.equal(troubleWords(many.slice(0, 2)), `${first} 1 more needs a look.`);
  assert.equal(troubleWords(many), `${first} 2 more need a look.`);
  assert.equal(troubleWords(after(told(DISABLED)).troubles), "The webhook Order system was disabled: no success for 3 days.");
});

test("what was dismissed stays away until it is another trouble", () => {
  const seen = after(loaded(failing));
  const keys = seen.troubles.map(troubleKey);
  const dismissed = reduce(seen, { type: "troubles_dismissed", keys });
  assert.deepEqual(troublesShown(dismissed), []);
  assert.deepEqual(troublesShown(reduce(dismissed, told(DISABLED))).map(({ standing }) => standing), ["disabled"]);
  assert.equal(troublesShown(reduce(dismissed, loaded({ ...failing, failing_since: "2026-12-01T00:00:00Z" }))).length, 1);
});

test("what was dismissed is kept across reloads, for its agent only, and stays small", () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) };
  const mine = () => new Dismissed(storage, "w.1", () => assert.fail("it is not full"));
  assert.deepEqual(mine().add(["a", "b"]), ["a", "b"]);
  assert.deepEqual(mine().add(["b", "c"]), ["a", "b", "c"]);
  assert.deepEqual([mine().read(), new Dismissed(storage, "w.2", () => {}).read()], [["a", "b", "c"], []]);
  assert.equal(mine().add(Array.from({ length: 500 }, (_, index) => `key ${index}`)).length, 200);
  for (const odd of ["{", "7", "null", '{"a":1}']) {
    kept.set("switchboard.dismissed.w.1", odd);
    assert.deepEqual(mine().read(), [], odd);
  }
  let full = 0;
  const strict = { getItem: () => null, setItem: () => { throw new Error("full"); } };
  assert.deepEqual(new Dismissed(strict, "w.1", () => (full += 1)).add(["a"]), ["a"]);
  assert.equal(full, 1);
});
