// Times ahead: which are offered, how they are said, what the clock says at the other side; and messages that are sent later.

import assert from "node:assert/strict";
import { test } from "node:test";

import { localOf, offeredTimes, thereWords, timeTrouble, whenWords, zoneOf } from "../../../console-js/state/later.js";
import { initialState } from "../../../console-js/state/model.js";
import { reduce } from "../../../console-js/state/reduce.js";
import { postedAs } from "../../../console-js/state/scheduled.js";
import { timelineRows } from "../../../console-js/state/select.js";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** A Wednesday, in the reader's own days. */
const at = (day, hour, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();
const shown = (now_ms) => offeredTimes(now_ms).map(({ name, at: iso }) => `${name} ${new Date(iso).getDate()} ${localOf(iso).slice(11)}`);

test("the times that are offered are round, ahead, and none is there twice", () => {
  assert.deepEqual(shown(at(25, 10, 7)), ["today 25 13:15", "tomorrow 26 09:00", "week 30 09:00"]);
  assert.deepEqual(shown(at(25, 22)), ["tomorrow 26 09:00", "week 30 09:00"], "in the evening there is no later today");
  assert.deepEqual(shown(at(29, 10)), ["today 29 13:00", "tomorrow 30 09:00"], "on a Sunday next week is tomorrow");
  assert.deepEqual(shown(at(23, 1)).at(-1), "week 30 09:00", "on a Monday next week is a week away");
});

test("a time ahead is said as people say it", () => {
  const now_ms = at(25, 10);
  const words = (ms) => whenWords(new Date(ms).toISOString(), now_ms);
  assert.equal(words(at(25, 18)), "today 06:00 PM");
  assert.equal(words(at(26, 9)), "tomorrow 09:00 AM");
  assert.match(words(at(27, 9)), /^Fri/);
  assert.match(words(at(25, 10) + 20 * DAY_MS), /Dec 15/);
  assert.match(words(at(25, 10) + 200 * DAY_MS), /2027/);
});

test("a time of one's own is ahead, and not too far", () => {
  const now_ms = at(25, 10);
  assert.deepEqual([null, new Date(now_ms).toISOString(), new Date(now_ms + 400 * DAY_MS).toISOString(), new Date(now_ms + HOUR_MS).toISOString()].map((time) => timeTrouble(time, now_ms)),
    ["Choose a date and a time.", "That is in the past.", "At most a year ahead.", ""]);
});

test("the other side's clock is told where somebody has told its zone, and it is another", () => {
  const contact = (timezone) => ({ id: "c", name: null, email: null, custom_attributes: { timezone } });
  assert.deepEqual([contact("Asia/Tokyo"), contact("Nowhere/Land"), contact(7), contact(""), undefined].map(zoneOf), ["Asia/Tokyo", null, null, null, null]);
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  assert.equal(thereWords("2026-11-25T09:00:00Z", own), "");
  assert.equal(thereWords("2026-11-25T09:00:00Z", null), "");
  const other = own === "Asia/Tokyo" ? "America/Lima" : "Asia/Tokyo";
  assert.match(thereWords("2026-11-25T09:00:00Z", other), / there$/);
});

test("what is sent later stands behind everything else of the open conversation", () => {
  const me = { id: "a1", name: "Maya", email: "m@example.com", role: "agent" };
  const message = { id: "s1", conversation_id: "k", author: { type: "agent", id: "a1", name: "Maya" }, kind: "message", content_text: "Good morning", attachments: [], send_at: "2026-11-26T09:00:00Z", status: "scheduled", version: 1 };
  let state = reduce(initialState(me), { type: "conversation_opened", id: "k" });
  state = reduce(state, { type: "scheduled_loaded", id: "k", messages: [message] });
  assert.deepEqual(timelineRows(state, "k").map(({ type, key }) => `${type} ${key}`), ["scheduled later-s1"]);
  assert.equal(reduce(state, { type: "scheduled_loaded", id: "elsewhere", messages: [message] }), state, "another one is read when it is opened");
});

test("sent by hand a scheduled message keeps its words, files and what it answers", () => {
  const bold = { type: "doc", content: [{ type: "paragraph", content: [{ type: "text", text: "now", marks: [{ type: "bold" }] }] }] };
  const plain = { type: "doc", content: [{ type: "paragraph", content: [{ type: "text", text: "now" }] }] };
  const message = { kind: "message", content_text: "now", attachments: [{ id: "f" }] };
  assert.deepEqual(postedAs({ ...message, content: bold, via: { reply_to_seq: 4 } }), { kind: "message", part: { text: "now", attachments: [{ id: "f" }], plain: false }, content: bold, reply_to_seq: 4 });
  assert.deepEqual(postedAs({ ...message, content: plain }), { kind: "message", part: { text: "now", attachments: [{ id: "f" }], plain: true }, content: null, reply_to_seq: null });
});
