// One delivery: what is sent, every attempt, and sending it again.
//
// Guarantees: while it waits for an attempt the page follows it; what a receiver answered is text.

import { writeSettings } from "../../app/router.js";
import { fullTime } from "../../state/format.js";
import { dueWords, statusWords } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { h, reconcile, say, set, show } from "../dom.js";
import { makeAttempt } from "./attempt.js";
import { attempt, facts, load, onPress, pageHead, rawText, standingMark, troubleLine } from "./parts.js";

/** @typedef {import("../../net/webhook-wire.js").WholeDelivery} WholeDelivery */

const FOLLOW_MS = 1000;

/**
 * @param {import("./index.js").Context} context
 * @param {string} id
 * @param {string} delivery_id
 */
export function openDelivery(context, id, delivery_id) {
  const { scope, api, body, notify } = context;
  const mark = h("span");
  const retry = h("button", { type: "button", class: "button primary", text: t("delivery_retry") });
  const head = pageHead(t("deliveries_title"), { href: writeSettings("webhook", id), label: t("delivery_back") }, [mark, retry]);
  show(retry, false);
  body.append(head.element);

  void load(context, (signal) => Promise.all([api.delivery(id, delivery_id, signal), api.get(id, signal)]), ([first, hook]) => {
    let shown = first;
    const trouble = troubleLine();
    const about = h("div", { class: "card" });
    const attempts = h("div", { class: "attempts" });
    const none = h("p", { class: "quiet-line", text: t("delivery_attempts_empty") });
    const older = h("p", { class: "field-hint" });
    body.append(trouble, about, h("h3", { class: "settings-subtitle", text: t("delivery_attempts_title") }), none, attempts, older, payloadOf(first));
    say(head.heading, t("delivery_title", { event: first.event }));
    show(retry, true);

    const render = () => {
      mark.replaceChildren(standingMark(shown.status, statusWords(shown.status)));
      set(retry, "disabled", shown.status === "pending");
      about.replaceChildren(factsOf(shown, hook.status === "enabled"));
      show(none, shown.attempts.length === 0);
      reconcile(attempts, [...shown.attempts].reverse(), { key: ({ number }) => String(number), make: makeAttempt, update: () => {} });
      show(older, shown.attempt_count > shown.attempts.length);
      say(older, t("delivery_attempts_older", { count: shown.attempts.length }));
    };
    let reading = false;
    const follow = async () => {
      if (reading || document.hidden || shown.status !== "pending") return;
      reading = true;
      await attempt(context, async () => {
        shown = await api.delivery(id, delivery_id, scope.signal);
        say(trouble, "");
        render();
      }, (words) => say(trouble, t("hook_stale_refresh", { reason: words })));
      reading = false;
    };
    onPress(scope, retry, () =>
      attempt(context, async () => {
        shown = await api.retry(id, delivery_id, scope.signal);
        say(trouble, "");
        notify(t("delivery_retried"));
        render();
        // The button rests now; the focus goes where the news will be.
        head.heading.focus();
      }, (words) => say(trouble, words)));
    scope.every(FOLLOW_MS, () => void follow());
    render();
  });
}

/** @param {WholeDelivery} delivery @param {boolean} enabled */
function factsOf(delivery, enabled) {
  const due = delivery.status === "pending" ? delivery.next_due_at : null;
  return facts([
    [t("delivery_at"), h("time", { datetime: delivery.created_at, text: fullTime(delivery.created_at) })],
    ...(due === null ? [] : [/** @type {[string, string]} */ ([t("delivery_next"), enabled ? `${fullTime(due)} (${dueWords(due, Date.now())})` : t("delivery_rests_long")])]),
    [t("delivery_id"), h("code", { text: delivery.id })],
    [t("delivery_event_id"), h("code", { text: delivery.event_id })],
  ]);
}

/** @param {WholeDelivery} delivery */
function payloadOf({ payload }) {
  if (payload === null) return h("p", { class: "field-hint", text: t("delivery_payload_gone") });
  return h("details", { class: "payload" }, [h("summary", { text: t("delivery_payload") }), rawText(t("delivery_payload"), JSON.stringify(payload, null, 2))]);
}
