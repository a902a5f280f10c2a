// What the page of routing reckons: minutes for people, milliseconds for the server, and what of a form is sent.
//
// Guarantees: pure; a time that is no whole number of minutes is not rounded away by a save that did not touch it.

import { t } from "../locale/index.js";

/** @typedef {import("../net/settings-wire.js").Routing} Routing */
/** @typedef {{mode: string, when_away: string, capacity: string, minutes: string}} RoutingForm */

const MINUTE_MS = 60_000;
const CAPACITY_MAX = 1000;
const MINUTES_MAX = 24 * 60;

/** @param {Routing} routing @returns {RoutingForm} */
export function routingForm({ mode, when_away, capacity, away_after_ms }) {
  return { mode, when_away, capacity: String(capacity), minutes: String(Math.max(1, Math.round(away_after_ms / MINUTE_MS))) };
}

/** What the form says after a save: what the server answers, in the form's words. @param {Routing} after @param {RoutingForm} form @returns {RoutingForm} */
export function fillRouting(after, form) {
  return { ...form, ...routingForm(after) };
}

/**
 * What is sent; null for nothing.
 * @param {Routing} before
 * @param {RoutingForm} form
 */
export function routingChanges(before, form) {
  const was = routingForm(before);
  const changes = {
    ...(form.mode === was.mode ? {} : { mode: form.mode }),
    ...(form.when_away === was.when_away ? {} : { when_away: form.when_away }),
    ...(form.capacity === was.capacity ? {} : { capacity: Number(form.capacity) }),
    ...(form.minutes === was.minutes ? {} : { away_after_ms: Number(form.minutes) * MINUTE_MS }),
  };
  return Object.keys(changes).length > 0 ? changes : null;
}

/** What the page itself can tell is wrong, by pointer. @param {RoutingForm} form @returns {Record<string, string>} */
export function routingTrouble({ capacity, minutes }) {
  return {
    ...(isWhole(capacity, 1, CAPACITY_MAX) ? {} : { "/capacity": t("number_between", { min: 1, max: CAPACITY_MAX }) }),
    ...(isWhole(minutes, 1, MINUTES_MAX) ? {} : { "/away_after_ms": t("number_between", { min: 1, max: MINUTES_MAX }) }),
  };
}

/** What is wrong with how much a member takes on; empty for as much as everybody. @param {string} capacity */
export function capacityTrouble(capacity) {
  return capacity === "" || isWhole(capacity, 0, CAPACITY_MAX) ? "" : t("number_between", { min: 0, max: CAPACITY_MAX });
}

/** @param {string} text @param {number} min @param {number} max */
function isWhole(text, min, max) {
  return /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max;
}
