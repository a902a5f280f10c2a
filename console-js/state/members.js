// What the pages of members reckon: roles in words, who may change whom, and what is sent.
//
// Guarantees: pure. The server decides; this spares people from being offered what it would refuse.

import { t } from "../locale/index.js";
import { may, ROLES } from "./permissions.js";

/** @typedef {import("../net/settings-wire.js").Member} Member */
/** @typedef {{name: string, role: string, capacity: string}} MemberForm */
/** @typedef {{name: string, picture: string}} ProfileForm */

export const PASSWORD_CHARS_MIN = 8;

/** @param {string} role */
export function roleWords(role) {
  const known = ROLES.find((name) => name === role);
  return known ? t(`role_${known}`) : role;
}

/** What a role means. @param {string} role */
export function roleHint(role) {
  const known = ROLES.find((name) => name === role);
  return known ? t(`role_${known}_hint`) : "";
}

/** The roles that somebody of this role may give. @param {string} mine */
export function rolesToGive(mine) {
  return ROLES.filter((role) => role !== "owner" || mine === "owner");
}

/** @param {{id: string, role: string}} me @param {Member} member */
export function mayChange(me, member) {
  return may(me.role, "agents:write") && (member.role !== "owner" || me.role === "owner");
}

/** @param {Member} member @returns {MemberForm} */
export function memberForm({ name, role, capacity }) {
  return { name, role, capacity: capacity === null || capacity === undefined ? "" : String(capacity) };
}

/** @param {Member} member @returns {ProfileForm} */
export function profileForm({ name, avatar_url }) {
  return { name, picture: avatar_url ?? "" };
}

/**
 * What of a profile is sent; null for nothing.
 * @param {Member} before
 * @param {ProfileForm} form
 */
export function profileChanges(before, form) {
  const was = profileForm(before);
  const changes = {
    ...(form.name.trim() === was.name ? {} : { name: form.name.trim() }),
    ...(form.picture.trim() === was.picture ? {} : { avatar_url: form.picture.trim() || null }),
  };
  return Object.keys(changes).length > 0 ? changes : null;
}

/**
 * What of a member is sent; null for nothing.
 * @param {Member} before
 * @param {MemberForm} form
 */
export function memberChanges(before, form) {
  const changes = {
    ...(form.name.trim() === before.name ? {} : { name: form.name.trim() }),
    ...(form.role === before.role ? {} : { role: form.role }),
    ...(form.capacity.trim() === memberForm(before).capacity ? {} : { capacity: form.capacity.trim() === "" ? null : Number(form.capacity) }),
  };
  return Object.keys(changes).length > 0 ? changes : null;
}

/** Those who may sign in, first; each group by name. @param {Member[]} members */
export function membersSorted(members) {
  return [...members].sort((one, other) => Number(one.disabled) - Number(other.disabled) || one.name.localeCompare(other.name));
}
