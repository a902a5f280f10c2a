// Where the agent is, kept in the address's hash: `#/open`, `#/open/<conversation>`, or below `#/settings/webhooks`.
//
// Guarantees: every place has one address, so back, forward, reload and a copied link work; an unknown address is "open", where
// a newcomer sees whatever there is.

/** @typedef {{view: import("../state/model.js").ViewName, id: string|null}} Place */

/**
 * A page of the settings.
 * @typedef {{page: "list"|"new", id: null, delivery_id: null} | {page: "webhook"|"edit", id: string, delivery_id: null}
 *   | {page: "delivery", id: string, delivery_id: string}} SettingsPlace
 */

const SETTINGS = "#/settings/webhooks";
const VIEW_NAMES = /** @type {const} */ (["mine", "unassigned", "open", "resolved"]);

/**
 * @param {string} hash
 * @returns {Place}
 */
export function readPlace(hash) {
  const [, name, id] = hash.replace(/^#/, "").split("/");
  const view = VIEW_NAMES.find((known) => known === name) ?? "open";
  return { view, id: id ? decode(id) : null };
}

/**
 * @param {Place} place
 * @returns {string}
 */
export function writePlace({ view, id }) {
  return id === null ? `#/${view}` : `#/${view}/${encodeURIComponent(id)}`;
}

/**
 * @param {string} hash
 * @returns {SettingsPlace|null} null if it is the inbox's
 */
export function readSettings(hash) {
  const [start, name, ...rest] = hash.replace(/^#\//, "").split("/").map(decode);
  if (start !== "settings" || name !== "webhooks") return null;
  const [id, what, delivery_id] = rest;
  if (id === "new") return { page: "new", id: null, delivery_id: null };
  if (!id) return { page: "list", id: null, delivery_id: null };
  if (what === "edit") return { page: "edit", id, delivery_id: null };
  if (what === "deliveries" && delivery_id) return { page: "delivery", id, delivery_id };
  return { page: "webhook", id, delivery_id: null };
}

/**
 * @param {SettingsPlace["page"]} page
 * @param {string} [id]
 * @param {string} [delivery_id]
 * @returns {string}
 */
export function writeSettings(page, id = "", delivery_id = "") {
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
