// The REST API of what is prepared for the inbox: canned responses, labels, saved views, macros. All kinds answer alike.
//
// Guarantees: those of net/api.js, which asks. A list is read whole, up to a bound that no workspace reaches.

import { search } from "./api.js";

/** @typedef {import("./prepared-wire.js").Kinds} Kinds */
/** @typedef {import("./prepared-wire.js").Kind} Kind */

/** With 100 a page more than the server keeps of any kind. */
const PAGES_MAX = 25;

export class PreparedApi {
  #api;

  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.#api = api;
  }

  /**
   * What is everybody's and one's own.
   * @template {Kind} K
   * @param {K} kind
   * @param {AbortSignal} signal
   * @returns {Promise<Kinds[K][]>}
   */
  async list(kind, signal) {
    const found = [];
    /** @type {string|null} */
    let cursor = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      /** @type {import("./wire.js").Page<any>} */
      const answer = await this.#api.ask("GET", `${at(kind)}${search({ limit: 100, cursor })}`, { signal });
      found.push(...answer.data);
      cursor = answer.next_cursor;
      if (cursor === null) break;
    }
    return found;
  }

  /** @template {Kind} K @param {K} kind @param {string} id @param {AbortSignal} signal @returns {Promise<Kinds[K]>} */
  one(kind, id, signal) {
    return this.#api.ask("GET", at(kind, id), { signal });
  }

  /** @template {Kind} K @param {K} kind @param {unknown} body @param {AbortSignal} signal @returns {Promise<Kinds[K]>} */
  create(kind, body, signal) {
    return this.#api.ask("POST", at(kind), { body, signal });
  }

  /** @template {Kind} K @param {K} kind @param {Kinds[K]} before @param {unknown} patch @param {AbortSignal} signal @returns {Promise<Kinds[K]>} refused with 412 if it was changed since */
  update(kind, before, patch, signal) {
    return this.#api.ask("PATCH", at(kind, before.id), { body: patch, signal, version: before.version });
  }

  /** @param {string} id a macro's @param {string[]} conversation_ids at most 100 @param {AbortSignal} signal @returns {Promise<import("./prepared-wire.js").MacroOutcome[]>} in the same order */
  async run(id, conversation_ids, signal) {
    return (await this.#api.ask("POST", at("macros", id, "run"), { body: { conversation_ids }, signal })).data;
  }

  /** @param {Kind} kind @param {{id: string, version: number}} before @param {AbortSignal} signal @returns {Promise<unknown>} */
  remove(kind, before, signal) {
    return this.#api.ask("DELETE", at(kind, before.id), { signal, version: before.version });
  }
}

/** @param {string[]} parts */
function at(...parts) {
  return ["/api/v1", ...parts.map(encodeURIComponent)].join("/");
}
