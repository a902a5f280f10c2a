// Which message the next reply of a conversation answers, kept across reloads as drafts are.
//
// Guarantees: one a conversation, by its place there; gone when the reply is sent or somebody drops it.

export class Quotes {
  #storage;
  #prefix;
  #on_full;

  /**
   * @param {import("../net/outbox.js").Storage} storage
   * @param {string} owner
   * @param {() => void} on_full told when the storage takes no more
   */
  constructor(storage, owner, on_full) {
    this.#storage = storage;
    this.#prefix = `switchboard.quote.${owner}.`;
    this.#on_full = on_full;
  }

  /** @param {string} id @returns {number|null} the place of the message that is answered */
  read(id) {
    const seq = Number(this.#storage.getItem(this.#prefix + id) ?? Number.NaN);
    return Number.isSafeInteger(seq) && seq > 0 ? seq : null;
  }

  /** @param {string} id @param {number|null} seq null drops it */
  write(id, seq) {
    if (seq === null) return this.#storage.removeItem(this.#prefix + id);
    try {
      this.#storage.setItem(this.#prefix + id, String(seq));
    } catch {
      this.#on_full();
    }
  }

  /** Hands out what the next reply answers, once. @param {string} id */
  take(id) {
    const seq = this.read(id);
    this.write(id, null);
    return seq;
  }
}
