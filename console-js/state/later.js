// Times ahead that people choose: when a conversation comes back, when a message is sent.
//
// Guarantees: pure; the clock is given; times are the reader's own, in the reader's own days, also where clocks are put forward or back.

import { language, t } from "../locale/index.js";
import { clockTime, dayKey } from "./format.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** "Later today" is so much later, at a round time. */
const LATER_MS = 3 * HOUR_MS;
const ROUND_MS = 15 * MINUTE_MS;
const MORNING_HOUR = 9;
const MONDAY = 1;
/** The server looks no further ahead. */
export const AHEAD_MS_MAX = 365 * DAY_MS;

const weekday_format = new Intl.DateTimeFormat(language, { weekday: "short", hour: "2-digit", minute: "2-digit" });
const date_format = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const year_format = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });

/**
 * The times that are offered, each with its name; none is offered twice.
 * @param {number} now_ms
 * @returns {{name: "today"|"tomorrow"|"week", at: string}[]}
 */
export function offeredTimes(now_ms) {
  const today_ms = Math.ceil((now_ms + LATER_MS) / ROUND_MS) * ROUND_MS;
  const iso = (/** @type {number} */ ms) => new Date(ms).toISOString();
  const tomorrow_ms = morning(now_ms, 1);
  const weekday = new Date(now_ms).getDay();
  const week_ms = morning(now_ms, (MONDAY - weekday + 7) % 7 || 7);
  return [
    ...(dayKey(iso(today_ms)) === dayKey(iso(now_ms)) ? [{ name: /** @type {const} */ ("today"), at: iso(today_ms) }] : []),
    { name: "tomorrow", at: iso(tomorrow_ms) },
    ...(week_ms === tomorrow_ms ? [] : [{ name: /** @type {const} */ ("week"), at: iso(week_ms) }]),
  ];
}

/** @param {number} now_ms @param {number} days ahead */
function morning(now_ms, days) {
  const at = new Date(now_ms);
  at.setDate(at.getDate() + days);
  return at.setHours(MORNING_HOUR, 0, 0, 0);
}

/**
 * A time ahead as people say it.
 * @param {string} at
 * @param {number} now_ms
 */
export function whenWords(at, now_ms) {
  const key = dayKey(at);
  if (key === dayKey(new Date(now_ms).toISOString())) return t("when_today", { time: clockTime(at) });
  if (key === dayKey(new Date(morning(now_ms, 1)).toISOString())) return t("when_tomorrow", { time: clockTime(at) });
  const ahead_ms = Date.parse(at) - now_ms;
  if (ahead_ms > 0 && ahead_ms < 6 * DAY_MS) return weekday_format.format(new Date(at));
  return (new Date(at).getFullYear() === new Date(now_ms).getFullYear() ? date_format : year_format).format(new Date(at));
}

/**
 * The time zone that a contact is in, where a site or a program has told it.
 * @param {import("../net/wire.js").Contact|undefined} contact
 * @returns {string|null} a name of the IANA's
 */
export function zoneOf(contact) {
  const zone = contact?.custom_attributes?.["timezone"];
  if (typeof zone !== "string" || zone === "") return null;
  try {
    return new Intl.DateTimeFormat(language, { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    // Whatever that is, no clock goes by it.
    return null;
  }
}

/**
 * What the clock says at the other side then; nothing where it says the same as here.
 * @param {string} at
 * @param {string|null} zone
 */
export function thereWords(at, zone) {
  if (zone === null) return "";
  const there = new Intl.DateTimeFormat(language, { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit" }).format(new Date(at));
  return there === weekday_format.format(new Date(at)) ? "" : t("when_there", { time: there });
}

/** As a field for date and time wants it. @param {string} at */
export function localOf(at) {
  const date = new Date(at);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/**
 * What is wrong with a time that was typed; empty if nothing is.
 * @param {string|null} at
 * @param {number} now_ms
 */
export function timeTrouble(at, now_ms) {
  if (at === null) return t("when_missing");
  const ahead_ms = Date.parse(at) - now_ms;
  if (ahead_ms <= 0) return t("when_past");
  return ahead_ms > AHEAD_MS_MAX ? t("when_far") : "";
}
