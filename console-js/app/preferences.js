// What an agent has chosen for this browser: how to be told of news, and whether a reply waits a moment before it goes.
//
// Guarantees: kept across reloads and the same in every tab of the browser; what cannot be read counts as not chosen. Nothing here
// goes to the server.

/** @typedef {{undo: boolean, notify: boolean, sound: boolean, quiet: boolean, mine_only: boolean}} Choices */

const KEY = "switchboard.preferences";
/** @type {Choices} `undo`: a reply waits five seconds; `quiet`: do not disturb; `mine_only`: unassigned conversations stay silent */
const USUAL = { undo: true, notify: false, sound: false, quiet: false, mine_only: false };

export class Preferences {
  #storage;
  #on_full;
  /** @type {Choices} */
  #now;
  /** @type {Set<() => void>} */
  #watchers = new Set();

  /**
   * @param {import("../net/outbox.js").Storage} storage
   * @param {() => void} on_full told when the storage takes no more
   */
  constructor(storage, on_full) {
    this.#storage = storage;
    this.#on_full = on_full;
    this.#now = this.#read();
  }

  get now() {
    return this.#now;
  }

  /** @param {Partial<Choices>} patch */
  choose(patch) {
    this.#now = { ...this.#now, ...patch };
    try {
      this.#storage.setItem(KEY, JSON.stringify(this.#now));
    } catch {
      this.#on_full();
    }
    this.#tell();
  }

  /** Another tab wrote something down. @param {string|null} key null if everything was cleared */
  heard(key) {
    if (key !== KEY && key !== null) return;
    this.#now = this.#read();
    this.#tell();
  }

  /** @param {() => void} watcher @returns {() => void} ends it */
  watch(watcher) {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  #tell() {
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** @returns {Choices} */
  #read() {
    try {
      const kept = JSON.parse(this.#storage.getItem(KEY) ?? "{}");
      const known = Object.keys(USUAL).filter((name) => typeof kept?.[name] === "boolean");
      return { ...USUAL, ...Object.fromEntries(known.map((name) => [name, kept[name]])) };
    } catch {
      // Written by another version of this page.
      return USUAL;
    }
  }
}
