// Finds the sentence for a key.
//
// Guarantees: a missing language falls back to English; placeholders and plurals are filled by the reader's own rules. Keys
// are checked by the type checker, so a sentence cannot be missing at run time.

import { en } from "./en.js";

/** @typedef {keyof typeof en} Key */
/** @typedef {Partial<Record<Intl.LDMLPluralRule, string>> & {other: string}} Plural */

/** @type {Record<string, Record<Key, string|Plural>>} */
const TABLES = { en };

/** The language that is spoken: the first one of the reader's that has a table. */
export const language =
  (globalThis.navigator?.languages ?? []).map((name) => name.split("-")[0] ?? "").find((name) => name in TABLES) ?? "en";

/** Which way it is read. */
export const direction = ["ar", "fa", "he", "ur"].includes(language) ? "rtl" : "ltr";

/** @type {Record<Key, string|Plural>} */
const table = TABLES[language] ?? en;
const plurals = new Intl.PluralRules(language);

/**
 * @param {Key} key
 * @param {Record<string, string|number>} [values] `count` chooses the plural
 * @returns {string}
 */
export function t(key, values = {}) {
  /** @type {string|Plural} */
  const entry = table[key];
  const form = typeof entry === "string" ? entry : (entry[plurals.select(Number(values["count"] ?? 0))] ?? entry.other);
  return form.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
