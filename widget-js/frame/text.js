/**
 * Every sentence, number and time that a person sees, in their language.
 *
 * Guarantees: a language without a table falls back to English; the tables all have the same sentences (the type checker
 * sees to it). Times and counts come from `Intl`, so they follow the language's own rules.
 *
 * @import {Table} from './locale/en.js'
 */
import english from './locale/en.js';

/** @type {Record<string, () => Promise<{default: Table}>>} */
const TABLES = {
  en: () => Promise.resolve({ default: english }),
  de: () => import('./locale/de.js'),
  es: () => import('./locale/es.js'),
  ar: () => import('./locale/ar.js'),
};
const RIGHT_TO_LEFT = ['ar'];

/**
 * The first of the wanted languages that there is a table for.
 * @param {(string | undefined | null)[]} wanted BCP 47 tags, the most wanted first
 * @returns {string} the tag as it was wanted, or `en`
 */
export function pickLocale(wanted) {
  for (const tag of wanted) {
    const [language] = String(tag ?? '').toLowerCase().split(/[-_]/);
    if (language && Object.hasOwn(TABLES, language)) return validTag(String(tag), language);
  }
  return 'en';
}

/**
 * @param {string} tag
 * @param {string} fallback
 */
function validTag(tag, fallback) {
  try {
    return Intl.getCanonicalLocales(tag.replace('_', '-'))[0] ?? fallback;
  } catch {
    return fallback;
  }
}

/**
 * @param {string} locale from {@link pickLocale}
 */
export async function loadText(locale) {
  const language = locale.split('-')[0] ?? 'en';
  try {
    const table = await TABLES[language]?.();
    if (table) return createText(locale, table.default);
  } catch {
    // The table cannot be fetched just now: a chat in English is better than none.
  }
  return createText('en', english);
}

/**
 * @param {string} text
 * @param {Record<string, string>} values
 */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/**
 * @param {string} locale
 * @param {Table} table
 */
export function createText(locale, table) {
  const plural = new Intl.PluralRules(locale);
  const number = new Intl.NumberFormat(locale);
  const time = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' });
  const day = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

  /**
   * @typedef {{[Name in keyof Table]: Table[Name] extends string ? Name : never}[keyof Table]} Sentence
   * @typedef {Exclude<keyof Table, Sentence>} Counted
   */

  return {
    locale,
    direction: RIGHT_TO_LEFT.includes(locale.split('-')[0] ?? '') ? 'rtl' : 'ltr',

    /**
     * @param {Sentence} name
     * @param {Record<string, string>} [values]
     */
    say: (name, values = {}) => fill(table[name], values),

    /**
     * @param {Counted} name
     * @param {number} n
     */
    count(name, n) {
      /** @type {Record<string, string>} */
      const forms = table[name];
      return fill(forms[plural.select(n)] ?? forms.other ?? '', { n: number.format(n) });
    },

    /** @param {number} at */
    time: (at) => time.format(at),

    /**
     * @param {number} at
     * @param {number} now
     */
    day(at, now) {
      const days = Math.round((startOfDay(at) - startOfDay(now)) / 86_400_000);
      const words = days === 0 || days === -1 ? relative.format(days, 'day') : day.format(at);
      return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1);
    },

    /** @param {number} ms how long, in the largest unit that says it well */
    span(ms) {
      const seconds = Math.max(1, Math.ceil(ms / 1000));
      const [value, unit] = seconds < 100 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
      return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
    },

    /** @param {number} bytes */
    size(bytes) {
      const [value, unit] = bytes < 1e6 ? [bytes / 1e3, 'kilobyte'] : [bytes / 1e6, 'megabyte'];
      const digits = unit === 'megabyte' ? 1 : 0;
      return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: digits })
        .format(Math.max(value, 1));
    },

    /** @param {number} part from 0 to 1 */
    percent: (part) => new Intl.NumberFormat(locale, { style: 'percent' }).format(part),
  };
}

/** @param {number} at */
function startOfDay(at) {
  const day = new Date(at);
  day.setHours(0, 0, 0, 0);
  // Counted in UTC, so that a day of 23 or 25 hours is one day, too.
  return Date.UTC(day.getFullYear(), day.getMonth(), day.getDate());
}

/** @typedef {ReturnType<typeof createText>} Text */
