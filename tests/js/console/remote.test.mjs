// What the console tells of a provider's window, and of messages that change.

import assert from "node:assert/strict";
import { test } from "node:test";

import { replaceMessage } from "../../../console-js/state/messages.js";
import { heardFrom, hoursAndMinutes, mayReply } from "../../../console-js/state/remote.js";

const AT = Date.parse("2026-11-21T12:00:00Z");
const iso = (/** @type {number} */ ms) => new Date(ms).toISOString();
const HOUR = 3_600_000;

/** @param {Partial<import("../../../console-js/net/wire.js").Remote>} [patch] */
function remote(patch = {}) {
  return { kind: "whatsapp", address: { kind: "whatsapp", value: "15550109999" }, reply_until: iso(AT), human_until: null, opted_out: false, ...patch };
}

/** @param {Partial<import("../../../console-js/net/wire.js").Message>} patch */
function message(patch) {
  return /** @type {import("../../../console-js/net/wire.js").Message} */ ({
    id: "m1", conversation_id: "c1", seq: 3, kind: "message", direction: "in", author: { type: "visitor", id: "p1", name: "Dana" },
    content_text: "hello", attachments: [], status: "sent", created_at: iso(AT), ...patch,
  });
}

test("up to its end the window is open, and at its end it is not", () => {
  assert.deepEqual(mayReply(remote(), AT - 1), { may: "open", left_ms: 1 });
  assert.deepEqual(mayReply(remote(), AT), { may: "closed", left_ms: 0 });
});

test("where a person may answer longer, that is said; who has opted out is not written to", () => {
  const messenger = remote({ kind: "messenger", human_until: iso(AT + 144 * HOUR) });
  assert.deepEqual(mayReply(messenger, AT + HOUR), { may: "human", left_ms: 143 * HOUR });
  assert.equal(mayReply(messenger, AT + 145 * HOUR).may, "closed");
  assert.equal(mayReply(remote({ opted_out: true }), AT - HOUR).may, "opted_out");
});

test("a channel without a window lets anything be said", () => {
  assert.equal(mayReply(remote({ kind: "sms", reply_until: null }), AT).may, "anything");
});

test("the contact's message opens the window from when it was said, and an old one does not shorten it", () => {
  const heard = heardFrom(remote(), message({ via: { said_at: iso(AT + HOUR) } }));
  assert.equal(heard.reply_until, iso(AT + 25 * HOUR));
  assert.equal(heardFrom(heard, message({ via: { said_at: iso(AT - 48 * HOUR) } })).reply_until, iso(AT + 25 * HOUR));
  assert.deepEqual(heardFrom(heard, message({ direction: "out" })), heard);
});

test("time that is left is rounded down", () => {
  assert.deepEqual(hoursAndMinutes(2 * HOUR + 59 * 60_000 + 59_999), { hours: 2, minutes: 59 });
  assert.deepEqual(hoursAndMinutes(59_999), { hours: 0, minutes: 0 });
});

test("a message that had failed and is sent again is queued again; what was seen stays seen", () => {
  const failed = message({ direction: "out", status: "failed", error: "refused" });
  const [again] = replaceMessage([failed], { ...message({ direction: "out", status: "queued" }), changes: {} });
  assert.equal(again?.status, "queued");
  assert.equal(again?.error, undefined);
  assert.equal("changes" in (again ?? {}), false);
  const [seen] = replaceMessage([message({ status: "read" })], message({ status: "delivered" }));
  assert.equal(seen?.status, "read");
});
