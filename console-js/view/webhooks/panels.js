// What is done with a webhook and needs a word before: a test, another secret, a replay. Each is a card that opens below the buttons.
//
// Guarantees: what was refused stands at its field. How far a replay is stands in replays.js, which every visit of the page shows.

import { writeSettings } from "../../app/router.js";
import { Problem } from "../../net/api.js";
import { complaintsOf, instantOf, TEST_EVENT } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { h, say } from "../dom.js";
import { fillSelect } from "../parts.js";
import { makeAttempt } from "./attempt.js";
import { attempt, choice, field, once, troubleLine, withNames } from "./parts.js";

/** @typedef {{element: HTMLElement, heading: HTMLElement}} Panel */

const OVERLAP_HOURS = 24;
const OVERLAP_HOURS_MAX = 168;
const ONLY = /** @type {const} */ (["failed", "missing", "all"]);

/**
 * @param {string} name
 * @param {string} title
 * @param {string} lead
 * @param {(Node|null)[]} children
 */
function panel(name, title, lead, children) {
  const heading = h("h3", { id: `${name}-title`, tabindex: "-1", text: title });
  return { heading, element: h("section", { class: "card panel", "data-panel": name, "aria-labelledby": heading.id }, [heading, h("p", { class: "panel-lead", text: lead }), ...children]) };
}

/**
 * @param {import("./index.js").Context} context
 * @param {string} id
 * @param {import("../../net/webhook-wire.js").EventType[]} types
 * @param {() => void} on_done
 * @returns {Panel}
 */
export function makeTest(context, id, types, on_done) {
  const event = h("select", { id: "test-event" });
  fillSelect(event, types.map((type) => ({ value: type.event, label: type.event })), TEST_EVENT);
  const about = h("p", { class: "field-hint" });
  const submit = h("button", { type: "submit", class: "button primary", text: t("test_send") });
  const trouble = troubleLine();
  const said = h("p", { class: "panel-said", role: "status" });
  const result = h("div", { class: "panel-result" });
  const form = h("form", { class: "panel-form" }, [field(t("test_event"), event).element, about, h("div", { class: "form-actions" }, [submit])]);
  const describe = () => about.replaceChildren(...withNames(types.find((type) => type.event === event.value)?.description ?? ""));
  describe();
  context.scope.listen(event, "change", describe);
  context.scope.listen(form, "submit", (submitted) => {
    submitted.preventDefault();
    void once(submit, async () => {
      say(trouble, "");
      result.replaceChildren();
      say(said, t("test_sending"));
      await attempt(context, async () => {
        const tried = await context.api.test(id, event.value, context.scope.signal);
        say(said, t(tried.delivered ? "test_delivered" : "test_failed"));
        result.replaceChildren(makeAttempt(tried), h("a", { href: writeSettings("delivery", id, tried.delivery_id), text: t("test_open") }));
        on_done();
      }, (words) => {
        say(said, "");
        say(trouble, words);
      });
    });
  });
  return panel("test", t("test_title"), t("test_lead"), [form, trouble, said, result]);
}

/**
 * @param {import("./index.js").Context} context
 * @param {string} id
 * @param {(fresh: import("./index.js").FreshSecret) => void} on_secret
 * @returns {Panel}
 */
export function makeRotate(context, id, on_secret) {
  const hours = field(t("rotate_hours"), h("input", { id: "rotate-hours", type: "number", min: 0, max: OVERLAP_HOURS_MAX, step: 1, value: OVERLAP_HOURS, required: true, inputmode: "numeric" }), t("rotate_hours_hint"));
  const submit = h("button", { type: "submit", class: "button primary", text: t("rotate_submit") });
  const trouble = troubleLine();
  const form = h("form", { class: "panel-form", novalidate: true }, [hours.element, h("div", { class: "form-actions" }, [submit])]);
  context.scope.listen(form, "submit", (event) => {
    event.preventDefault();
    void once(submit, async () => {
      say(trouble, "");
      hours.complain(hours.input.validity.valid ? "" : t("rotate_hours_wrong"));
      if (!hours.input.validity.valid) return hours.input.focus();
      await attempt(context, async () => {
        const made = await context.api.rotate(id, Number(hours.input.value), context.scope.signal);
        on_secret({ secret: made.secret, previous_secret_until: made.previous_secret_until, rotated: true });
      }, (words, error) => refuse(words, error, { "/overlap_hours": hours }, trouble));
    });
  });
  return panel("rotate", t("rotate_title"), t("rotate_lead"), [form, trouble]);
}

/**
 * @param {import("./index.js").Context} context
 * @param {string} id
 * @param {(begun: import("../../net/webhook-wire.js").Replay) => void} on_begun
 * @returns {Panel}
 */
export function makeReplay(context, id, on_begun) {
  const from = field(t("replay_from"), h("input", { id: "replay-from", type: "datetime-local" }), t("replay_from_hint"));
  const to = field(t("replay_to"), h("input", { id: "replay-to", type: "datetime-local" }), t("replay_to_hint"));
  const only = ONLY.map((value) => {
    const input = h("input", { type: "radio", name: "replay-only", id: `replay-${value}`, value });
    input.checked = value === "failed";
    return { input, element: choice(input, t(`replay_only_${value}`)) };
  });
  const submit = h("button", { type: "submit", class: "button primary", text: t("replay_submit") });
  const trouble = troubleLine();
  const form = h("form", { class: "panel-form", novalidate: true }, [
    h("div", { class: "field-pair" }, [from.element, to.element]),
    h("fieldset", {}, [h("legend", { text: t("replay_only") }), ...only.map(({ element }) => element)]),
    h("div", { class: "form-actions" }, [submit]),
  ]);
  const said = h("p", { class: "panel-said", role: "status" });
  context.scope.listen(form, "submit", (event) => {
    event.preventDefault();
    void once(submit, async () => {
      say(trouble, "");
      say(said, "");
      for (const one of [from, to]) one.complain("");
      const body = {
        from: instantOf(from.input.value),
        to: instantOf(to.input.value),
        only: only.find(({ input }) => input.checked)?.input.value ?? "failed",
      };
      await attempt(context, async () => {
        const begun = await context.api.startReplay(id, body, context.scope.signal);
        say(said, t("replay_begun"));
        on_begun(begun);
      }, (words, error) => refuse(words, error, { "/from": from, "/to": to }, trouble));
    });
  });
  return panel("replay", t("replay_title"), t("replay_lead"), [form, trouble, said]);
}

/**
 * Puts what was refused at its field, and the rest in one line.
 * @param {string} words
 * @param {unknown} error
 * @param {Record<string, ReturnType<typeof field>>} fields by pointer
 * @param {HTMLElement} trouble
 */
function refuse(words, error, fields, trouble) {
  if (!(error instanceof Problem) || error.errors.length === 0) return say(trouble, words);
  const { byField, rest } = complaintsOf(error, Object.keys(fields));
  for (const [pointer, one] of Object.entries(fields)) one.complain(byField[pointer] ?? "");
  const first = Object.keys(byField)[0];
  if (first !== undefined) fields[first]?.input.focus();
  say(trouble, rest.join(" "));
}
