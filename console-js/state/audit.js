// The log of the settings, in words.
//
// Guarantees: pure; texts come from the table of sentences. An action, a field or a kind of thing that a later server adds is shown by its own
// name. The log is filtered here, over what was read of it.

import { t } from "../locale/index.js";
import { kindWords } from "./channels.js";

/** @typedef {import("../net/settings-wire.js").AuditEntry} AuditEntry */
/** @typedef {{kind: string, actor: string}} AuditFilter empty where anything fits */

const ACTIONS = /** @type {const} */ ([
  "agent.created", "agent.updated", "invitation.created", "invitation.revoked", "invitation.accepted", "channel.created", "channel.updated", "channel.deleted", "channel.connected", "channel.disconnected",
  "channel.identity_secret_created", "channel.identity_secret_deleted", "credential.created", "credential.updated", "credential.deleted",
  "credential.secret_added", "credential.secret_ended", "credential.renewed", "token.created", "token.rotated", "token.revoked", "webhook.created", "webhook.updated",
  "webhook.deleted", "webhook.enabled", "webhook.disabled", "webhook.secret_rotated", "webhook.tested", "webhook.replayed", "webhook.delivery_retried",
  "workspace.updated", "routing.updated", "canned_response.created", "canned_response.updated", "canned_response.deleted", "label.created", "label.updated", "label.deleted",
  "view.created", "view.updated", "view.deleted", "team.created", "team.updated", "team.deleted", "macro.created", "macro.updated", "macro.deleted",
]);
const FIELDS = /** @type {const} */ ([
  "name", "role", "avatar_url", "disabled", "password", "settings", "credential_id", "account", "url", "description", "events", "headers", "filter", "ordered",
  "rate_limit_per_second",
]);
/** Kinds of things that the log tells of. */
export const AUDIT_KINDS = /** @type {const} */ (["agent", "invitation", "channel", "credential", "token", "webhook", "workspace", "routing", "canned_response", "label", "view", "macro", "team"]);

/** @param {string} kind */
export function auditKindWords(kind) {
  const known = AUDIT_KINDS.find((name) => name === kind);
  return known ? t(`audit_kind_${known}`) : kind;
}

/** Who did it. @param {AuditEntry} entry */
export function actorWords({ actor }) {
  if (actor.name) return actor.name;
  return actor.type === "system" ? t("audit_actor_system") : t("audit_actor_unknown");
}

/** @param {AuditEntry} entry */
export function actorKey({ actor }) {
  return actor.id ?? actor.type;
}

/**
 * What was done, as what follows the name of who did it.
 * @param {AuditEntry} entry
 * @param {string|null} name what the thing is called now, if it is known
 */
export function deedWords(entry, name) {
  const { action, detail } = entry;
  const known = ACTIONS.find((one) => one === action);
  const what = nameOf(entry, name);
  if (!known) return t("audit_other", { action, what });
  const key = /** @type {import("../locale/index.js").Key} */ (`audit_${known.replaceAll(".", "_")}`);
  const fields = Array.isArray(detail["changed"]) ? detail["changed"].map((field) => fieldWords(String(field))).join(", ") : "";
  const kind = typeof detail["kind"] === "string" ? kindWords(detail["kind"]) : "";
  return t(key, { what, fields, kind, key: plain(detail["key_id"]), event: plain(detail["event"]), secret: plain(detail["name"]) });
}

/** What the thing is called: now, or then, or else the end of its id. @param {AuditEntry} entry @param {string|null} name */
export function nameOf({ target, detail, action }, name) {
  if (name !== null) return name;
  // A secret's name is not its account's.
  const then = action.includes("secret") ? "" : plain(detail["name"]);
  return then !== "" ? then : t("audit_unnamed", { mark: (target?.id ?? "").slice(-4) });
}

/** @param {string} field */
function fieldWords(field) {
  const known = FIELDS.find((name) => name === field);
  return known ? t(`audit_field_${known}`) : field;
}

/** @param {unknown} value */
function plain(value) {
  return typeof value === "string" ? value : "";
}

/** Those that fit. @param {AuditEntry[]} entries @param {AuditFilter} filter */
export function auditFiltered(entries, { kind, actor }) {
  return entries.filter((entry) => (kind === "" || entry.target?.type === kind) && (actor === "" || actorKey(entry) === actor));
}

/** Everybody who did something, by name. @param {AuditEntry[]} entries @returns {{value: string, label: string}[]} */
export function actorsOf(entries) {
  const actors = new Map(entries.map((entry) => [actorKey(entry), actorWords(entry)]));
  return [...actors].map(([value, label]) => ({ value, label })).sort((one, other) => one.label.localeCompare(other.label));
}
