// What an agent has put out of sight, kept across reloads.
//
// Guarantees: each agent of each workspace has its own; the oldest make room, so it stays small. It does not know what the keys mean.

/** More webhooks than any plan has. */
const KEPT_MAX = 200;

export class Dismissed {
  #key;
  #storage;
  #on_full;

  /**
   * @param {import("../net/outbox.js").Storage} storage
   * @param {string} owner
   * @param {() => void} on_full told when the storage takes no more
   */
  constructor(storage, owner, on_full) {
    this.#storage = storage;
    this.#key = `switchboard.dismissed.${owner}`;
    this.#on_full = on_full;
  }

  /** @returns {string[]} */
  read() {
    try {
      const kept = JSON.parse(this.#storage.getItem(this.#key) ?? "[]");
      return Array.isArray(kept) ? kept.filter((key) => typeof key === "string") : [];
    } catch {
      // Written by another version of this page: there is nothing in it to keep away.
      return [];
    }
  }

  /** @param {string[]} keys @returns {string[]} all that are out of sight now */
  add(keys) {
    const kept = [...new Set([...this.read(), ...keys])].slice(-KEPT_MAX);
    try {
      this.#storage.setItem(this.#key, JSON.stringify(kept));
    } catch {
      this.#on_full();
    }
    return kept;
  }
}
