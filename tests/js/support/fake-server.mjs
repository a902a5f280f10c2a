/**
 * The server as the widget's parts see it, in memory: transports, `init` and history over one conversation.
 * What is sent can be lost on either way, as a cut network loses it.
 */
import { createConversation } from './conversation.mjs';

export function createFakeServer(clock) {
  const conversation = createConversation({ now: clock.now });
  const server = {
    conversation,
    /** The open transport's server side, or null. */
    peer: null,
    opened: [],
    sent: [],
    inits: [],
    histories: 0,
    /** What to do instead: `init` and `history` throw it; `close` ends with the code; `silent` never welcomes. */
    rules: {},

    async init(request) {
      server.inits.push(request);
      if (server.rules.init) throw server.rules.init;
      return {
        sessionToken: `token-${server.inits.length}`, visitorId: 'visitor', config: server.rules.config ?? {},
        conversationId: conversation.begun() ? conversation.id : null, cursor: conversation.cursor(),
      };
    },
    async history(_token, before) {
      server.histories += 1;
      if (server.rules.history) throw server.rules.history;
      return { messages: conversation.list(before, 100), cursor: conversation.cursor() };
    },
    async say({ message, clientId }) {
      if (server.rules.say) throw server.rules.say;
      const { id, seq } = conversation.visitorSays(message, [], clientId);
      return { messageId: id, seq, conversationId: conversation.id };
    },
    /** Cuts the line; what was on its way is lost. */
    cut(code = 0) {
      server.peer?.end(code);
    },
    transport: (kind) => (credentials, on) => open(kind, credentials, on),
  };

  function open(kind, credentials, on) {
    server.opened.push({ kind, ...credentials });
    let over = false;
    let stopListening = () => {};
    const tell = (frame) => Promise.resolve().then(() => over || on.frame(structuredClone(frame)));

    function close() {
      over = true;
      stopListening();
      if (server.peer === peer) server.peer = null;
    }

    function end(code) {
      if (over) return;
      close();
      on.ended(code);
    }

    function begin() {
      if (over || server.rules.silent) return;
      if (server.rules.close !== undefined && (server.rules.closeKind ?? kind) === kind) {
        end(server.rules.close);
        return;
      }
      const missed = credentials.cursor ? conversation.after(credentials.cursor) : [];
      const cursor = missed && credentials.cursor ? credentials.cursor : conversation.cursor();
      // Subscribed first: what a welcomed client says at once is an event it must see.
      stopListening = conversation.listen((event) => {
        if (!server.rules.lose?.(event)) tell(event);
      });
      on.welcome(kind === 'socket' ? { type: 'welcome', session_id: 's', cursor, heartbeat_secs: 25, limits: {} } : null);
      if (missed) missed.forEach(tell);
      else tell({ type: 'resync_required', reason: 'epoch' });
    }

    function take(frame) {
      server.sent.push(frame);
      if (frame.type !== 'send' || server.rules.mute) return;
      if (server.rules.refuse) {
        tell({ type: 'refused', detail: '', ...server.rules.refuse, ref: frame.ref });
        return;
      }
      const message = conversation.visitorSays(frame.text ?? '', [], frame.client_id);
      if (!server.rules.loseAcks) {
        tell({ type: 'ack', ref: frame.ref, message_id: message.id, seq: message.seq, conversation_id: conversation.id });
      }
    }

    const peer = { tell, end };
    server.peer = peer;
    Promise.resolve().then(begin);
    return {
      kind,
      close,
      probe() {},
      send(frame) {
        if (over || kind === 'stream') return false;
        Promise.resolve().then(() => over || take(frame));
        return true;
      },
    };
  }

  return server;
}
