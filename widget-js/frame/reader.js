/**
 * Marks as read what the visitor has before their eyes, and tells the host how much is not.
 *
 * Guarantees: a read mark is sent once, and again after a reconnect if it could not be sent; it never goes back.
 *
 * @import {Store} from './state/store.js'
 * @import {Kept} from './state/storage.js'
 *
 * @typedef {object} Parts
 * @property {Store} store
 * @property {Kept} kept
 * @property {() => boolean} looking whether the end of the log is on the screen
 * @property {(frame: object) => boolean} send
 * @property {(count: number) => void} onUnread
 */
import { countUnread, lastFromThem } from './state/message.js';

/** @param {Parts} parts */
export function createReader({ store, kept, looking, send, onUnread }) {
  let told = -1;
  let sentUpTo = Number(kept.get('read')) || 0;

  function sync() {
    const state = store.get();
    const last = lastFromThem(state);
    if (looking() && last > state.seenByUs) {
      kept.set('read', last);
      store.dispatch({ type: 'read', seq: last });
      return;
    }
    const { conversationId: conversation_id, seenByUs: seq } = state;
    if (conversation_id && seq > sentUpTo && last >= seq && send({ type: 'read', conversation_id, seq })) sentUpTo = seq;
    const count = countUnread(state);
    if (count === told) return;
    told = count;
    onUnread(count);
  }

  const stop = store.listen(sync);
  return {
    sync,
    stop,
    /** After a change of language the same count is said anew. */
    tellAgain() {
      told = -1;
      sync();
    },
    /** Another conversation counts from its own beginning. */
    forget() {
      sentUpTo = 0;
    },
  };
}
