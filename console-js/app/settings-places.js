// The settings' own addresses: `#/settings`, and the pages below it that are neither of channels nor of webhooks (app/router.js knows those).
//
// Guarantees: every page has one address, and an address that is none answers null. Which member may open a page is in state/permissions.js.

/**
 * @typedef {{page: "home"|"account"|"workspace"|"routing"|"audit"|"widgets"|"widget-new"|"members"|"member-new"|"tokens"|"token-new"|"canned"|"canned-new"|"labels"|"label-new"|"views"|"macros"|"macro-new"|"teams"|"team-new", id: null,
 *   delivery_id: null} | {page: "widget"|"member"|"token"|"canned-one"|"label-one"|"view-one"|"macro-one"|"team", id: string, delivery_id: null}} AreaPlace
 */

const SETTINGS = "#/settings";
const SINGLE = /** @type {const} */ (["account", "workspace", "routing", "audit"]);
/** Lists, each with the page that makes one and the page of one. */
const LISTS = /** @type {const} */ ({
  widgets: { make: "widget-new", one: "widget" },
  members: { make: "member-new", one: "member" },
  tokens: { make: "token-new", one: "token" },
  canned: { make: "canned-new", one: "canned-one" },
  labels: { make: "label-new", one: "label-one" },
  views: { make: null, one: "view-one" },
  macros: { make: "macro-new", one: "macro-one" },
  teams: { make: "team-new", one: "team" },
});
const NEW = "new";

/**
 * @param {string|null|undefined} name what follows `#/settings/`
 * @param {string|null|undefined} id
 * @returns {AreaPlace|null}
 */
export function readArea(name, id) {
  if (!name) return { page: "home", id: null, delivery_id: null };
  const single = SINGLE.find((known) => known === name);
  if (single) return { page: single, id: null, delivery_id: null };
  const list = /** @type {(keyof typeof LISTS)[]} */ (Object.keys(LISTS)).find((known) => known === name);
  if (!list) return null;
  if (!id) return { page: list, id: null, delivery_id: null };
  const { make, one } = LISTS[list];
  return id === NEW && make !== null ? { page: make, id: null, delivery_id: null } : { page: one, id, delivery_id: null };
}

/**
 * @param {string} page
 * @param {string} id
 * @returns {string|null} null if it is none of these
 */
export function writeArea(page, id) {
  if (page === "home") return SETTINGS;
  if (SINGLE.some((known) => known === page) || page in LISTS) return `${SETTINGS}/${page}`;
  for (const [list, { make, one }] of Object.entries(LISTS)) {
    if (page === make) return `${SETTINGS}/${list}/${NEW}`;
    if (page === one) return `${SETTINGS}/${list}/${encodeURIComponent(id)}`;
  }
  return null;
}
