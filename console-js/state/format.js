// Times, sizes and names as a person reads them.
//
// Guarantees: pure; the clock is handed in; texts come from the table of sentences. Days are the reader's own days.

import { language, t } from "../locale/index.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const clock_format = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const day_format = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
const day_year_format = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: "numeric" });
const short_format = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
const full_format = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });

/**
 * How long ago, as short as a list wants it.
 * @param {string} at
 * @param {number} now_ms
 */
export function ago(at, now_ms) {
  const age_ms = now_ms - Date.parse(at);
  if (age_ms < MINUTE_MS) return t("time_now");
  if (age_ms < HOUR_MS) return t("time_minutes", { count: Math.floor(age_ms / MINUTE_MS) });
  if (age_ms < DAY_MS) return t("time_hours", { count: Math.floor(age_ms / HOUR_MS) });
  if (age_ms < 7 * DAY_MS) return t("time_days", { count: Math.floor(age_ms / DAY_MS) });
  return short_format.format(new Date(at));
}

/** @param {string} at */
export function clockTime(at) {
  return clock_format.format(new Date(at));
}

/** @param {string} at */
export function fullTime(at) {
  return full_format.format(new Date(at));
}

/** @param {string} at the reader's day, as a key */
export function dayKey(at) {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/**
 * @param {string} at
 * @param {number} now_ms
 */
export function dayName(at, now_ms) {
  const key = dayKey(at);
  if (key === dayKey(new Date(now_ms).toISOString())) return t("day_today");
  // Noon, so that the day before is the day before also where clocks are put forward.
  const noon = new Date(now_ms).setHours(12, 0, 0, 0);
  if (key === dayKey(new Date(noon - DAY_MS).toISOString())) return t("day_yesterday");
  const same_year = new Date(at).getFullYear() === new Date(now_ms).getFullYear();
  return (same_year ? day_format : day_year_format).format(new Date(at));
}

/** @param {number} bytes */
export function fileSize(bytes) {
  if (bytes < 1000) return t("size_bytes", { count: bytes });
  if (bytes < 1_000_000) return t("size_kb", { count: Math.round(bytes / 1000) });
  return t("size_mb", { count: (bytes / 1_000_000).toFixed(1) });
}

/**
 * Up to two letters for an avatar.
 * @param {string} name
 */
export function initials(name) {
  // Numbers begin alike; they differ at their ends.
  if (/^\+\d+$/.test(name)) return name.slice(-2);
  const words = name.replace(/@.*/, "").split(/[\s._-]+/).filter((word) => word !== "");
  const first = [...(words[0] ?? "?")][0] ?? "?";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toLocaleUpperCase(language);
}

/** How many colours avatars have (styles/parts.css). */
export const AVATAR_COLOURS = 8;

/**
 * The colour that somebody keeps.
 * @param {string} id
 */
export function avatarColour(id) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return sum % AVATAR_COLOURS;
}

/** @param {import("../net/wire.js").ContactBrief} contact */
export function contactName(contact) {
  return contact.name || contact.email || t("contact_visitor", { mark: contact.id.slice(-4) });
}

/**
 * A conversation's contact; whose name nobody knows is called by the number that the messages come from.
 * @param {Pick<import("../net/wire.js").Conversation, "contact"|"remote">} row
 * @returns {import("../net/wire.js").ContactBrief}
 */
export function contactOf({ contact, remote }) {
  const number = numberOf(remote?.address);
  return contact.name || contact.email || number === null ? contact : { ...contact, name: number };
}

/** @param {import("../net/wire.js").Address|undefined} address */
function numberOf(address) {
  if (address?.kind === "phone") return address.value;
  // WhatsApp writes numbers without the plus sign; its other ids are no numbers.
  return address?.kind === "whatsapp" && /^\d+$/.test(address.value) ? `+${address.value}` : null;
}

/** @param {string[]} names */
export function joinNames(names) {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : t("names_and", { first: names.slice(0, -1).join(", "), last });
}
