/**
 * One visitor's conversation as the server keeps it: events with `seq`, what the visitor may see of them, cursors.
 * In memory, for tests of the visitor's side. The shapes are those of `tests/wire/`.
 */

export const EPOCH = '9f3c01ab';

let ids = 0;
/** An id of the right shape that is unlike the others. */
export function newId() {
  ids += 1;
  return `01a1fdfa-4600-7000-8000-${ids.toString(16).padStart(12, '0')}`;
}

/** @param {string} text */
export function plainDocument(text) {
  return { type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] };
}

export function createConversation({ now = () => Date.now() } = {}) {
  const id = newId();
  const contactId = newId();
  /** Events that the visitor sees, as frames without `prev`. */
  const events = [];
  const messages = [];
  const byClientId = new Map();
  const listeners = new Set();
  let seq = 0;

  const stamp = () => new Date(now()).toISOString().replace('Z', '000Z');

  function append(event, data) {
    const frame = { type: 'event', conversation_id: id, seq, prev: events.at(-1)?.seq ?? 0, event, data, at: stamp() };
    events.push(frame);
    listeners.forEach((listener) => listener(frame));
  }

  function say(author, content, text, extra) {
    // The agents' side of things takes numbers, too: messages are in order but not consecutive.
    seq += messages.length === 0 ? 3 : 2;
    const message = {
      id: newId(), conversation_id: id, ticket_id: id, seq, kind: 'message', direction: author.type === 'visitor' ? 'in' : 'out',
      author, content, content_text: text, attachments: [], reactions: [], status: 'sent', created_at: stamp(), ...extra,
    };
    messages.push(message);
    append('conversation.message_created', message);
    return message;
  }

  return {
    id,
    events,
    messages,
    cursor: () => `${EPOCH}-${events.at(-1)?.seq ?? 0}`,
    begun: () => messages.length > 0,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** @param {string} text @param {object[]} attachments @param {string} clientId */
    visitorSays(text, attachments, clientId) {
      const known = byClientId.get(clientId);
      if (known) return known;
      const author = { type: 'visitor', id: contactId, name: null, avatar_url: null };
      const message = say(author, plainDocument(text), text, { attachments, client_id: clientId });
      byClientId.set(clientId, message);
      return message;
    },
    /** @param {string} text @param {object} extra `name`, `content`, `attachments` */
    agentSays(text, { name = 'Maya Chen', content = plainDocument(text), attachments = [] } = {}) {
      return say({ type: 'agent', id: 'agent', name, avatar_url: null }, content, text, { attachments });
    },
    /** @param {'visitor' | 'agent'} type @param {number} upTo */
    read(type, upTo) {
      seq += 1;
      append('conversation.read', { conversation_id: id, by: { type, id: contactId }, seq: upTo });
    },
    /** Everything after a cursor, or null where the cursor is none of ours. */
    after(cursor) {
      const [epoch, place] = String(cursor).split('-');
      if (epoch !== EPOCH) return null;
      return events.filter((event) => event.seq > Number(place));
    },
    /** The newest messages, or those before a `seq`, as the widget's history answers them. */
    list(before = Infinity, limit = 50) {
      return messages.filter((message) => message.seq < before).slice(-limit).map(({ id: messageId, author, ...message }) => ({
        id: messageId,
        seq: message.seq,
        content: message.content,
        content_text: message.content_text,
        created_at: message.created_at,
        author: { name: author.name, avatar_url: author.avatar_url, role: author.type },
        attachments: message.attachments,
        status: message.status,
        client_id: message.client_id ?? null,
      }));
    },
  };
}
