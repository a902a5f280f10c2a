// The REST API of channels, of the credentials behind them, and of the providers that there are.
//
// Guarantees: those of net/api.js, which asks. A secret passes through and is kept nowhere.

import { search } from "./api.js";

/** @typedef {import("./channel-wire.js").Channel} Channel */
/** @typedef {import("./channel-wire.js").Credential} Credential */

const CHANNELS = "/api/v1/channels";
const CREDENTIALS = "/api/v1/credentials";
/** Most pages of a list that are read: with 100 each more than any workspace may have. */
const PAGES_MAX = 10;

export class ChannelsApi {
  #api;

  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.#api = api;
  }

  /** @param {AbortSignal} signal @returns {Promise<Channel[]>} */
  channels(signal) {
    return this.#all(CHANNELS, signal);
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<Channel>} */
  channel(id, signal) {
    return this.#api.ask("GET", at(CHANNELS, id), { signal });
  }

  /** @param {unknown} body @param {AbortSignal} signal @returns {Promise<Channel>} */
  createChannel(body, signal) {
    return this.#api.ask("POST", CHANNELS, { body, signal });
  }

  /** @param {Channel} before @param {unknown} patch @param {AbortSignal} signal @returns {Promise<Channel>} refused with 412 if it was changed since */
  updateChannel(before, patch, signal) {
    return this.#api.ask("PATCH", at(CHANNELS, before.id), { body: patch, signal, version: before.version });
  }

  /** @param {string} id @param {boolean} on @param {AbortSignal} signal @returns {Promise<Channel>} */
  setConnected(id, on, signal) {
    return this.#api.ask("POST", at(CHANNELS, id, on ? "connect" : "disconnect"), { signal });
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<unknown>} */
  removeChannel(id, signal) {
    return this.#api.ask("DELETE", at(CHANNELS, id), { signal });
  }

  /** @param {AbortSignal} signal @returns {Promise<import("./channel-wire.js").Provider[]>} */
  async providers(signal) {
    return (await this.#api.ask("GET", "/api/v1/providers", { signal })).data;
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<import("./channel-wire.js").Install>} */
  install(id, signal) {
    return this.#api.ask("GET", at("/api/v1/installs", id), { signal });
  }

  /** @param {AbortSignal} signal @returns {Promise<Credential[]>} */
  credentials(signal) {
    return this.#all(CREDENTIALS, signal);
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<Credential>} */
  credential(id, signal) {
    return this.#api.ask("GET", at(CREDENTIALS, id), { signal });
  }

  /** @param {unknown} body @param {AbortSignal} signal @returns {Promise<import("./channel-wire.js").MadeCredential>} */
  createCredential(body, signal) {
    return this.#api.ask("POST", CREDENTIALS, { body, signal });
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<import("./channel-wire.js").Check>} */
  check(id, signal) {
    return this.#api.ask("POST", at(CREDENTIALS, id, "check"), { signal });
  }

  /** @param {string} id @param {string} name @param {string} value @param {AbortSignal} signal @returns {Promise<Credential>} */
  addSecret(id, name, value, signal) {
    return this.#api.ask("POST", at(CREDENTIALS, id, "secrets", name), { body: { value }, signal });
  }

  /** @param {string} id @param {string} name @param {string} secret_id @param {AbortSignal} signal @returns {Promise<unknown>} */
  endSecret(id, name, secret_id, signal) {
    return this.#api.ask("DELETE", at(CREDENTIALS, id, "secrets", name, secret_id), { signal });
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<unknown>} */
  removeCredential(id, signal) {
    return this.#api.ask("DELETE", at(CREDENTIALS, id), { signal });
  }

  /** @param {string} path @param {AbortSignal} signal @returns {Promise<any[]>} */
  async #all(path, signal) {
    const found = [];
    /** @type {string|null} */
    let cursor = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      /** @type {import("./wire.js").Page<any>} */
      const answer = await this.#api.ask("GET", `${path}${search({ limit: 100, cursor })}`, { signal });
      found.push(...answer.data);
      cursor = answer.next_cursor;
      if (cursor === null) break;
    }
    return found;
  }
}

/** @param {string[]} parts the first is a path already */
function at(...parts) {
  const [path = "", ...rest] = parts;
  return [path, ...rest.map(encodeURIComponent)].join("/");
}
