/**
 * What the widget keeps in the browser between pages, under one prefix per widget key.
 *
 * Guarantees: never throws. Where storage is blocked or full, `set` says so and the values live as long as the page.
 */

/**
 * @param {Storage | null} storage
 * @param {string} apiKey
 */
export function createStorage(storage, apiKey) {
  const prefix = `switchboard.${apiKey}.`;
  /** @type {Map<string, string>} */
  const memory = new Map();

  return {
    /**
     * @param {string} name
     * @returns {any} undefined where nothing is kept or what is kept cannot be read
     */
    get(name) {
      try {
        const text = memory.get(name) ?? storage?.getItem(prefix + name);
        return text ? JSON.parse(text) : undefined;
      } catch {
        return undefined;
      }
    },

    /**
     * @param {string} name
     * @param {unknown} value
     * @returns {boolean} whether it outlives the page
     */
    set(name, value) {
      const text = JSON.stringify(value);
      try {
        if (!storage) throw new Error('no storage');
        storage.setItem(prefix + name, text);
        memory.delete(name);
        return true;
      } catch {
        memory.set(name, text);
        return false;
      }
    },

    /** @param {string} name */
    remove(name) {
      memory.delete(name);
      try {
        storage?.removeItem(prefix + name);
      } catch {
        // Blocked storage holds nothing that could be removed.
      }
    },

    /**
     * The names that begin so.
     * @param {string} start
     * @returns {string[]}
     */
    names(start) {
      const names = new Set(memory.keys());
      try {
        for (let index = 0; index < (storage?.length ?? 0); index += 1) {
          const name = storage?.key(index) ?? '';
          if (name.startsWith(prefix)) names.add(name.slice(prefix.length));
        }
      } catch {
        // Blocked storage: what is in memory is all there is.
      }
      return [...names].filter((name) => name.startsWith(start));
    },
  };
}

/** @typedef {ReturnType<typeof createStorage>} Kept */

/** The browser's storage, or null where it is blocked (then even naming it throws). */
export function browserStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
