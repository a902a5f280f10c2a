// What the pages of webhooks reckon: choices of events, what a form changes, complaints by field, attempts and figures in words.

import assert from "node:assert/strict";
import { test } from "node:test";

import { readPlace, readSettings, writeSettings } from "../../../console-js/app/router.js";
import { Problem } from "../../../console-js/net/api.js";
import { WebhooksApi } from "../../../console-js/net/webhooks.js";
import { fullTime } from "../../../console-js/state/format.js";
import {
  attemptWords, bodyOf, changesOf, complaintsOf, covers, dueWords, errorTitle, eventsWords, extended, groupsOf, hookName, instantOf, listed,
  mayReadWebhooks, millis, partsOf, percent, pointerTo, refreshed, replaysOf, replayWords, standingOf, statusWords, tidyPatterns, triggerWords,
} from "../../../console-js/state/webhooks.js";

const NOW = Date.parse("2026-03-26T14:30:00Z");
const due = (ms) => dueWords(new Date(NOW + ms).toISOString(), NOW);

const HOOK = {
  id: "01", url: "https://shop.example.com/hook", description: "Order system", events: ["ticket.*"], headers: { "X-Api-Key": { set: true }, "X-Old": { set: true } },
  filter: { labels: ["vip"] }, ordered: false, rate_limit_per_second: 5, status: "enabled", disabled_reason: null, failing_since: null, warned_at: null, version: 3,
  created_at: "2026-03-26T14:30:00Z", updated_at: "2026-03-26T14:30:00Z",
};
const FORM = {
  url: " https://shop.example.com/hook ", description: "Order system", events: ["ticket.*"],
  headers: [{ name: "X-Api-Key", value: null }, { name: "X-Old", value: null }], ordered: false, rate: "5", channel_ids: [], team_ids: [], labels: ["vip"],
};
const attempt = (more) => ({
  number: 1, trigger: "auto", started_at: "2026-03-26T14:30:00Z", timings_ms: { dns: 2, connect: 3, tls: 9, first_byte: 40, total: 60 },
  address: "203.0.113.7:443", http_status: 200, error: null, next_due_at: null, ...more,
});

test("only owners and admins see webhooks", () => {
  assert.deepEqual(["owner", "admin", "agent", "viewer", "other"].map(mayReadWebhooks), [true, true, false, false, false]);
});

test("every page of the settings has one address, and the inbox's are none of them", () => {
  const places = [["list"], ["new"], ["webhook", "01/a"], ["edit", "01"], ["delivery", "01", "02 b"]];
  for (const [page, id = null, delivery_id = null] of places) {
    assert.deepEqual(readSettings(writeSettings(page, id ?? "", delivery_id ?? "")), { page, id, delivery_id });
  }
  assert.deepEqual(["", "#/open/01", "#/settings/other", "#/webhooks"].map(readSettings), [null, null, null, null]);
  assert.deepEqual(readSettings("#/settings/webhooks/01/deliveries"), { page: "webhook", id: "01", delivery_id: null });
  assert.deepEqual(readPlace(writeSettings("list")), { view: "open", id: "webhooks" });
});

test("a pattern covers one event, those of a resource, or all, and itself", () => {
  const events = ["ticket.created", "ticket.*", "ticketing.created", "*"];
  assert.deepEqual(["*", "ticket.*", "ticket.created"].map((pattern) => events.map((event) => covers(pattern, event))), [
    [true, true, true, true],
    [true, true, false, false],
    [true, false, false, false],
  ]);
});

test("what a wider pattern covers is not said twice", () => {
  assert.deepEqual(tidyPatterns(["ticket.created", "ticket.*", "contact.created", "contact.created"]), ["ticket.*", "contact.created"]);
  assert.deepEqual(tidyPatterns(["ticket.*", "*"]), ["*"]);
  assert.deepEqual(tidyPatterns([]), []);
});

test("the catalogue is grouped by what its events are about, without the one for tests", () => {
  const types = ["ticket.created", "contact.created", "ticket.updated", "webhook.test", "webhook.failing"].map((event) => ({ event }));
  assert.deepEqual(groupsOf(types).map(({ resource, types: own }) => [resource, own.map(({ event }) => event)]), [
    ["ticket", ["ticket.created", "ticket.updated"]],
    ["contact", ["contact.created"]],
    ["webhook", ["webhook.failing"]],
  ]);
});

