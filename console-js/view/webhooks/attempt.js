// One attempt: what came of it, how long its parts took, and what was answered.
//
// Guarantees: what a receiver answered is text, whatever it holds.

import { fullTime } from "../../state/format.js";
import { asSentence } from "../../state/problems.js";
import { attemptWords, errorTitle, millis, partsOf, triggerWords } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { h } from "../dom.js";
import { facts, rawText, standingMark } from "./parts.js";

/** @param {import("../../net/webhook-wire.js").Attempt} attempt */
export function makeAttempt(attempt) {
  const { error, http_status, response_headers, response_body: body, timings_ms } = attempt;
  const headers = Object.entries(response_headers);
  const title = t("attempt_title", { number: attempt.number });
  return h("article", { class: "card attempt", "aria-label": title }, [
    h("header", { class: "attempt-head" }, [
      h("h4", { text: title }),
      standingMark(error === null ? "delivered" : "failed", attemptWords(attempt)),
      h("span", { class: "mark plain", text: triggerWords(attempt.trigger) }),
      h("time", { datetime: attempt.started_at, text: fullTime(attempt.started_at) }),
    ]),
    error === null
      ? h("p", { class: "attempt-outcome", text: t("attempt_delivered") })
      : h("p", { class: "attempt-outcome danger-text" }, [h("strong", { text: `${errorTitle(error.class)}. ` }), h("span", { dir: "auto", text: asSentence(error.detail) })]),
    makeTimings(timings_ms),
    facts([
      ...(attempt.address === null ? [] : [/** @type {[string, Node]} */ ([t("attempt_address"), h("bdi", { dir: "ltr", text: attempt.address })])]),
      ...(attempt.next_due_at === null ? [] : [/** @type {[string, string]} */ ([t("attempt_next"), fullTime(attempt.next_due_at)])]),
    ]),
    headers.length === 0
      ? null
      : h("details", { class: "attempt-more" }, [
          h("summary", { text: t("attempt_headers", { count: headers.length }) }),
          rawText(t("attempt_headers", { count: headers.length }), headers.map(([name, value]) => `${name}: ${value}`).join("\n")),
        ]),
    http_status === null || body === null
      ? null
      : body === ""
        ? h("p", { class: "field-hint", text: t("attempt_body_empty") })
        : h("div", { class: "attempt-body" }, [h("p", { class: "attempt-label", text: t("attempt_body") }), rawText(t("attempt_body"), body)]),
  ]);
}

/** @param {import("../../net/webhook-wire.js").Timings} timings */
function makeTimings(timings) {
  const parts = partsOf(timings);
  const bar = h("div", { class: "timing-bar", "aria-hidden": "true" });
  for (const { part, ms } of parts) {
    const piece = h("span", { "data-part": part });
    piece.style.flexGrow = String(ms);
    bar.append(piece);
  }
  const rows = [...parts.map(({ part, ms }) => ({ part, label: t(`attempt_part_${part}`), ms })), { part: "total", label: t("attempt_part_total"), ms: timings.total }];
  return h("div", { class: "timings", role: "group", "aria-label": t("attempt_timings") }, [
    bar,
    h("dl", {}, rows.map(({ part, label, ms }) => h("div", { "data-part": part }, [h("dt", { text: label }), h("dd", { text: millis(ms) })]))),
  ]);
}
