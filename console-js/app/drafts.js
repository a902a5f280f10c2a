// What an agent has begun to write, kept per conversation across reloads: a reply and a note, apart.
//
// Guarantees: a draft is written down as it is typed and gone when it is sent or emptied; each agent of each workspace has its
// own. All tabs of a browser share it: what is typed in one stands in the others (`heard`), and each writes only what it changes, so none
// overwrites what it has not seen. What a full storage does not take is kept as long as the page. It holds no message: once sent, a text is the outbox's.

/** @typedef {import("../net/wire.js").MessageKind} MessageKind */
/**
 * `plain`: signs are letters, nothing is formatted.
 * @typedef {{text: string, attachments: import("../net/wire.js").Attachment[], plain: boolean}} Part
 * @typedef {{kind: MessageKind, message: Part, note: Part}} Draft
 */

/** @type {Part} */
export const EMPTY_PART = { text: "", attachments: [], plain: false };
/** @type {Draft} */
const EMPTY = { kind: "message", message: EMPTY_PART, note: EMPTY_PART };

export class Drafts {
  #prefix;
  #storage;
  #on_full;
  /** @type {Map<string, Draft>} what the storage did not take */
  #unsaved = new Map();

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
    const unsaved = this.#unsaved.get(id);
    if (unsaved) return unsaved;
    try {
      return draftOf(JSON.parse(this.#storage.getItem(this.#prefix + id) ?? "null"));
    } catch {
      // Written by another version of this page: there is nothing in it to show.
      return EMPTY;
    }
  }

  /** @param {string} id @param {Draft} draft */
  write(id, draft) {
    this.#unsaved.delete(id);
    if (isEmpty(draft.message) && isEmpty(draft.note) && draft.kind === "message") {
      this.#storage.removeItem(this.#prefix + id);
      return;
    }
    try {
      this.#storage.setItem(this.#prefix + id, JSON.stringify(draft));
    } catch {
      this.#unsaved.set(id, draft);
      this.#on_full();
    }
  }

  /**
   * Changes one part of what is written down at this moment, whichever tab wrote it.
   * @param {string} id
   * @param {MessageKind} kind
   * @param {(part: Part) => Partial<Part>} change
   * @param {MessageKind} [turn_to] what is written from now on
   * @returns {Draft}
   */
  change(id, kind, change, turn_to) {
    const draft = this.read(id);
    const next = { ...draft, kind: turn_to ?? draft.kind, [kind]: { ...draft[kind], ...change(draft[kind]) } };
    this.write(id, next);
    return next;
  }

  /**
   * Which conversation's draft another tab has changed.
   * @param {string|null} key of the storage
   * @returns {string|null}
   */
  heard(key) {
    return key?.startsWith(this.#prefix) ? key.slice(this.#prefix.length) : null;
  }
}

/** @param {Part} part */
export function isEmpty({ text, attachments }) {
  return text === "" && attachments.length === 0;
}

/** @param {any} kept @returns {Draft} */
function draftOf(kept) {
  if (kept === null) return EMPTY;
  const kind = kept.kind === "note" ? "note" : "message";
  // An earlier version kept one text, which was either.
  if (typeof kept.text === "string") return { ...EMPTY, kind, [kind]: partOf({ text: kept.text, attachments: kept.attachments }) };
  return { kind, message: partOf(kept.message), note: partOf(kept.note) };
}

/** @param {any} kept @returns {Part} */
function partOf(kept) {
  if (typeof kept?.text !== "string") return EMPTY_PART;
  return { ...EMPTY_PART, ...kept, attachments: Array.isArray(kept.attachments) ? kept.attachments : [], plain: kept.plain === true };
}
