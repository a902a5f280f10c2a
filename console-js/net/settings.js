// The REST API of members, tokens, the workspace, its routing and its log, and the secrets of widgets.
//
// Guarantees: those of net/api.js, which asks. A secret passes through and is kept nowhere. Channels have a file of their own (net/channels.js).

import { search } from "./api.js";

/** @typedef {import("./settings-wire.js").Member} Member */
/** @typedef {import("./settings-wire.js").Token} Token */
/** @typedef {import("./settings-wire.js").Workspace} Workspace */
/** @template T @typedef {import("./wire.js").Page<T>} Page */

const HERE = "/api/v1";
/** Most pages of a list that are read: with 100 each more than any workspace may have. */
const PAGES_MAX = 20;

export class SettingsApi {
  #api;
  #workspace_id;

  /** @param {import("./api.js").Api} api @param {string} workspace_id */
  constructor(api, workspace_id) {
    this.#api = api;
    this.#workspace_id = workspace_id;
  }

  /** @param {AbortSignal} signal @returns {Promise<Member[]>} */
  members(signal) {
    return this.#all("agents", signal);
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<Member>} */
  member(id, signal) {
    return this.#api.ask("GET", at("agents", id), { signal });
  }

  /** @param {unknown} body @param {AbortSignal} signal @returns {Promise<Member>} */
  createMember(body, signal) {
    return this.#api.ask("POST", at("agents"), { body, signal });
  }

  /** @param {{id: string, version?: number}} before @param {unknown} patch @param {AbortSignal} signal @returns {Promise<Member>} refused with 412 if it was changed since that version */
  updateMember(before, patch, signal) {
    return this.#api.ask("PATCH", at("agents", before.id), { body: patch, signal, version: before.version });
  }

  /** @param {AbortSignal} signal @returns {Promise<Token[]>} revoked ones included */
  tokens(signal) {
    return this.#all("tokens", signal);
  }

  /** @param {AbortSignal} signal @returns {Promise<import("./settings-wire.js").ServiceAccount[]>} */
  serviceAccounts(signal) {
    return this.#all("service-accounts", signal);
  }

  /** @param {unknown} body @param {AbortSignal} signal @returns {Promise<import("./settings-wire.js").FreshToken>} */
  createToken(body, signal) {
    return this.#api.ask("POST", at("tokens"), { body, signal });
  }

  /** @param {string} id @param {number} overlap_hours @param {AbortSignal} signal @returns {Promise<import("./settings-wire.js").FreshToken>} */
  rotateToken(id, overlap_hours, signal) {
    return this.#api.ask("POST", at("tokens", id, "rotate"), { body: { overlap_hours }, signal });
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<unknown>} */
  revokeToken(id, signal) {
    return this.#api.ask("DELETE", at("tokens", id), { signal });
  }

  /** @param {AbortSignal} signal @returns {Promise<Workspace>} */
  workspace(signal) {
    return this.#api.ask("GET", at("workspaces", this.#workspace_id), { signal });
  }

  /** @param {Workspace} before @param {unknown} patch @param {AbortSignal} signal @returns {Promise<Workspace>} refused with 412 if it was changed since */
  updateWorkspace(before, patch, signal) {
    return this.#api.ask("PATCH", at("workspaces", before.id), { body: patch, signal, version: before.version });
  }

  /** @param {AbortSignal} signal @returns {Promise<import("./settings-wire.js").Routing>} */
  routing(signal) {
    return this.#api.ask("GET", at("routing"), { signal });
  }

  /** @param {import("./settings-wire.js").Routing} before @param {unknown} patch @param {AbortSignal} signal @returns {Promise<import("./settings-wire.js").Routing>} refused with 412 if it was changed since */
  updateRouting(before, patch, signal) {
    return this.#api.ask("PATCH", at("routing"), { body: patch, signal, version: before.version });
  }

  /** @param {{cursor: string|null, limit: number}} query @param {AbortSignal} signal @returns {Promise<Page<import("./settings-wire.js").AuditEntry>>} the latest first */
  audit(query, signal) {
    return this.#api.ask("GET", `${at("audit-log")}${search(query)}`, { signal });
  }

  /** @param {string} channel_id @param {AbortSignal} signal @returns {Promise<import("./settings-wire.js").IdentitySecret>} */
  createIdentitySecret(channel_id, signal) {
    return this.#api.ask("POST", at("channels", channel_id, "identity-secret"), { signal });
  }

  /** @param {string} channel_id @param {string} key_id @param {AbortSignal} signal @returns {Promise<unknown>} */
  endIdentitySecret(channel_id, key_id, signal) {
    return this.#api.ask("DELETE", at("channels", channel_id, "identity-secret", key_id), { signal });
  }

  /** @param {string} what @param {AbortSignal} signal @returns {Promise<any[]>} */
  async #all(what, signal) {
    const found = [];
    /** @type {string|null} */
    let cursor = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      /** @type {Page<any>} */
      const answer = await this.#api.ask("GET", `${at(what)}${search({ limit: 100, cursor })}`, { signal });
      found.push(...answer.data);
      cursor = answer.next_cursor;
      if (cursor === null) break;
    }
    return found;
  }
}

/** @param {string[]} parts */
function at(...parts) {
  return [HERE, ...parts.map(encodeURIComponent)].join("/");
}
