// The catalogue of events as a choice: all, everything about one thing, or single ones, each with what it says of itself.
//
// Guarantees: what a wider choice covers is ticked and cannot be taken out of it; the answer holds no pattern that another one covers.

import { covers, groupsOf, tidyPatterns } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { h, say, set } from "../dom.js";
import { choice, rawText, withNames } from "./parts.js";

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {import("../../net/webhook-wire.js").EventType[]} types
 * @param {string[]} chosen patterns
 */
export function makePicker(scope, types, chosen) {
  /** @type {HTMLInputElement[]} */
  const boxes = [];
  /** What was ticked by hand, whatever covers it now. */
  let patterns = new Set(chosen);
  /** @param {string} pattern */
  const box = (pattern) => {
    const input = h("input", { type: "checkbox", id: `event-${pattern}`, value: pattern });
    boxes.push(input);
    return input;
  };
  const trouble = h("p", { class: "form-trouble", id: "events-trouble" });
  const all = choice(box("*"), t("form_all"), [t("form_all_hint")]);
  const groups = groupsOf(types).map(({ resource, types: own }) => {
    const whole = choice(box(`${resource}.*`), t("form_group", { resource }));
    whole.classList.add("choice-group");
    return h("div", { class: "event-group", role: "group", "aria-label": resource }, [whole, ...own.map((type) => entry(type, box(type.event)))]);
  });
  const element = h("fieldset", { class: "events", "aria-describedby": trouble.id }, [h("legend", { text: t("form_events") }), trouble, all, h("div", { class: "event-groups" }, groups)]);

  function render() {
    for (const input of boxes) {
      const covered = [...patterns].some((pattern) => pattern !== input.value && covers(pattern, input.value));
      input.checked = covered || patterns.has(input.value);
      input.disabled = covered;
    }
  }
  scope.listen(element, "change", (event) => {
    if (!(event.target instanceof HTMLInputElement)) return;
    if (event.target.checked) patterns.add(event.target.value);
    else patterns = new Set([...patterns].filter((pattern) => pattern !== (/** @type {HTMLInputElement} */ (event.target)).value));
    render();
  });
  render();

  return {
    element,
    value: () => tidyPatterns([...patterns]),
    focus: () => boxes[0]?.focus(),
    /** @param {string} words */
    complain(words) {
      say(trouble, words);
      set(element, "data-invalid", words === "" ? null : "yes");
    },
  };
}

/**
 * @param {import("../../net/webhook-wire.js").EventType} type
 * @param {HTMLInputElement} input
 */
function entry(type, input) {
  const line = choice(input, type.event, withNames(type.description));
  line.classList.add("choice-event");
  return h("div", { class: "event-entry" }, [
    line,
    h("details", { class: "event-example" }, [
      h("summary", { "aria-label": t("form_example", { event: type.event }), text: t("form_example_short") }),
      rawText(t("form_example", { event: type.event }), JSON.stringify(type.example, null, 2)),
    ]),
  ]);
}
