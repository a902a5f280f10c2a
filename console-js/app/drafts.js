// What an agent has begun to write, kept per conversation across reloads.
//
// Guarantees: a draft is written down as it is typed and gone when it is sent or emptied; each agent of each workspace has its
// own. It holds no message: once sent, a text is the outbox's.

/**
 * @typedef {{text: string, kind: import("../net/wire.js").MessageKind, attachments: import("../net/wire.js").Attachment[]}} Draft
 */

/** @type {Draft} */
const EMPTY = { text: "", kind: "message", attachments: [] };

export class Drafts {
  #prefix;
  #storage;
  #on_full;

  /**
   * @param {import("../net/outbox.js").Storage} storage
   * @param {string} owner
   * @param {() => void} on_full told when the storage takes no more
   */
  constructor(storage, owner, on_full) {
    this.#storage = storage;
    this.#prefix = `switchboard.draft.${owner}.`;
    this.#on_full = on_full;
  }

  /** @param {string} id @returns {Draft} */
  read(id) {
    try {
      const draft = JSON.parse(this.#storage.getItem(this.#prefix + id) ?? "null");
      return draft === null || typeof draft.text !== "string" ? EMPTY : { ...EMPTY, ...draft };
    } catch {
      // Written by another version of this page: there is nothing in it to show.
      return EMPTY;
    }
  }

  /** @param {string} id @param {Draft} draft */
  write(id, draft) {
    if (draft.text === "" && draft.attachments.length === 0 && draft.kind === "message") {
      this.#storage.removeItem(this.#prefix + id);
      return;
    }
    try {
      this.#storage.setItem(this.#prefix + id, JSON.stringify(draft));
    } catch {
      this.#on_full();
    }
  }
}
