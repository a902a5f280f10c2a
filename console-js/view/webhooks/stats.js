// The figures of one webhook.

import { clockTime, dayName } from "../../state/format.js";
import { dueWords, millis, number, percent } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { h } from "../dom.js";

/**
 * @param {import("../../net/webhook-wire.js").Stats} stats
 * @param {boolean} enabled
 * @param {number} now_ms
 * @returns {HTMLElement[]}
 */
export function statsOf(stats, enabled, now_ms) {
  const { success_rate: rate, attempts, latency_ms: latency, backlog, oldest_due_at: oldest, failing_since: failing } = stats;
  const answered = latency.p50 !== null;
  return [
    stat("success", t("hook_stat_success"), percent(rate), rate === null ? t("hook_stat_success_none") : t("hook_stat_success_of", { count: attempts })),
    stat("latency", t("hook_stat_latency"), answered ? t("hook_stat_latency_value", { p50: millis(latency.p50), p95: millis(latency.p95) }) : t("hook_stat_none"), t("hook_stat_latency_hint")),
    stat("backlog", t("hook_stat_backlog"), number(backlog), waitWords(oldest, enabled, now_ms)),
    stat("totals", t("hook_stat_totals"), t("hook_stat_totals_value", { delivered: number(stats.delivered), failed: number(stats.failed) }), t("hook_stat_totals_hint")),
    stat("failing", t("hook_stat_failing"), failing === null ? t("hook_stat_none") : clockTime(failing), failing === null ? t("hook_stat_failing_none") : dayName(failing, now_ms)),
  ];
}

/**
 * @param {string|null} oldest
 * @param {boolean} enabled
 * @param {number} now_ms
 */
function waitWords(oldest, enabled, now_ms) {
  if (oldest === null) return t("hook_stat_backlog_none");
  return enabled ? t("hook_stat_oldest", { due: dueWords(oldest, now_ms) }) : t("delivery_rests");
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string} value
 * @param {string} hint
 */
function stat(name, label, value, hint) {
  return h("div", { class: "stat", "data-stat": name }, [h("dt", { text: label }), h("dd", {}, [h("span", { class: "stat-value", text: value }), h("span", { class: "stat-hint", text: hint })])]);
}
