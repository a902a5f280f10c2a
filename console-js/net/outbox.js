// Messages that the server has not acknowledged, kept until it has.
//
// Guarantees: a message is written down before it is sent, and forgotten only when its acknowledgement or its own event has
// arrived, or when its author takes it back; it keeps its `client_id` through every repeat, so it is stored once. Within a
// conversation messages leave one after the other, so they arrive in the order in which they were written. At most
// `ITEMS_MAX` are kept; one more is refused, not dropped. A message may be held for a moment in which its author can take it
// back; the next one of its conversation ends that moment, and so does the page when it goes away (`leave`).
// All tabs of a browser know every message, but only the tab that wrote one sends it, unless that tab is silent for too long.
// It does not speak to the socket by itself: `send` is handed in. Start reading at `add`, `flush` and `settle`.

/** @typedef {import("../state/model.js").Unsent} Unsent */

/** Most messages that wait at once. */
export const ITEMS_MAX = 200;
/** How often a message that the server asked to repeat at once is repeated without a wait. */
const TRIES_AT_ONCE_MAX = 3;
/** Unanswered for so long, a message goes again: its client id makes the repeat harmless. */
const ANSWER_MS_MAX = 15_000;
/** A message of another tab that nobody touched for so long is ours: its tab is gone. Longer than an answer may take. */
export const ABANDONED_MS = 20_000;
/** So long somebody who signs out waits for what is on its way. */
const DRAIN_MS_MAX = 3000;
/** The wait where the server asked for one without saying how long. */
const WAIT_MS_DEFAULT = 2000;

/**
 * @typedef {{getItem(key: string): string|null, setItem(key: string, value: string): void, removeItem(key: string): void,
 *   key(index: number): string|null, readonly length: number}} Storage
 * @typedef {{
 *   storage: Storage,
 *   owner: string,
 *   tab: string,
 *   send: (frame: object) => boolean,
 *   post: (message: {conversation_id: string, client_id: string, body: object}) => void,
 *   now_ms: () => number,
 *   after: (delay_ms: number, action: () => void) => () => void,
 *   on_change: (items: Unsent[]) => void,
 *   on_acknowledged: (frame: import("./wire.js").AckFrame, item: Unsent) => void,
 *   on_stale: (item: Unsent) => void,
 *   on_storage_full: () => void,
 * }} Ports
 * `tab` is the same after a reload, and of this tab alone. `post` sends once and outlives the page; what became of it is not told.
 */

export class Outbox {
  /** @type {Map<string, Unsent>} in the order in which they were written */
  #items = new Map();
  /** @type {Map<string, () => void>} ends the wait for the answer to what is on its way */
  #waits = new Map();
  /** @type {(() => void)[]} those who wait until nothing is on its way */
  #drained = [];
  #ports;
  #prefix;

  /** @param {Ports} ports */
  constructor(ports) {
    this.#ports = ports;
    this.#prefix = `switchboard.unsent.${ports.owner}.`;
    for (const item of this.#stored()) {
      // Whatever it was when this tab's page went away, it is to be sent now; only a refusal for good stays one.
      const afresh = { ...item, state: /** @type {const} */ ("queued"), not_before_ms: 0 };
      if (item.tab === ports.tab) this.#items.set(item.client_id, item.state === "failed" ? item : afresh);
      else this.#mirror(item);
    }
    this.#tell();
  }