test("a webhook has its owner's name for it, else its address, and stands as one word says", () => {
  assert.deepEqual([HOOK, { ...HOOK, description: "" }, { ...HOOK, description: " CRM \nsecond line" }].map(hookName), ["Order system", "shop.example.com/hook", "CRM"]);
  const failing = { ...HOOK, failing_since: HOOK.created_at };
  assert.deepEqual([HOOK, failing, { ...failing, status: "disabled" }].map(standingOf), ["enabled", "failing", "disabled"]);
  assert.deepEqual([["*"], ["ticket.*", "a.b"], ["a.b", "a.c", "a.d", "a.e", "a.f"]].map(eventsWords), ["All events", "ticket.*, a.b", "a.b, a.c, a.d and 2 more"]);
});

test("a new webhook is asked for with what stands in the form", () => {
  assert.deepEqual(bodyOf({ ...FORM, headers: [{ name: "X-Api-Key", value: "abc" }], rate: "" }), {
    url: HOOK.url, events: ["ticket.*"], description: "Order system", headers: { "X-Api-Key": "abc" }, filter: { labels: ["vip"] }, ordered: false,
  });
  assert.equal(bodyOf(FORM).rate_limit_per_second, 5);
});

test("a change is what differs, and nothing where nothing does", () => {
  assert.deepEqual(changesOf(HOOK, FORM), {});
  const { description, events, ordered, rate } = { description: "", events: ["*"], ordered: true, rate: "" };
  assert.deepEqual(changesOf(HOOK, { ...FORM, description, events, ordered, rate, labels: [], channel_ids: ["07"] }), {
    description: "", events: ["*"], ordered: true, rate_limit_per_second: null, filter: { channel_ids: ["07"] },
  });
});

test("a header's value stays unless another is written, and a header that is gone from the form is removed", () => {
  const headers = [{ name: "x-api-key", value: "def" }, { name: "X-New", value: "1" }];
  assert.deepEqual(changesOf(HOOK, { ...FORM, headers }), { headers: { "X-Old": null, "x-api-key": "def", "X-New": "1" } });
});

test("each complaint goes to the field that it is about, and the rest is kept", () => {
  const errors = [
    { pointer: "/url", detail: "must be https" },
    { pointer: "/events/3", detail: "there is no event `x`" },
    { pointer: "/events/4", detail: "there is no event `y`" },
    { pointer: "/headers/X~1Odd", detail: "has a name that no header can have" },
    { pointer: "/urls", detail: "is not known" },
  ];
  const problem = new Problem(422, "validation_failed", "the request is not valid", { errors });
  assert.deepEqual(complaintsOf(problem, ["/url", "/events", "/headers", pointerTo("/headers", "X/Odd")]), {
    byField: { "/url": "Must be https.", "/events": "There is no event `x`. There is no event `y`.", "/headers/X~1Odd": "Has a name that no header can have." },
    rest: ["Urls is not known."],
  });
});

test("an attempt says in a few words what came of it", () => {
  const reset = { class: "reset", detail: "the connection was reset" };
  assert.equal(attemptWords(attempt()), "HTTP 200 in 60 ms");
  assert.equal(attemptWords(attempt({ http_status: 500, error: { class: "http_status", detail: "x" } })), "HTTP 500 in 60 ms");
  assert.equal(attemptWords(attempt({ http_status: null, error: reset })), "The connection was cut after 60 ms");
});

test("what a later server says is shown by its own name", () => {
  assert.deepEqual([errorTitle("quantum"), triggerWords("moon"), statusWords("lost")], ["quantum", "moon", "lost"]);
  assert.deepEqual([errorTitle("dns"), triggerWords("manual"), statusWords("pending")], ["The name could not be looked up", "By hand", "Waiting"]);
});

test("an attempt's time divides into the parts that took place and what is left", () => {
  const parts = (timings) => partsOf(timings).map(({ part, ms }) => `${part} ${ms}`);
  assert.deepEqual(parts(attempt().timings_ms), ["dns 2", "connect 3", "tls 9", "first_byte 40", "rest 6"]);
  assert.deepEqual(parts({ dns: null, connect: null, tls: null, first_byte: 12, total: 12 }), ["first_byte 12"]);
  assert.deepEqual(parts({ dns: 1, connect: null, tls: null, first_byte: null, total: 15_000 }), ["dns 1", "rest 14999"]);
  assert.deepEqual(parts({ dns: null, connect: null, tls: null, first_byte: null, total: 0 }), []);
});

test("a first page that is read again replaces the list, or joins what stands below it", () => {
  const row = (id, status = "pending") => ({ id, status });
  const one = { rows: [row("2"), row("1")], pages: 1, next_cursor: "c1" };
  assert.deepEqual(refreshed(one, { data: [row("3")], next_cursor: null }), { rows: [row("3")], pages: 1, next_cursor: null });
  const two = extended(one, { data: [row("1"), row("0")], next_cursor: "c2" });
  assert.deepEqual(two, { rows: [row("2"), row("1"), row("0")], pages: 2, next_cursor: "c2" });
  const again = refreshed(two, { data: [row("3"), row("2", "delivered")], next_cursor: "c9" });
  assert.deepEqual(again, { rows: [row("3"), row("2", "delivered"), row("1"), row("0")], pages: 2, next_cursor: "c2" });
});

