// A search while somebody types.
//
// Guarantees: it asks only when the typing pauses; an answer to what is no longer asked is dropped; a failure is told in words, and what was found
// before it stays. Tickets come first, then a few people, then what was said, the newest first; nothing is shown twice.
// It draws nothing: whoever made it is told whenever something changed.

import { Problem } from "../net/api.js";
import { wasStopped, wordsFor } from "../state/problems.js";

/** How long the search waits for the next letter. */
const PAUSE_MS = 200;
/** Longest text that is searched for. */
export const FIND_CHARS_MAX = 256;
const CONTACTS_SHOWN_MAX = 5;
const MESSAGES_PAGE = 20;
/** So many hits are shown at most: whoever needs more says more. */
const HITS_MAX = 200;
/** What may be a ticket's number. */
const NUMBER = /^#?\d{1,18}$/;

/**
 * @typedef {import("../net/find.js").Hit} Hit
 * @typedef {{text: string, status: "idle"|"busy"|"ready"|"failed", hits: Hit[], next_cursor: string|null, error: string|null}} Found
 */

/** @type {Found} */
const NOTHING = { text: "", status: "idle", hits: [], next_cursor: null, error: null };

export class Finder {
  /** @type {Found} */
  found = NOTHING;
  #scope;
  #find;
  #on_change;
  /** @type {import("./scope.js").Scope|null} what waits or asks */
  #asking = null;

  /**
   * @param {import("./scope.js").Scope} scope
   * @param {import("../net/find.js").Find} find
   * @param {() => void} on_change
   */
  constructor(scope, find, on_change) {
    this.#scope = scope;
    this.#find = find;
    this.#on_change = on_change;
  }

  /** @param {string} typed */
  type(typed) {
    const text = typed.trim();
    if (text === this.found.text) return;
    this.#asking?.stop();
    if (text === "") return this.#become(NOTHING);
    this.#become({ ...this.found, text, status: "busy", error: null });
    const asking = this.#begin();
    asking.after(PAUSE_MS, () => void this.#ask(asking, text));
  }

  /** Asks again for what could not be read. */
  again() {
    const { text, status } = this.found;
    if (status !== "failed") return;
    this.#become({ ...this.found, status: "busy", error: null });
    void this.#ask(this.#begin(), text);
  }

  /** Reads on where the hits end. */
  async more() {
    const { text, hits, next_cursor: cursor, status } = this.found;
    if (cursor === null || status !== "ready" || hits.length >= HITS_MAX) return;
    this.#become({ ...this.found, status: "busy" });
    await this.#run(this.#begin(), async (signal) => {
      const page = await this.#find({ q: text, type: "messages", limit: MESSAGES_PAGE, cursor }, signal);
      return { hits: [...hits, ...page.data], next_cursor: page.next_cursor };
    });
  }

  /** @param {import("./scope.js").Scope} asking @param {string} q */
  #ask(asking, q) {
    return this.#run(asking, async (signal) => {
      const [tickets, people, said] = await Promise.all([
        NUMBER.test(q) ? this.#find({ q, type: "conversations", limit: 1 }, signal) : null,
        this.#find({ q, type: "contacts", limit: CONTACTS_SHOWN_MAX }, signal),
        this.#find({ q, type: "messages", limit: MESSAGES_PAGE }, signal),
      ]);
      return { hits: [...(tickets?.data ?? []), ...people.data, ...said.data], next_cursor: said.next_cursor };
    });
  }

  /**
   * @param {import("./scope.js").Scope} asking
   * @param {(signal: AbortSignal) => Promise<Pick<Found, "hits"|"next_cursor">>} work
   */
  async #run(asking, work) {
    try {
      const result = await work(asking.signal);
      if (asking.stopped) return;
      const next_cursor = result.hits.length < HITS_MAX ? result.next_cursor : null;
      this.#become({ ...this.found, ...result, next_cursor, status: "ready", error: null });
    } catch (error) {
      if (asking.stopped || wasStopped(error)) return;
      if (!(error instanceof Problem)) console.error(error);
      this.#become({ ...this.found, status: "failed", error: wordsFor(error) });
    }
    asking.stop();
  }

  #begin() {
    this.#asking?.stop();
    this.#asking = this.#scope.child();
    return this.#asking;
  }

  /** @param {Found} found */
  #become(found) {
    this.found = found;
    this.#on_change();
  }
}
