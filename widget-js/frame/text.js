/**
 * Every sentence, number and time that a person sees, in their language. A language without a table falls back to English;
 * times and counts come from `Intl`, so they follow the language's own rules.
 */

/** @type {Record<string, () => Promise<{default: Table}>>} */
const TABLES = {
  en: () => import('./locale/en.js'),
  de: () => import('./locale/de.js'),
  es: () => import('./locale/es.js'),
  ar: () => import('./locale/ar.js'),
};
const RIGHT_TO_LEFT = ['ar'];
const DAY_MS = 86_400_000;

/** @param {string} tag */
const languageOf = (tag) => tag.toLowerCase().split(/[-_]/)[0] ?? '';

/** The first that there is a table for. @param {(string | undefined)[]} wanted language tags, the most wanted first */
export function pickLocale(wanted) {
  const tag = wanted.find((one) => one && Object.hasOwn(TABLES, languageOf(one))) ?? 'en';
  try {
    return Intl.getCanonicalLocales(tag.replace('_', '-'))[0] ?? 'en';
  } catch {
    return languageOf(tag);
  }
}

/** @param {string} locale from {@link pickLocale} */
export async function loadText(locale) {
  const load = TABLES[languageOf(locale)] ?? TABLES.en;
  return createText(locale, /** @type {{default: Table}} */ (await load?.()).default);
}

/** @param {string} text @param {Record<string, string>} values */
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** @param {string} locale @param {Table} table */
export function createText(locale, table) {
  const plural = new Intl.PluralRules(locale);
  const day = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
  const time = new Intl.DateTimeFormat(locale, { hour: 'numeric', minute: '2-digit' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

  /** @param {number} value @param {Intl.NumberFormatOptions} [options] */
  const number = (value, options) => new Intl.NumberFormat(locale, options).format(value);

  return {
    locale,
    direction: RIGHT_TO_LEFT.includes(languageOf(locale)) ? 'rtl' : 'ltr',
    /** @param {Sentence} name @param {Record<string, string>} [values] */
    say: (name, values = {}) => fill(table[name], values),
    /** @param {Counted} name @param {number} n */
    count: (name, n) => fill(table[name][plural.select(n)] ?? table[name].other, { n: number(n) }),
    /** @param {number} at */
    time: (at) => time.format(at),
    /** @param {number} at @param {number} now */
    day(at, now) {
      const days = Math.round((new Date(at).setHours(0, 0, 0, 0) - new Date(now).setHours(0, 0, 0, 0)) / DAY_MS);
      const words = days === 0 || days === -1 ? relative.format(days, 'day') : day.format(at);
      return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1);
    },
    /** @param {number} ms how long, in the unit that says it well */
    span(ms) {
      const seconds = Math.max(1, Math.ceil(ms / 1000));
      const style = /** @type {const} */ ({ style: 'unit', unitDisplay: 'long' });
      return seconds < 100
        ? number(seconds, { ...style, unit: 'second' })
        : number(Math.ceil(seconds / 60), { ...style, unit: 'minute' });
    },
    /** @param {number} bytes */
    size: (bytes) => (bytes < 1e6
      ? number(Math.max(1, bytes / 1e3), { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 })
      : number(bytes / 1e6, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 })),
    /** @param {number} part from 0 to 1 */
    percent: (part) => number(part, { style: 'percent' }),
  };
}