test("figures are rounded so that they do not flatter", () => {
  assert.deepEqual([null, 0, 0.9996, 1].map(percent), ["–", "0%", "99.9%", "100%"]);
  assert.deepEqual([null, 0, 999, 1000, 14_987].map(millis), ["–", "0 ms", "999 ms", "1 s", "14.99 s"]);
});

test("what is due is due in so many seconds, minutes or hours", () => {
  assert.deepEqual([-5000, 500, 1000, 9001, 60_000, 600_000, 3_600_000, 12_960_000].map(due), [
    "now", "now", "in 1 second", "in 10 seconds", "in 1 minute", "in 10 minutes", "in 1 hour", "in 4 hours",
  ]);
});

test("lists are divided by commas, and a time that is none is left out", () => {
  assert.deepEqual(listed(" a, ,b c ,"), ["a", "b c"]);
  assert.deepEqual([instantOf(""), instantOf("soon")], [null, null]);
  assert.equal(instantOf("2026-03-26T14:30"), new Date(2026, 2, 26, 14, 30).toISOString());
});

const replay = (id, more = {}) => ({
  id, webhook_id: "01", only: "failed", from: null, to: null, status: "done", progress: 1, queued: 0, created_at: "2026-03-26T14:30:00Z",
  finished_at: "2026-03-26T14:30:01Z", ...more,
});

test("a replay says what is sent again and how far it is", () => {
  const from = "2026-03-26T14:30:00Z";
  assert.deepEqual(replayWords(replay("1")), { what: "Failed deliveries", said: "Done. No delivery fits." });
  assert.deepEqual(replayWords(replay("1", { only: "missing", queued: 1 })), { what: "Missing deliveries", said: "Done. 1 delivery was made due." });
  assert.deepEqual(replayWords(replay("1", { only: "all", status: "running", progress: 0.5, queued: 7, from })), {
    what: `All deliveries from ${fullTime(from)}`, said: "Going through the events: 50%, 7 to be sent so far.",
  });
  assert.equal(replayWords(replay("1", { only: "some_day", from, to: from })).what, `some_day from ${fullTime(from)} before ${fullTime(from)}`);
});

test("replays that run, and those seen running, are in sight; past ones are folded away", () => {
  const rows = [replay("4"), replay("3", { status: "running" }), replay("2"), replay("1")];
  const ids = ({ current, past }) => [current.map(({ id }) => id), past.map(({ id }) => id)];
  assert.deepEqual(ids(replaysOf(rows, new Set())), [["3"], ["4", "2", "1"]]);
  assert.deepEqual(ids(replaysOf(rows, new Set(["2", "gone"]))), [["3", "2"], ["4", "1"]]);
});

test("the addresses and bodies are those of the API", async () => {
  const asked = [];
  const api = new WebhooksApi({
    ask(method, path, { body, version }) {
      asked.push([method, path, ...(body === undefined ? [] : [body]), ...(version === undefined ? [] : [version])]);
      return Promise.resolve({ data: [{ id: path.includes("cursor") ? "b" : "a" }], next_cursor: path.includes("cursor") ? null : "c/1" });
    },
  });
  const { signal } = new AbortController();
  assert.deepEqual(await api.list(signal), [{ id: "a" }, { id: "b" }]);
  await api.update(HOOK, { ordered: true }, signal);
  await api.setEnabled("0/1", false, signal);
  await api.rotate("01", 0, signal);
  await api.deliveries("01", { status: "failed", event: "", cursor: "c/1", limit: 25 }, signal);
  await api.retry("01", "02", signal);
  await api.replays("01", { limit: 10, cursor: "c/1" }, signal);
  assert.deepEqual(asked, [
    ["GET", "/api/v1/webhooks?limit=100"],
    ["GET", "/api/v1/webhooks?limit=100&cursor=c%2F1"],
    ["PATCH", "/api/v1/webhooks/01", { ordered: true }, 3],
    ["POST", "/api/v1/webhooks/0%2F1/disable"],
    ["POST", "/api/v1/webhooks/01/rotate-secret", { overlap_hours: 0 }],
    ["GET", "/api/v1/webhooks/01/deliveries?status=failed&cursor=c%2F1&limit=25"],
    ["POST", "/api/v1/webhooks/01/deliveries/02/retry"],
    ["GET", "/api/v1/webhooks/01/replays?limit=10&cursor=c%2F1"],
  ]);
});
