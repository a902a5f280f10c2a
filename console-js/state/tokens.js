// What the pages of tokens reckon: what a token may do in words, how it stands, and what is sent for a new one.
//
// Guarantees: pure; the clock is handed in; a permission that a later server adds is shown by its own name.

import { t } from "../locale/index.js";
import { PERMISSIONS } from "./permissions.js";

/** @typedef {import("../net/settings-wire.js").Token} Token */

const SOON_MS = 7 * 24 * 60 * 60 * 1000;
/** After how many days a token may end; 0 for never. */
export const EXPIRY_DAYS = /** @type {const} */ ([30, 90, 365, 0]);
export const EXPIRY_DAYS_USUAL = 90;
export const OVERLAP_HOURS_MAX = 168;

/** @param {string} permission */
export function scopeWords(permission) {
  const known = PERMISSIONS.find((name) => name === permission);
  return known ? t(/** @type {import("../locale/index.js").Key} */ (`scope_${known.replace(":", "_")}`)) : permission;
}

/** The permissions that can be given, by what they are about. @returns {{resource: string, scopes: string[]}[]} */
export function scopeGroups() {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const scope of PERMISSIONS) {
    const resource = scope.startsWith("messages") ? "conversations" : (scope.split(":")[0] ?? "");
    groups.set(resource, [...(groups.get(resource) ?? []), scope]);
  }
  return [...groups].map(([resource, scopes]) => ({ resource, scopes }));
}

/**
 * How a token stands.
 * @param {Token} token
 * @param {number} now_ms
 * @returns {"active"|"ending"|"expired"|"revoked"}
 */
export function tokenStanding({ revoked_at, expires_at }, now_ms) {
  if (revoked_at) return "revoked";
  if (!expires_at) return "active";
  const left_ms = Date.parse(expires_at) - now_ms;
  if (left_ms <= 0) return "expired";
  return left_ms <= SOON_MS ? "ending" : "active";
}

/** Which colour a standing has; see `standingMark`. */
export const TOKEN_COLOURS = { active: "enabled", ending: "failing", expired: "disabled", revoked: "disabled" };

/** Those that work, and those that no longer do. @param {Token[]} tokens @param {number} now_ms */
export function tokensByLife(tokens, now_ms) {
  const lives = (/** @type {Token} */ token) => ["active", "ending"].includes(tokenStanding(token, now_ms));
  return { living: tokens.filter(lives), ended: tokens.filter((token) => !lives(token)) };
}

/** How many permissions a row names. */
const NAMED_MAX = 2;

/** What it may do, as short as a row wants it. @param {string[]} scopes */
export function scopesWords(scopes) {
  if (PERMISSIONS.every((permission) => scopes.includes(permission))) return t("token_scopes_all");
  const named = scopes.slice(0, NAMED_MAX).map(scopeWords).join(", ");
  return scopes.length <= NAMED_MAX ? named : t("token_scopes_more", { named, count: scopes.length - NAMED_MAX });
}

/**
 * What the server is asked to make.
 * @param {{name: string, scopes: string[], days: number}} form `days` is 0 for one that does not end by itself
 */
export function tokenBody({ name, scopes, days }) {
  return { name: name.trim(), scopes, ...(days === 0 ? {} : { expires_in_days: days }) };
}
