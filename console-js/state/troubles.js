// Webhooks that keep failing, or that the server has disabled: what the line above the inbox says of them.
//
// Guarantees: pure; what a member disabled by hand is no trouble. The list of webhooks is the truth; an event (`webhook.failing`,
// `webhook.disabled`) only comes before it. A trouble that was dismissed stays away until it is another one: the same webhook fails anew.

import { t } from "../locale/index.js";
import { fullTime } from "./format.js";
import { hookName } from "./webhooks.js";

/** @typedef {import("./model.js").State} State */
/** @typedef {import("./model.js").Trouble} Trouble */
/** @typedef {import("../net/webhook-wire.js").Webhook} Webhook */

/** What the server says of a webhook that a member disabled. */
export const BY_HAND = "disabled by hand";

/** @param {Webhook} hook @returns {Trouble|null} */
export function troubleOf({ id, url, description, status, disabled_reason, failing_since, warned_at }) {
  const about = { id, name: hookName({ url, description }), since: failing_since };
  if (status === "disabled") return disabled_reason === BY_HAND ? null : { ...about, standing: "disabled", reason: disabled_reason };
  // A receiver that was away for a moment is nobody's worry: the server says when it is.
  return warned_at === null ? null : { ...about, standing: "failing", reason: null };
}

/** What tells this trouble from the next one of the same webhook. @param {Trouble} trouble */
export function troubleKey({ id, standing, since }) {
  return `${id} ${standing} ${since ?? ""}`;
}

/** @param {State} state @returns {Trouble[]} what is to be shown, in the order of the webhooks */
export function troublesShown({ troubles, dismissed }) {
  return troubles.filter((trouble) => !dismissed.includes(troubleKey(trouble)));
}

/** @param {Trouble[]} troubles one at least */
export function troubleWords([first, ...more]) {
  if (first === undefined) return "";
  const { name, since, reason } = first;
  const words =
    first.standing === "disabled"
      ? t("trouble_disabled", { name, reason: (reason ?? "").replace(/\.$/, "") })
      : t("trouble_failing", { name, at: since === null ? "" : fullTime(since) });
  return more.length === 0 ? words : `${words} ${t("trouble_more", { count: more.length })}`;
}

/** The whole list was read. @param {State} state @param {Webhook[]} webhooks @returns {State} */
export function takeWebhooks(state, webhooks) {
  return withTroubles(state, webhooks.map(troubleOf).filter((trouble) => trouble !== null));
}

/** One of them was read. @param {State} state @param {Webhook} webhook @returns {State} */
export function takeWebhook(state, webhook) {
  return withTrouble(state, webhook.id, troubleOf(webhook));
}

/** One of them is gone. @param {State} state @param {string} id @returns {State} */
export function dropWebhook(state, id) {
  return withTrouble(state, id, null);
}

/** The server said so. @param {State} state @param {import("../net/wire.js").EventFrame} frame @returns {State} */
export function applyReport(state, { event, data }) {
  if (event !== "webhook.failing" && event !== "webhook.disabled") return state;
  const { id, failing_since: since, disabled_reason: reason } = data;
  return withTrouble(state, id, { id, name: hookName(data), standing: event === "webhook.disabled" ? "disabled" : "failing", since, reason });
}

/** @param {State} state @param {string} id @param {Trouble|null} trouble @returns {State} */
function withTrouble(state, id, trouble) {
  const known = state.troubles.some((other) => other.id === id);
  if (trouble === null) return withTroubles(state, state.troubles.filter((other) => other.id !== id));
  return withTroubles(state, known ? state.troubles.map((other) => (other.id === id ? trouble : other)) : [...state.troubles, trouble]);
}

/** @param {State} state @param {Trouble[]} troubles @returns {State} */
function withTroubles(state, troubles) {
  return JSON.stringify(troubles) === JSON.stringify(state.troubles) ? state : { ...state, troubles };
}
