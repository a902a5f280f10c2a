// Where the agent is, kept in the address's hash: `#/open`, `#/open/<conversation>`, or below `#/settings`.
//
// Guarantees: every place has one address, so back, forward, reload and a copied link work; an unknown address is "open", where
// a newcomer sees whatever there is.

import { partsOf, readView } from "../state/views.js";
import { readArea, writeArea } from "./settings-places.js";

/** @typedef {{view: import("../state/views.js").ViewName, id: string|null}} Place */

/**
 * A page of the settings.
 * @typedef {{page: "list"|"new", id: null, delivery_id: null} | {page: "webhook"|"edit", id: string, delivery_id: null}
 *   | {page: "delivery", id: string, delivery_id: string} | {page: "channels"|"channel-new", id: null, delivery_id: null}
 *   | {page: "channel"|"credential"|"install", id: string, delivery_id: null} | import("./settings-places.js").AreaPlace} SettingsPlace
 */

const SETTINGS = "#/settings/webhooks";
const CHANNELS = "#/settings/channels";
/** What stands in an address in place of a channel's id. The server leads to an install's page by its address. */
const ACCOUNTS = "accounts";
const INSTALLS = "installs";

/**
 * @param {string} hash
 * @returns {Place}
 */
export function readPlace(hash) {
  const [, name = "", id] = hash.replace(/^#/, "").split("/");
  const view = readView(decode(name)) ?? "open";
  return { view, id: id ? decode(id) : null };
}

/**
 * @param {Place} place
 * @returns {string}
 */
export function writePlace({ view, id }) {
  const { kind, name } = partsOf(view);
  const place = kind === "fixed" ? `#/${name}` : `#/${kind}:${encodeURIComponent(name)}`;
  return id === null ? place : `${place}/${encodeURIComponent(id)}`;
}

/**
 * @param {string} hash
 * @returns {SettingsPlace|null} null if it is the inbox's
 */
export function readSettings(hash) {
  const [start, name, ...rest] = hash.replace(/^#\//, "").split("/").map(decode);
  const [id, what, delivery_id] = rest;
  if (start === "settings" && name === "channels") return channelPlace(id, what);
  if (start !== "settings") return null;
  if (name !== "webhooks") return readArea(name, id);
  if (id === "new") return { page: "new", id: null, delivery_id: null };
  if (!id) return { page: "list", id: null, delivery_id: null };
  if (what === "edit") return { page: "edit", id, delivery_id: null };
  if (what === "deliveries" && delivery_id) return { page: "delivery", id, delivery_id };
  return { page: "webhook", id, delivery_id: null };
}

/**
 * @param {string|null|undefined} id
 * @param {string|null|undefined} account
 * @returns {SettingsPlace}
 */
function channelPlace(id, account) {
  if (!id) return { page: "channels", id: null, delivery_id: null };
  if (id === "new") return { page: "channel-new", id: null, delivery_id: null };
  if (id === INSTALLS) return account ? { page: "install", id: account, delivery_id: null } : { page: "channels", id: null, delivery_id: null };
  if (id !== ACCOUNTS) return { page: "channel", id, delivery_id: null };
  return account ? { page: "credential", id: account, delivery_id: null } : { page: "channels", id: null, delivery_id: null };
}

/**
 * @param {SettingsPlace["page"]} page
 * @param {string} [id]
 * @param {string} [delivery_id]
 * @returns {string}
 */
export function writeSettings(page, id = "", delivery_id = "") {
  const area = writeArea(page, id);
  if (area !== null) return area;
  if (page === "channels") return CHANNELS;
  if (page === "channel-new") return `${CHANNELS}/new`;
  if (page === "channel") return `${CHANNELS}/${encodeURIComponent(id)}`;
  if (page === "credential") return `${CHANNELS}/${ACCOUNTS}/${encodeURIComponent(id)}`;
  if (page === "install") return `${CHANNELS}/${INSTALLS}/${encodeURIComponent(id)}`;
  if (page === "list") return SETTINGS;
  if (page === "new") return `${SETTINGS}/new`;
  const webhook = `${SETTINGS}/${encodeURIComponent(id)}`;
  if (page === "edit") return `${webhook}/edit`;
  return page === "delivery" ? `${webhook}/deliveries/${encodeURIComponent(delivery_id)}` : webhook;
}

/**
 * Goes on to another address in the place of this one: a form that was sent is nothing to go back to.
 * @param {string} hash
 */
export function goOn(hash) {
  history.replaceState(null, "", hash);
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}

/**
 * Calls with the place now and whenever it changes, until the scope stops.
 * @param {import("./scope.js").Scope} scope
 * @param {(place: Place, settings: SettingsPlace|null) => void} on_place
 */
export function followPlace(scope, on_place) {
  const tell = () => on_place(readPlace(location.hash), readSettings(location.hash));
  scope.listen(window, "hashchange", tell);
  tell();
}

/**
 * Goes somewhere; opening one conversation after another does not fill the history.
 * @param {Place} place
 */
export function go(place) {
  const before = readPlace(location.hash);
  const hash = writePlace(place);
  if (hash === location.hash) return;
  if (before.id !== null && place.id !== null) {
    goOn(hash);
  } else {
    location.hash = hash;
  }
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
