// What the pages of channels reckon: names and states in words, which fields a form asks for, and what it sends.
//
// Guarantees: pure; texts come from the table of sentences. A kind, provider or state that a later server adds is shown by its own name.

import { t } from "../locale/index.js";

/** @typedef {import("../net/channel-wire.js").Provider} Provider */
/** @typedef {import("../net/channel-wire.js").Channel} Channel */
/** @typedef {import("../net/channel-wire.js").CredentialField} CredentialField */
/** What can be connected: a kind, and where its provider has several, the vendor. @typedef {{kind: string, provider: string, vendor: string|null, label: string}} Choice */

const KINDS = /** @type {const} */ (["widget", "whatsapp", "messenger", "instagram", "sms", "slack", "dialpad", "email"]);
const STATUSES = /** @type {const} */ (["connected", "degraded", "disconnected"]);
const ACCOUNT_STATUSES = /** @type {const} */ (["unchecked", "working", "failing"]);
const ADDRESSED = /** @type {const} */ (["whatsapp", "messenger", "instagram", "sms", "slack", "dialpad"]);
const ABILITIES = /** @type {const} */ (["templates", "reactions", "edits", "files", "delivery_receipts", "read_receipts", "read_marks", "typing"]);
/** How vendors write themselves. */
const VENDORS = new Map([["twilio", "Twilio"], ["vonage", "Vonage"], ["telnyx", "Telnyx"], ["messagebird", "MessageBird"], ["plivo", "Plivo"], ["instagram", "Instagram login"]]);
/** Which colour a state has; see `standingMark`. @type {Record<string, string>} */
const STANDINGS = { connected: "enabled", working: "enabled", degraded: "failing", failing: "failed", disconnected: "disabled", unchecked: "pending" };

/** @param {string} kind also a provider's name: they are spelt alike */
export function kindWords(kind) {
  const known = KINDS.find((name) => name === kind);
  return known ? t(`kind_${known}`) : kind;
}

/** @param {string} vendor */
export function vendorWords(vendor) {
  return VENDORS.get(vendor) ?? vendor;
}

/** @param {{provider: string, vendor: string|null}} of */
export function providerWords({ provider, vendor }) {
  return vendor === null ? kindWords(provider) : `${kindWords(provider)}, ${vendorWords(vendor)}`;
}

/** @param {string} status of a channel or an account */
export function stateWords(status) {
  const channel = STATUSES.find((name) => name === status);
  if (channel) return t(`channel_${channel}`);
  const account = ACCOUNT_STATUSES.find((name) => name === status);
  return account ? t(`account_${account}`) : status;
}

/** @param {string} status */
export function standingFor(status) {
  return STANDINGS[status] ?? "pending";
}

/** What is wrong with a channel, in a sentence; empty if nothing is. @param {Channel} channel */
export function troubleOf({ status, status_detail: detail }) {
  if (status === "connected") return "";
  return detail === null || detail === "" ? t("channel_detail_none") : sentence(detail);
}

/** @param {string} text */
export function sentence(text) {
  const capital = text.charAt(0).toLocaleUpperCase() + text.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}

/** All that can be connected, each kind with each of its vendors. @param {Provider[]} providers @returns {Choice[]} */
export function choicesOf(providers) {
  return providers.flatMap(({ provider, kinds, credentials }) =>
    kinds.flatMap(({ kind }) => credentials.map(({ vendor }) => ({ kind, provider, vendor, label: vendor === null ? kindWords(kind) : `${kindWords(kind)}, ${vendorWords(vendor)}` }))),
  );
}

/** @param {Provider[]} providers @param {{provider: string, vendor: string|null}} of @returns {CredentialField[]} */
export function fieldsOf(providers, of) {
  const known = providers.find(({ provider }) => provider === of.provider);
  return known?.credentials.find(({ vendor }) => vendor === of.vendor)?.fields ?? [];
}

/**
 * Where the way by consent begins; null where there is none: the provider has none, or the operator has not set it up. One that signs in
 * elsewhere (a vendor) has none either.
 * @param {Provider[]} providers
 * @param {{provider: string, vendor: string|null}} of
 */
export function consentOf(providers, of) {
  const install = providers.find(({ provider }) => provider === of.provider)?.install ?? null;
  return of.vendor === null && install !== null && install.missing.length === 0 ? install.path : null;
}

/** A key in lines does not fit into a field of one line. @param {CredentialField} field */
export function inLines({ name }) {
  return name.endsWith("private_key") || name.endsWith("public_key");
}

/** @param {string} kind */
export function addressHint(kind) {
  const known = ADDRESSED.find((name) => name === kind);
  return known ? t(`connect_address_${known}`) : "";
}

/**
 * What the server is asked to make.
 * @param {Choice} choice
 * @param {string} name
 * @param {Record<string, string>} values by field; empty ones are left out
 * @param {boolean} check
 */
export function credentialBody({ provider, vendor }, name, values, check) {
  const secrets = Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ""));
  return { provider, ...(vendor === null ? {} : { vendor }), name: name.trim(), secrets, ...(check ? {} : { check }) };
}

/** What such a channel can do, in sentences. @param {Provider[]} providers @param {string} kind @returns {string[]} */
export function abilitiesOf(providers, kind) {
  const found = providers.flatMap(({ kinds }) => kinds).find((one) => one.kind === kind);
  if (!found) return [];
  const { capabilities } = found;
  const hours = capabilities.reply_window_hours;
  const human = capabilities.human_window_hours;
  const window = hours === null ? t("channel_no_window") : t("channel_window", { count: hours });
  const can = ABILITIES.filter((name) => capabilities[name]).map((name) => t(`channel_can_${name}`));
  return [human === null ? window : `${window}; ${t("channel_human_window", { count: human })}`, ...(can.length === 0 ? [] : [capital(can.join(", "))])];
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
