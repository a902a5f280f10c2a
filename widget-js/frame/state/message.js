/**
 * Messages as they come over the wire, made into the widget's own, and merged. Pure.
 *
 * @import {WireAuthor, WireMessage} from '../wire.js'
 * @import {Author, Message, State} from './store.js'
 */

/**
 * @param {WireAuthor} wire
 * @returns {Author}
 */
export function readAuthor(wire) {
  return {
    kind: wire.type ?? wire.role ?? 'agent',
    id: wire.id ?? null,
    name: wire.name ?? null,
    avatarUrl: wire.avatar_url ?? null,
  };
}

/**
 * @param {WireMessage} wire
 * @returns {Message}
 */
export function readMessage(wire) {
  return {
    id: wire.id,
    seq: wire.seq,
    author: readAuthor(wire.author),
    content: wire.content ?? null,
    text: wire.content_text,
    attachments: wire.attachments ?? [],
    clientId: wire.client_id ?? null,
    at: Date.parse(wire.created_at),
    seen: wire.status === 'read',
    failed: wire.status === 'failed',
  };
}

/**
 * The messages of both lists by `seq`, each once; the newer reading wins, but what is known about it is not unlearnt.
 * @param {Message[]} old
 * @param {Message[]} fresh
 * @returns {Message[]}
 */
export function mergeMessages(old, fresh) {
  const byId = new Map(old.map((message) => [message.id, message]));
  for (const message of fresh) {
    const before = byId.get(message.id);
    byId.set(message.id, {
      ...message,
      seen: message.seen || (before?.seen ?? false),
      clientId: message.clientId ?? before?.clientId ?? null,
    });
  }
  return [...byId.values()].sort((a, b) => a.seq - b.seq);
}

/**
 * How many messages of the other side the visitor has not seen.
 * @param {State} state
 */
export function countUnread(state) {
  return state.messages.filter((m) => m.author.kind !== 'visitor' && m.seq > state.seenByUs).length;
}

/**
 * The `seq` of the last message of the other side, 0 if there is none.
 * @param {State} state
 */
export function lastFromThem(state) {
  return state.messages.findLast((message) => message.author.kind !== 'visitor')?.seq ?? 0;
}
