// What the contact's panel reckons: where a visitor was last seen, which attributes there are besides, and what of its form is sent.
//
// Guarantees: pure. An attribute that nobody touched keeps its value as it is, also where that is no text.

import { t } from "../locale/index.js";

/** @typedef {import("../net/wire.js").Contact} Contact */
/** @typedef {{name: string, value: string}} Attribute */
/** @typedef {{name: string, email: string, phone: string, attributes: Attribute[]}} ContactForm */

/** What the widget tells of a visitor's page and browser (src/http/widget/fields.rs keeps it among the attributes). */
const VISIT = /** @type {const} */ (["page_url", "title", "referrer", "user_agent"]);

/** Where the contact was on the site when it was last there: text by text, with a link where it is an address of the web. @param {Contact} contact */
export function visitOf({ custom_attributes: attributes = {} }) {
  return VISIT.flatMap((name) => {
    const text = attributes[name];
    if (typeof text !== "string" || text === "") return [];
    return [{ name, label: t(`contact_visit_${name}`), text: name === "user_agent" ? browserWords(text) : text, href: name === "page_url" || name === "referrer" ? webAddress(text) : null }];
  });
}

/** Browsers and systems as people call them, in the order in which one is told from those that also claim to be it. @type {[RegExp, string][]} */
const BROWSERS = [
  [/\bEdg(?:e|A|iOS)?\/(\d+)/, "Edge"], [/\bOPR\/(\d+)/, "Opera"], [/\bSamsungBrowser\/(\d+)/, "Samsung Internet"], [/\b(?:Firefox|FxiOS)\/(\d+)/, "Firefox"],
  [/(?:Chrome|CriOS)\/(\d+)/, "Chrome"], [/\bVersion\/(\d+)[.\d]* .*Safari\//, "Safari"],
];
/** @type {[RegExp, string][]} */
const SYSTEMS = [[/\bWindows\b/, "Windows"], [/\bAndroid\b/, "Android"], [/\b(?:iPhone|iPad)\b/, "iOS"], [/\bMac OS X\b/, "macOS"], [/\bCrOS\b/, "ChromeOS"], [/\bLinux\b/, "Linux"]];

/** The browser in words; what is not known, as it tells of itself. @param {string} user_agent */
export function browserWords(user_agent) {
  const browser = BROWSERS.find(([pattern]) => pattern.test(user_agent));
  if (!browser) return user_agent;
  const system = SYSTEMS.find(([pattern]) => pattern.test(user_agent));
  return [`${browser[1]} ${browser[0].exec(user_agent)?.[1] ?? ""}`.trim(), ...(system ? [system[1]] : [])].join(", ");
}

/** The address, if it is one of the web: what a page tells of itself may be anything. @param {string} text @returns {string|null} */
export function webAddress(text) {
  if (!URL.canParse(text)) return null;
  const { protocol, href } = new URL(text);
  return protocol === "https:" || protocol === "http:" ? href : null;
}

/** The attributes besides those of the visit, as texts. @param {Contact} contact @returns {Attribute[]} */
export function attributesOf({ custom_attributes: attributes = {} }) {
  return Object.entries(attributes)
    .filter(([name]) => !VISIT.some((known) => known === name))
    .map(([name, value]) => ({ name, value: textOf(value) }));
}

/** @param {unknown} value */
function textOf(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** @param {Contact} contact @returns {ContactForm} */
export function contactForm(contact) {
  return { name: contact.name ?? "", email: contact.email ?? "", phone: contact.phone ?? "", attributes: attributesOf(contact) };
}

/**
 * What the server is asked to change; null if nothing is.
 * @param {Contact} before
 * @param {ContactForm} form
 * @returns {import("../net/api.js").ContactPatch|null}
 */
export function contactChanges(before, form) {
  const was = contactForm(before);
  /** @type {Record<string, unknown>} a null removes the name */
  const attributes = {};
  for (const { name } of was.attributes) {
    if (!form.attributes.some((one) => one.name === name)) attributes[name] = null;
  }
  for (const { name, value } of form.attributes) {
    const known = was.attributes.find((one) => one.name === name);
    if (known?.value !== value) attributes[name] = value;
  }
  const patch = {
    ...(form.name === was.name ? {} : { name: form.name || null }),
    ...(form.email === was.email ? {} : { email: form.email || null }),
    ...(form.phone === was.phone ? {} : { phone: form.phone || null }),
    ...(Object.keys(attributes).length === 0 ? {} : { custom_attributes: attributes }),
  };
  return Object.keys(patch).length > 0 ? patch : null;
}

/** A name that stands in two rows: one of their values would be lost. @param {Attribute[]} attributes @returns {string|null} */
export function twice(attributes) {
  const names = attributes.map(({ name }) => name);
  return names.find((name, place) => names.indexOf(name) < place) ?? null;
}
