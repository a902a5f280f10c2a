// The question when: a few times that people mean most often, and one of one's own.
//
// Guarantees: by keyboard alone; it changes nothing, it answers.

import { localOf, offeredTimes, thereWords, timeTrouble, whenWords } from "../state/later.js";
import { instantOf } from "../state/webhooks.js";
import { t } from "../locale/index.js";
import { ask } from "./dialogs.js";
import { h } from "./dom.js";
import { pick } from "./picker.js";
import { field } from "./webhooks/parts.js";

/** @typedef {import("../state/choices.js").Choice} Choice */

const OWN = "own";

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {{title: string, zone?: string|null, first?: Choice[], last?: Choice[]}} what `zone` is the other side's; `first` and `last` are offered
 *   beside the times and answered by their values
 * @returns {Promise<string|null>} an instant or one of those values; null if nothing was chosen
 */
export async function askWhen(scope, { title, zone = null, first = [], last = [] }) {
  const now_ms = Date.now();
  const times = offeredTimes(now_ms).map(({ name, at }) => ({
    value: at, label: t(`when_choice_${name}`), hint: [whenWords(at, now_ms), thereWords(at, zone)].filter((words) => words !== "").join(" · "), chosen: false,
  }));
  const own = { value: OWN, label: t("when_choice_own"), hint: "", chosen: false };
  const choice = await pick(scope, { title, choices: [...first, ...times, ...last, own], stacked: times.some(({ value }) => thereWords(value, zone) !== "") });
  if (choice === null) return null;
  return choice.value === OWN ? askTime(scope, title, times.find(({ label }) => label === t("when_choice_tomorrow"))?.value ?? new Date(now_ms).toISOString()) : choice.value;
}

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {string} title
 * @param {string} at what stands there at first
 * @returns {Promise<string|null>}
 */
export async function askTime(scope, title, at) {
  const time = field(t("when_field"), h("input", { type: "datetime-local", id: "when-own", value: localOf(at), required: true, step: "60" }), t("when_field_hint"));
  const answer = await ask(scope, {
    title,
    body: [time.element],
    actions: [{ value: "", label: t("dialog_cancel") }, { value: "yes", label: t("when_set"), kind: "primary" }],
    focus: time.input,
    async before(value) {
      if (value !== "yes") return true;
      const trouble = timeTrouble(instantOf(time.input.value), Date.now());
      time.complain(trouble);
      return trouble === "";
    },
  });
  return answer === "yes" ? instantOf(time.input.value) : null;
}
