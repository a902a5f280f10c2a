// What a member may do, and which of the settings' pages are for them.
//
// Guarantees: pure; mirrors the server's table of roles (entities/src/permission.rs), which decides. A role that this page does not know may
// open its own account and nothing else.

/** @typedef {"conversations:read"|"conversations:write"|"messages:write"|"contacts:read"|"contacts:write"|"channels:read"|"channels:write"|"agents:read"|"agents:write"|"tokens:read"|"tokens:write"|"workspace:read"|"workspace:write"|"webhooks:read"|"webhooks:write"} Permission */
/** @typedef {"account"|"canned"|"labels"|"views"|"macros"|"widgets"|"channels"|"webhooks"|"members"|"teams"|"tokens"|"routing"|"workspace"|"audit"} Area */

/** Every permission, those of one resource beside each other. */
export const PERMISSIONS = /** @type {const} */ ([
  "conversations:read", "conversations:write", "messages:write", "contacts:read", "contacts:write", "channels:read", "channels:write", "agents:read",
  "agents:write", "tokens:read", "tokens:write", "webhooks:read", "webhooks:write", "workspace:read", "workspace:write",
]);
export const ROLES = /** @type {const} */ (["owner", "admin", "agent", "viewer"]);

/** @type {Permission[]} */
const VIEWER = ["conversations:read", "contacts:read", "channels:read", "agents:read", "workspace:read"];
/** @type {Record<string, readonly Permission[]>} */
const OF_ROLE = {
  owner: PERMISSIONS,
  admin: PERMISSIONS,
  agent: [...VIEWER, "conversations:write", "messages:write", "contacts:write"],
  viewer: VIEWER,
};

/** @param {string} role @param {Permission} permission */
export function may(role, permission) {
  return (OF_ROLE[role] ?? []).includes(permission);
}

/** In the order of the navigation; each with what its pages need. @type {[Area, Permission|null][]} */
const AREAS = [
  ["account", null],
  ["canned", "messages:write"],
  ["labels", "workspace:write"],
  ["macros", "conversations:write"],
  ["views", "conversations:read"],
  ["widgets", "channels:write"],
  ["channels", "channels:write"],
  ["webhooks", "webhooks:read"],
  ["members", "agents:read"],
  ["teams", "agents:write"],
  ["routing", "workspace:write"],
  ["tokens", "tokens:read"],
  ["workspace", "workspace:write"],
  ["audit", "workspace:write"],
];
/** @type {Record<string, Area>} pages whose name is not their area's */
const AREA_OF = {
  "list": "webhooks", "new": "webhooks", "edit": "webhooks", "webhook": "webhooks", "delivery": "webhooks",
  "widget": "widgets", "widget-new": "widgets", "member": "members", "member-new": "members", "token": "tokens", "token-new": "tokens",
  "canned-one": "canned", "canned-new": "canned", "label-one": "labels", "label-new": "labels", "view-one": "views", "macro-one": "macros", "macro-new": "macros", "team": "teams", "team-new": "teams",
};
/** What a page needs beyond its area. @type {Record<string, Permission>} */
const NEEDS = { "member": "agents:write", "member-new": "agents:write", "token-new": "tokens:write" };

/** The parts of the settings that are for a member. @param {string} role @returns {Area[]} */
export function areasFor(role) {
  return AREAS.filter(([, needed]) => needed === null || may(role, needed)).map(([area]) => area);
}

/** The part that a page belongs to; null for the settings' first page. @param {string} page @returns {Area|null} */
export function areaOf(page) {
  if (page === "home") return null;
  return AREA_OF[page] ?? AREAS.find(([area]) => area === page)?.[0] ?? "channels";
}

/** @param {string} role @param {string} page */
export function mayOpen(role, page) {
  const area = areaOf(page);
  const needed = NEEDS[page];
  return area === null || (areasFor(role).includes(area) && (needed === undefined || may(role, needed)));
}
