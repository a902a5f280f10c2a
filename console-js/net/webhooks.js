// The REST API of webhooks, and what their forms offer for choice.
//
// Guarantees: those of net/api.js, which asks. A secret passes through and is kept nowhere.

import { search } from "./api.js";

/** @typedef {import("./webhook-wire.js").Webhook} Webhook */
/** @template T @typedef {import("./wire.js").Page<T>} Page */

const HERE = "/api/v1/webhooks";
/** Most pages of webhooks or channels that are read: with 100 each more than any plan has. */
const PAGES_MAX = 10;

export class WebhooksApi {
  #api;

  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.#api = api;
  }

  /** @param {AbortSignal} signal @returns {Promise<Webhook[]>} */
  list(signal) {
    return this.#all(HERE, signal);
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<Webhook>} */
  get(id, signal) {
    return this.#api.ask("GET", at(id), { signal });
  }

  /** @param {unknown} body @param {AbortSignal} signal @returns {Promise<import("./webhook-wire.js").WebhookWithSecret>} */
  create(body, signal) {
    return this.#api.ask("POST", HERE, { body, signal });
  }

  /** @param {Webhook} before @param {unknown} patch @param {AbortSignal} signal @returns {Promise<Webhook>} refused with 412 if it was changed since */
  update(before, patch, signal) {
    return this.#api.ask("PATCH", at(before.id), { body: patch, signal, version: before.version });
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<unknown>} */
  remove(id, signal) {
    return this.#api.ask("DELETE", at(id), { signal });
  }

  /** @param {string} id @param {boolean} on @param {AbortSignal} signal @returns {Promise<Webhook>} */
  setEnabled(id, on, signal) {
    return this.#api.ask("POST", at(id, on ? "enable" : "disable"), { signal });
  }

  /** @param {string} id @param {number} overlap_hours @param {AbortSignal} signal @returns {Promise<import("./webhook-wire.js").WebhookWithSecret>} */
  rotate(id, overlap_hours, signal) {
    return this.#api.ask("POST", at(id, "rotate-secret"), { body: { overlap_hours }, signal });
  }

  /** @param {string} id @param {string} event @param {AbortSignal} signal @returns {Promise<import("./webhook-wire.js").TestResult>} */
  test(id, event, signal) {
    return this.#api.ask("POST", at(id, "test"), { body: { event }, signal });
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<import("./webhook-wire.js").Stats>} */
  stats(id, signal) {
    return this.#api.ask("GET", at(id, "stats"), { signal });
  }

  /**
   * @param {string} id
   * @param {{status?: string, event?: string, cursor?: string|null, limit?: number}} query
   * @param {AbortSignal} signal
   * @returns {Promise<Page<import("./webhook-wire.js").Delivery<import("./webhook-wire.js").AttemptSummary>>>}
   */
  deliveries(id, query, signal) {
    return this.#api.ask("GET", `${at(id, "deliveries")}${search(query)}`, { signal });
  }

  /** @param {string} id @param {string} delivery_id @param {AbortSignal} signal @returns {Promise<import("./webhook-wire.js").WholeDelivery>} */
  delivery(id, delivery_id, signal) {
    return this.#api.ask("GET", at(id, "deliveries", delivery_id), { signal });
  }

  /** @param {string} id @param {string} delivery_id @param {AbortSignal} signal @returns {Promise<import("./webhook-wire.js").WholeDelivery>} */
  retry(id, delivery_id, signal) {
    return this.#api.ask("POST", at(id, "deliveries", delivery_id, "retry"), { signal });
  }

  /** @param {string} id @param {unknown} body @param {AbortSignal} signal @returns {Promise<import("./webhook-wire.js").Replay>} */
  startReplay(id, body, signal) {
    return this.#api.ask("POST", at(id, "replay"), { body, signal });
  }

  /**
   * @param {string} id
   * @param {{cursor?: string|null, limit?: number}} query
   * @param {AbortSignal} signal
   * @returns {Promise<Page<import("./webhook-wire.js").Replay>>} the newest first
   */
  replays(id, query, signal) {
    return this.#api.ask("GET", `${at(id, "replays")}${search(query)}`, { signal });
  }

  /** @param {AbortSignal} signal @returns {Promise<import("./webhook-wire.js").EventType[]>} */
  async eventTypes(signal) {
    return (await this.#api.ask("GET", "/api/v1/event-types", { signal })).data;
  }

  /** @param {AbortSignal} signal @returns {Promise<import("./webhook-wire.js").ChannelBrief[]>} */
  channels(signal) {
    return this.#all("/api/v1/channels", signal);
  }

  /** @param {string} path @param {AbortSignal} signal @returns {Promise<any[]>} */
  async #all(path, signal) {
    const found = [];
    /** @type {string|null} */
    let cursor = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      /** @type {Page<any>} */
      const answer = await this.#api.ask("GET", `${path}${search({ limit: 100, cursor })}`, { signal });
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
