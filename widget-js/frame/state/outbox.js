/**
 * What was written and is not acknowledged yet, one entry a message, kept across pages.
 *
 * Guarantees: an entry leaves only when the server has acknowledged it or the visitor throws it away. Entries lie under
 * keys of their own, so two tabs never overwrite each other's; should both send one, its `clientId` makes that harmless.
 *
 * @import {Attachment} from '../wire.js'
 * @import {Kept} from './storage.js'
 *
 * @typedef {object} Outgoing
 * @property {string} clientId
 * @property {string} text
 * @property {Attachment[]} attachments
 * @property {number} at when it was written, milliseconds since 1970
 * @property {'waiting' | 'sending' | 'failed'} state
 * @property {string} [code] why it failed
 */

const START = 'outbox.';
/** Most entries that are taken up at once. */
export const OUTBOX_MAX = 100;

/** @param {Kept} kept */
export function createOutbox(kept) {
  return {
    /**
     * In the order in which they were written; what was being sent when the page ended waits again.
     * @returns {Outgoing[]}
     */
    load() {
      return kept
        .names(START)
        .map((name) => /** @type {Outgoing | undefined} */ (kept.get(name)))
        .filter((item) => item !== undefined && typeof item.clientId === 'string')
        .map((item) => /** @type {Outgoing} */ ({ ...item, state: item?.state === 'failed' ? 'failed' : 'waiting' }))
        .sort((a, b) => a.at - b.at || (a.clientId < b.clientId ? -1 : 1))
        .slice(0, OUTBOX_MAX);
    },

    /** @param {Outgoing} item */
    put(item) {
      return kept.set(START + item.clientId, item);
    },

    /** @param {string} clientId */
    remove(clientId) {
      kept.remove(START + clientId);
    },

    clear() {
      kept.names(START).forEach((name) => kept.remove(name));
    },
  };
}

/** @typedef {ReturnType<typeof createOutbox>} Outbox */
