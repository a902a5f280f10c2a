// Times, sizes, names and problems, as a person reads them.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { readPlace, writePlace } from "../../../console-js/app/router.js";
import { t } from "../../../console-js/locale/index.js";
import { en } from "../../../console-js/locale/en.js";
import { Problem, problemOf } from "../../../console-js/net/api.js";
import { randomKey } from "../../../console-js/net/key.js";
import { ago, avatarColour, contactName, contactOf, dayName, fileSize, initials, joinNames } from "../../../console-js/state/format.js";
import { wordsFor } from "../../../console-js/state/problems.js";

const NOON = new Date(2026, 10, 21, 12, 0, 0).getTime();
const before = (ms) => new Date(NOON - ms).toISOString();
const MINUTE = 60_000;

test("how long ago is as short as a list wants it", () => {
  const spans = [0, 59_000, MINUTE, 59 * MINUTE, 60 * MINUTE, 23 * 60 * MINUTE, 24 * 60 * MINUTE, 6 * 24 * 60 * MINUTE, 8 * 24 * 60 * MINUTE];
  assert.deepEqual(spans.map((ms) => ago(before(ms), NOON)), ["now", "now", "1m", "59m", "1h", "23h", "1d", "6d", "Nov 13"]);
});

test("a clock that is ahead of ours does not show a time to come", () => {
  assert.equal(ago(before(-5 * MINUTE), NOON), "now");
});

test("days have the names that people give them", () => {
  const hours = [1, 13, 35, 37].map((count) => dayName(before(count * 60 * MINUTE), NOON));
  assert.deepEqual(hours, ["Today", "Yesterday", "Yesterday", "Thursday, November 19"]);
  assert.equal(dayName("2025-03-04T12:00:00Z", NOON), "March 4, 2025");
});

test("sizes are rounded to what matters", () => {
  assert.deepEqual([0, 999, 1000, 45_600, 2_340_000].map(fileSize), ["0 B", "999 B", "1 KB", "46 KB", "2.3 MB"]);
});

test("initials come from the first and the last word, whatever the script", () => {
  assert.deepEqual(["Jane Doe", "jane@example.com", "Anna Maria Rossi", "張 偉", "", "😀 x"].map(initials), ["JD", "J", "AR", "張偉", "?", "😀X"]);
});

test("a colour is kept, and is one of those there are", () => {
  assert.equal(avatarColour("01a1"), avatarColour("01a1"));
  for (const id of ["a", "b", "01a1fdfa-4600"]) assert.ok(avatarColour(id) >= 0 && avatarColour(id) < 8);
});

test("somebody without a name has an e-mail, or the end of an id", () => {
  const contact = { id: "01a1fdfa-9abc", name: null, email: null };
  assert.deepEqual([contactName({ ...contact, name: "Jane" }), contactName({ ...contact, email: "j@x.org" }), contactName(contact)], ["Jane", "j@x.org", "Visitor 9abc"]);
});

test("names are joined as one says them", () => {
  assert.deepEqual([[], ["A"], ["A", "B"], ["A", "B", "C"]].map(joinNames), ["", "A", "A and B", "A, B and C"]);
});

test("plurals and placeholders are filled, and braces of a text stay", () => {
  assert.equal(t("list_unread", { count: 1 }), "1 unread message");
  assert.equal(t("list_unread", { count: 3 }), "3 unread messages");
  assert.equal(t("list_you", { text: "{text}" }), "You: {text}");
});

test("every sentence of the table is used", () => {
  const root = new URL("../../../console-js/", import.meta.url);
  const sources = readdirSync(root, { recursive: true }).filter((name) => name.endsWith(".js") && !name.startsWith("locale"));
  const text = sources.map((name) => readFileSync(new URL(name, root), "utf8")).join("\n");
  const stems = [...text.matchAll(/`([a-z_]+_)\$\{/g)].map((match) => match[1]);
  const unused = Object.keys(en).filter((key) => !text.includes(`"${key}"`) && !stems.some((stem) => key.startsWith(stem)));
  assert.deepEqual(unused, []);
});

test("every problem has words", () => {
  assert.match(wordsFor(new Problem(0, "unreachable", "")), /cannot be reached/);
  assert.equal(wordsFor(new Problem(429, "rate_limited", "x", { retry_after_secs: 1 })), "Too many tries. Try again in 1 second.");
  assert.equal(wordsFor(new Problem(429, "locked_out", "x")), "Too many tries. Try again in a while.");
  assert.match(wordsFor(new Problem(412, "stale_version", "x")), /Somebody else changed this/);
  assert.match(wordsFor(new Problem(503, "busy", "x")), /busy/);
  assert.match(wordsFor(problemOf(502, "<html>", "7")), /502|server had a problem/);
  assert.match(wordsFor(new TypeError("x")), /TypeError/);
  const fields = { errors: [{ pointer: "/email", detail: "is not an e-mail address" }] };
  assert.equal(wordsFor(new Problem(422, "validation_failed", "the request is not valid", fields)), "Email is not an e-mail address.");
});

test("every place has one address", () => {
  for (const place of [{ view: "open", id: null }, { view: "mine", id: "a/b c" }]) assert.deepEqual(readPlace(writePlace(place)), place);
  assert.deepEqual(["", "#/nowhere/x", "#/open/%"].map(readPlace), [{ view: "open", id: null }, { view: "open", id: "x" }, { view: "open", id: null }]);
});

test("keys are version 4 UUIDs and differ", () => {
  const keys = new Set(Array.from({ length: 100 }, randomKey));
  assert.equal(keys.size, 100);
  for (const key of keys) assert.match(key, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("whose name nobody knows is called by the number, where there is one", () => {
  const nobody = { id: "0198-abcd", name: null, email: null };
  const named = (kind, value, contact = nobody) => contactName(contactOf({ contact, remote: { address: { kind, value } } }));
  assert.equal(named("phone", "+15005550001"), "+15005550001");
  assert.equal(named("whatsapp", "15550109999"), "+15550109999");
  assert.equal(named("whatsapp", "US.13491208655302741918"), "Visitor abcd");
  assert.equal(named("messenger", "7100000000000001"), "Visitor abcd");
  assert.equal(named("phone", "+15005550001", { ...nobody, name: "Dana" }), "Dana");
  assert.equal(contactName(contactOf({ contact: nobody })), "Visitor abcd");
  assert.equal(initials("+15005550001"), "01");
});
