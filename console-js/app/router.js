// Where the agent is, kept in the address's hash: `#/open` or `#/open/<conversation>`.
//
// Guarantees: every place has one address, so back, forward, reload and a copied link work; an unknown address is "open", where
// a newcomer sees whatever there is.

/** @typedef {{view: import("../state/model.js").ViewName, id: string|null}} Place */

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
 * Calls with the place now and whenever it changes, until the scope stops.
 * @param {import("./scope.js").Scope} scope
 * @param {(place: Place) => void} on_place
 */
export function followPlace(scope, on_place) {
  scope.listen(window, "hashchange", () => on_place(readPlace(location.hash)));
  on_place(readPlace(location.hash));
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
    history.replaceState(null, "", hash);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
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