  /** @returns {Unsent[]} */
  get items() {
    return [...this.#items.values()];
  }

  /**
   * Writes a message down and sends it as soon as possible, or when it was held so long.
   * @param {Pick<Unsent, "client_id"|"conversation_id"|"kind"|"text"|"content"|"attachments"|"last_seen_seq"|"reply_to_seq"|"created_at">} message
   * @param {number} [hold_ms]
   * @returns {boolean} false if there is no room: nothing was taken
   */
  add(message, hold_ms = 0) {
    if (this.#items.size >= ITEMS_MAX) return false;
    this.release(message.conversation_id);
    const state = hold_ms > 0 ? "held" : "queued";
    this.#put({ ...message, tab: this.#ports.tab, written_ms: 0, state, not_before_ms: this.#ports.now_ms() + hold_ms, tries: 0, error: null, unseen: [] });
    if (hold_ms > 0) this.#ports.after(hold_ms, () => this.#ripen(message.client_id));
    this.#tell();
    this.flush();
    return true;
  }

  /**
   * Ends the moment in which a conversation's messages could be taken back.
   * @param {string} conversation_id
   * @returns {boolean} whether there was one
   */
  release(conversation_id) {
    const held = this.items.filter((item) => item.conversation_id === conversation_id && item.state === "held");
    for (const item of held) this.#put({ ...item, state: "queued", not_before_ms: 0 });
    if (held.length > 0) {
      this.#tell();
      this.flush();
    }
    return held.length > 0;
  }

  /**
   * Lets everything go that may go, and waits until it has gone, or for a while.
   * @returns {Promise<void>}
   */
  drain() {
    for (const { conversation_id } of this.items) this.release(conversation_id);
    if (this.#underWay().length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#ports.after(DRAIN_MS_MAX, () => this.#endDrain());
    });
  }

  #endDrain() {
    for (const done of this.#drained.splice(0)) done();
  }

  /**
   * The page goes away, perhaps for good: of each conversation the first message is sent in a way that outlives the page. It stays written down:
   * when the page is back it goes again, and its client id makes that harmless. The ones behind it follow then, in their order.
   */
  leave() {
    const own = this.items.filter((item) => item.tab === this.#ports.tab);
    for (const item of firsts(own)) {
      if (item.state !== "held" && item.state !== "queued" && item.state !== "sending") continue;
      const { conversation_id, client_id } = item;
      this.#ports.post({ conversation_id, client_id, body: { client_id, ...said(item) } });
    }
    for (const item of own) {
      if (item.state === "held") this.#put({ ...item, state: "queued", not_before_ms: 0 });
    }
    this.#tell();
  }

  /**
   * Another tab wrote a message down, changed it, or knows that it is done.
   * @param {string|null} key of the storage
   * @param {string|null} text what stands there now
   */
  heard(key, text) {
    if (!key?.startsWith(this.#prefix)) return;
    const client_id = key.slice(this.#prefix.length);
    if (text === null) {
      if (!this.#items.has(client_id)) return;
      this.#forget(client_id);
      this.#tell();
      return this.flush();
    }
    const item = readItem(text);
    if (!item || item.tab === this.#ports.tab) return;
    this.#forget(client_id);
    this.#mirror(item);
    this.#tell();
  }

  /** Sends what may go now. */
  flush() {
    const now_ms = this.#ports.now_ms();
    for (const item of due(this.items, now_ms, this.#ports.tab)) {
      const { client_id, conversation_id } = item;
      const frame = { type: "send", ref: client_id, client_id, conversation_id, ...said(item) };
      if (!this.#ports.send(frame)) break;
      this.#put({ ...item, state: "sending", error: null });
      this.#waits.set(client_id, this.#ports.after(ANSWER_MS_MAX, () => this.#overdue(client_id)));
    }
    this.#tell();
  }

  /** The socket is gone: what was on its way may or may not have arrived, and goes again. */
  interrupted() {
    for (const item of this.#underWay()) this.#put({ ...item, state: "queued" });
    this.#tell();
  }

  /**
   * The server closed the socket because of what we sent: sending the same again would close it again.
   * @param {string} error
   */
  rejected(error) {
    for (const item of this.#underWay()) this.#put({ ...item, state: "failed", error });
    this.#tell();
  }

  /** @param {import("./wire.js").AckFrame} frame */
  acknowledge(frame) {
    const item = this.#items.get(frame.ref);
    if (!item) return;
    this.#ports.on_acknowledged(frame, item);
    this.settle(item.client_id);
  }

  /**
   * The message is known to be stored.
   * @param {string} client_id
   */
  settle(client_id) {
    if (!this.#items.has(client_id)) return;
    this.#drop(client_id);
    this.#tell();
    this.flush();
  }

  /** @param {import("./wire.js").RefusedFrame} frame */
  refuse(frame) {
    const item = frame.ref === undefined ? undefined : this.#items.get(frame.ref);
    if (!item) return;
    const tries = item.tries + 1;
    if (frame.code === "stale_reply") {
      const stale = { ...item, tries, state: /** @type {const} */ ("stale"), unseen: frame.unseen ?? [], error: frame.detail };
      this.#put(stale);
      this.#tell();
      this.#ports.on_stale(stale);
      return;
    }
    if (frame.retry === "never") {
      this.#put({ ...item, tries, state: "failed", error: frame.detail });
    } else {
      const at_once = frame.retry === "now" && tries <= TRIES_AT_ONCE_MAX;
      const wait_ms = at_once ? 0 : (frame.retry_after_ms ?? WAIT_MS_DEFAULT);
      this.#put({ ...item, tries, state: "waiting", not_before_ms: this.#ports.now_ms() + wait_ms, error: frame.detail });
      this.#ports.after(wait_ms, () => this.flush());
    }
    this.#tell();
    this.flush();
  }

  /**
   * Sends again what failed, or what was stale, now knowing what was missed.
   * @param {string} client_id
   */
  retry(client_id) {
    const item = this.#items.get(client_id);
    if (!item || item.state === "sending") return;
    const last_seen_seq = Math.max(item.last_seen_seq, ...item.unseen.map((message) => message.seq));
    this.#put({ ...item, last_seen_seq, state: "queued", not_before_ms: 0, tries: 0, error: null, unseen: [] });
    this.#tell();
    this.flush();
  }

  /**
   * Takes a message back that is not on its way.
   * @param {string} client_id
   * @returns {Unsent|null} null if it is on its way, or gone
   */
  takeBack(client_id) {
    const item = this.#items.get(client_id);
    if (!item || item.state === "sending") return null;
    this.#drop(client_id);
    this.#tell();
    this.flush();
    return item;
  }

  /** The moment is over, whatever the clock says. @param {string} client_id */
  #ripen(client_id) {
    const item = this.#items.get(client_id);
    if (item?.state === "held") this.release(item.conversation_id);
  }

  /** @param {string} client_id */
  #overdue(client_id) {
    const item = this.#items.get(client_id);
    if (item?.state !== "sending") return;
    this.#put({ ...item, state: "queued" });
    this.flush();
  }

  /** What this tab has sent and has no answer to. */
  #underWay() {
    return this.items.filter((item) => item.state === "sending" && item.tab === this.#ports.tab);
  }

  /** Keeps what another tab has written: it is shown, and sent only once that tab is gone. @param {Unsent} item */
  #mirror(item) {
    this.#items.set(item.client_id, item);
    this.#ports.after(Math.max(0, abandonedAt(item) - this.#ports.now_ms()), () => this.flush());
  }

  /** Writes a message down as ours. @param {Unsent} item */
  #put(item) {
    const { tab, now_ms, storage } = this.#ports;
    const own = { ...item, tab, written_ms: now_ms() };
    this.#items.set(item.client_id, own);
    this.#waits.get(item.client_id)?.();
    this.#waits.delete(item.client_id);
    try {
      storage.setItem(this.#prefix + item.client_id, JSON.stringify(own));
    } catch {
      // It still stands on the screen and is sent; only a reload would lose it, and that is said.
      this.#ports.on_storage_full();
    }
  }

  /** @param {string} client_id */
  #forget(client_id) {
    this.#waits.get(client_id)?.();
    this.#waits.delete(client_id);
    this.#items.delete(client_id);
  }

  /** @param {string} client_id */
  #drop(client_id) {
    this.#forget(client_id);
    this.#ports.storage.removeItem(this.#prefix + client_id);
  }

  #tell() {
    if (this.#underWay().length === 0) this.#endDrain();
    this.#ports.on_change(this.items);
  }

  /** @returns {Unsent[]} what an earlier page left behind, oldest first */
  #stored() {
    const { storage } = this.#ports;
    /** @type {Unsent[]} */
    const items = [];
    for (let index = 0; index < storage.length; index += 1) {
      const key = storage.key(index);
      if (!key?.startsWith(this.#prefix)) continue;
      const item = readItem(storage.getItem(key));
      if (item) items.push(item);
    }
    return items.sort((one, other) => (one.created_at < other.created_at ? -1 : 1)).slice(0, ITEMS_MAX);
  }
}

/**
 * What a message says, as the socket and the REST API take it.
 * @param {Unsent} item
 */
function said({ kind, text, content, attachments, last_seen_seq, reply_to_seq }) {
  const quote = reply_to_seq ? { reply_to_seq } : {};
  return { kind, ...(content ? { content } : { text }), attachments: attachments.map((attachment) => attachment.id), last_seen_seq, ...quote };
}

/**
 * The messages that may leave now: of each conversation the first, unless that one is on its way, waits, is held, is another
 * tab's, or awaits a decision. A failed one lets the others pass.
 * @param {Unsent[]} items in the order in which they were written
 * @param {number} now_ms
 * @param {string} tab
 * @returns {Unsent[]}
 */
export function due(items, now_ms, tab) {
  return firsts(items).filter((item) => {
    if (item.tab !== tab) return now_ms >= abandonedAt(item);
    return item.state === "queued" || (item.state === "waiting" && item.not_before_ms <= now_ms);
  });
}

/** Of each conversation the first that did not fail. @param {Unsent[]} items */
function firsts(items) {
  /** @type {Set<string>} */
  const seen = new Set();
  return items.filter((item) => {
    if (item.state === "failed" || seen.has(item.conversation_id)) return false;
    seen.add(item.conversation_id);
    return true;
  });
}

/** From when on a message that another tab has written is anybody's. @param {Unsent} item */
function abandonedAt({ written_ms, not_before_ms }) {
  return Math.max(written_ms, not_before_ms) + ABANDONED_MS;
}

/**
 * @param {string|null} text
 * @returns {Unsent|null}
 */
function readItem(text) {
  try {
    const item = JSON.parse(text ?? "");
    if (typeof item.client_id !== "string" || typeof item.conversation_id !== "string" || typeof item.text !== "string") return null;
    // What an earlier version wrote down has no tab: nobody else sends it.
    return { tab: "", written_ms: 0, content: null, state: "queued", ...item, attachments: item.attachments ?? [], unseen: item.unseen ?? [], tries: 0 };
  } catch {
    return null;
  }
}
