// How long a reply is, as each provider counts.

import assert from "node:assert/strict";
import { test } from "node:test";

import { isTelling, lengthOf, showsMarks } from "../../../console-js/state/length.js";

const able = (text_max) => ({ text_max });
const sms = (text) => {
  const { used, max, parts } = lengthOf("sms", text, able(1600));
  return [used, max, parts];
};

test("each provider counts in its own units", () => {
  assert.deepEqual(lengthOf("whatsapp", "a😀", able(4096)), { used: 3, max: 4096, parts: 1, unit: "characters" });
  assert.deepEqual(lengthOf("instagram", "é😀", able(1000)), { used: 6, max: 1000, parts: 1, unit: "bytes" });
  assert.deepEqual(lengthOf("dialpad", "a😀", able(1600)), { used: 2, max: 1600, parts: 1, unit: "characters" });
  assert.equal(lengthOf("messenger", "a".repeat(2001), able(2000)).parts, 2);
});

test("nobody counts on the widget, or before the limits are known", () => {
  assert.equal(lengthOf("widget", "a", undefined), null);
  assert.equal(lengthOf("whatsapp", "a", undefined), null);
});

test("a text message has 160 letters alone and 153 in each part, 70 and 67 with a letter outside the alphabet", () => {
  assert.deepEqual([sms("a".repeat(160)), sms("a".repeat(161)), sms("a".repeat(307))], [[160, 160, 1], [161, 153, 2], [307, 153, 3]]);
  assert.deepEqual([sms("ж".repeat(70)), sms("ж".repeat(71)), sms("😀".repeat(36))], [[70, 70, 1], [71, 67, 2], [72, 67, 2]]);
});

test("letters that count double are not torn between two parts", () => {
  assert.deepEqual([sms("€".repeat(80)), sms(`${"a".repeat(152)}€${"a".repeat(151)}`)], [[160, 160, 1], [305, 153, 2]]);
  assert.deepEqual(sms(`${"a".repeat(152)}€${"a".repeat(152)}`), [306, 153, 3]);
});

test("a length is told when it nears its limit, that of a text message always", () => {
  assert.deepEqual([79, 80].map((used) => isTelling({ used, max: 100, parts: 1, unit: "characters" })), [false, true]);
  assert.equal(isTelling({ used: 1, max: 160, parts: 1, unit: "sms" }), true);
});

test("readers on the widget and Slack see marks", () => {
  assert.deepEqual([undefined, "widget", "slack", "whatsapp", "sms"].map(showsMarks), [true, true, true, false, false]);
});
