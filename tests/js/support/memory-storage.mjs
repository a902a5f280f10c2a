/**
 * A browser's storage in memory: what one page writes, another one finds. `full` refuses everything.
 */
export class MemoryStorage {
  #items = new Map();
  full = false;
  /** Told what a page has written, as other tabs hear it. @type {(key: string, value: string | null) => void} */
  on_write = () => {};
  get length() {
    return this.#items.size;
  }
  key(index) {
    return [...this.#items.keys()][index] ?? null;
  }
  getItem(key) {
    return this.#items.get(key) ?? null;
  }
  setItem(key, value) {
    if (this.full) throw new DOMException("full", "QuotaExceededError");
    this.#items.set(key, value);
    this.on_write(key, value);
  }
  removeItem(key) {
    if (this.#items.delete(key)) this.on_write(key, null);
  }
}
