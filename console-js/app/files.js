// The addresses of stored files, asked for when they are needed.
//
// Guarantees: an address is asked for once and kept for less than the hour it is good for; only http and https addresses are
// answered.

/** An address is good for an hour; a margin for a picture that loads slowly. */
const KEPT_MS = 50 * 60_000;
/** How many addresses are kept. */
const KEPT_MAX = 500;
/** The wait before a file is asked for again, where the server did not say. */
const WAIT_SECS_DEFAULT = 5;

export class Files {
  /** @type {Map<string, {asked_ms: number, url: Promise<string>}>} */
  #known = new Map();
  #api;
  #scope;

  /**
   * @param {import("../net/api.js").Api} api
   * @param {import("./scope.js").Scope} scope
   */
  constructor(api, scope) {
    this.#api = api;
    this.#scope = scope;
  }

  /**
   * Calls when it makes sense to ask again for a file that is not here.
   * @param {number|null} wait_secs what the server said, if it did
   * @param {() => void} action
   */
  later(wait_secs, action) {
    this.#scope.after((wait_secs ?? WAIT_SECS_DEFAULT) * 1000, action);
  }

  /**
   * @param {string} id
   * @param {number} now_ms
   * @returns {Promise<string>}
   */
  address(id, now_ms) {
    const known = this.#known.get(id);
    if (known && now_ms - known.asked_ms < KEPT_MS) return known.url;
    const url = this.#ask(id);
    this.#known.set(id, { asked_ms: now_ms, url });
    const oldest = this.#known.keys().next().value;
    if (this.#known.size > KEPT_MAX && oldest !== undefined) this.#known.delete(oldest);
    return url;
  }

  /** @param {string} id */
  async #ask(id) {
    try {
      const { url } = await this.#api.download(id, this.#scope.signal);
      const address = new URL(url, location.href);
      if (address.protocol !== "https:" && address.protocol !== "http:") throw new Error(`a file's address begins with ${address.protocol}`);
      return address.href;
    } catch (error) {
      // The next look asks again.
      this.#known.delete(id);
      throw error;
    }
  }
}
