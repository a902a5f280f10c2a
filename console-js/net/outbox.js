// Messages that the server has not acknowledged, kept until it has.
//
// Guarantees: a message is written down before it is sent, and forgotten only when its acknowledgement or its own event has
// arrived, or when its author takes it back; it keeps its `client_id` through every repeat, so it is stored once. Within a
// conversation messages leave one after the other, so they arrive in the order in which they were written. At most
// `ITEMS_MAX` are kept; one more is refused, not dropped.
// It does not speak to the socket by itself: `send` is handed in. Start reading at `add`, `flush` and `settle`.

/** @typedef {import("../state/model.js").Unsent} Unsent */

/** Most messages that wait at once. */
export const ITEMS_MAX = 200;
/** How often a message that the server asked to repeat at once is repeated without a wait. */
const TRIES_AT_ONCE_MAX = 3;
/** Unanswered for so long, a message goes again: its client id makes the repeat harmless. */
const ANSWER_MS_MAX = 15_000;
/** The wait where the server asked for one without saying how long. */
const WAIT_MS_DEFAULT = 2000;

/**
 * @typedef {{getItem(key: string): string|null, setItem(key: string, value: string): void, removeItem(key: string): void,
 *   key(index: number): string|null, readonly length: number}} Storage
 * @typedef {{
 *   storage: Storage,
 *   owner: string,
 *   send: (frame: object) => boolean,
 *   now_ms: () => number,
 *   after: (delay_ms: number, action: () => void) => () => void,
 *   on_change: (items: Unsent[]) => void,
 *   on_acknowledged: (frame: import("./wire.js").AckFrame, item: Unsent) => void,
 *   on_stale: (item: Unsent) => void,
 *   on_storage_full: () => void,
 * }} Ports
 */

export class Outbox {
  /** @type {Map<string, Unsent>} in the order in which they were written */
  #items = new Map();
  /** @type {Map<string, () => void>} ends the wait for the answer to what is on its way */
  #waits = new Map();
  #ports;
  #prefix;

  /** @param {Ports} ports */
  constructor(ports) {
    this.#ports = ports;
    this.#prefix = `switchboard.unsent.${ports.owner}.`;
    for (const item of this.#stored()) this.#items.set(item.client_id, item);
    this.#tell();
  }

  /** @returns {Unsent[]} */
  get items() {
    return [...this.#items.values()];
  }

  /**
   * Writes a message down and sends it as soon as possible.
   * @param {Pick<Unsent, "client_id"|"conversation_id"|"kind"|"text"|"attachments"|"last_seen_seq"|"reply_to_seq"|"created_at">} message
   * @returns {boolean} false if there is no room: nothing was taken
   */
  add(message) {
    if (this.#items.size >= ITEMS_MAX) return false;
    this.#put({ ...message, state: "queued", not_before_ms: 0, tries: 0, error: null, unseen: [] });
    this.#tell();
    this.flush();
    return true;
  }

  /** Sends what may go now. */
  flush() {
    const now_ms = this.#ports.now_ms();
    for (const item of due(this.items, now_ms)) {
      const { client_id, conversation_id, kind, text, last_seen_seq, reply_to_seq } = item;
      const attachments = item.attachments.map((attachment) => attachment.id);
      const frame = { type: "send", ref: client_id, client_id, conversation_id, kind, text, attachments, last_seen_seq, ...(reply_to_seq ? { reply_to_seq } : {}) };
      if (!this.#ports.send(frame)) break;
      this.#put({ ...item, state: "sending", error: null });
      this.#waits.set(client_id, this.#ports.after(ANSWER_MS_MAX, () => this.#overdue(client_id)));
    }
    this.#tell();
  }

  /** The socket is gone: what was on its way may or may not have arrived, and goes again. */
  interrupted() {
    for (const item of this.items) {
      if (item.state === "sending") this.#put({ ...item, state: "queued" });
    }
    this.#tell();
  }

  /**
   * The server closed the socket because of what we sent: sending the same again would close it again.
   * @param {string} error
   */
  rejected(error) {
    for (const item of this.items) {
      if (item.state === "sending") this.#put({ ...item, state: "failed", error });
    }
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

  /** @param {string} client_id */
  #overdue(client_id) {
    const item = this.#items.get(client_id);
    if (item?.state !== "sending") return;
    this.#put({ ...item, state: "queued" });
    this.flush();
  }

  /** @param {Unsent} item */
  #put(item) {
    this.#items.set(item.client_id, item);
    this.#waits.get(item.client_id)?.();
    this.#waits.delete(item.client_id);
    try {
      this.#ports.storage.setItem(this.#prefix + item.client_id, JSON.stringify(item));
    } catch {
      // It still stands on the screen and is sent; only a reload would lose it, and that is said.
      this.#ports.on_storage_full();
    }
  }

  /** @param {string} client_id */
  #drop(client_id) {
    this.#waits.get(client_id)?.();
    this.#waits.delete(client_id);
    this.#items.delete(client_id);
    this.#ports.storage.removeItem(this.#prefix + client_id);
  }

  #tell() {
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
 * The messages that may leave now: of each conversation the first, unless that one is on its way, waits, or awaits a
 * decision. A failed one lets the others pass.
 * @param {Unsent[]} items in the order in which they were written
 * @param {number} now_ms
 * @returns {Unsent[]}
 */
export function due(items, now_ms) {
  /** @type {Set<string>} */
  const seen = new Set();
  return items.filter((item) => {
    if (item.state === "failed" || seen.has(item.conversation_id)) return false;
    seen.add(item.conversation_id);
    return item.state === "queued" || (item.state === "waiting" && item.not_before_ms <= now_ms);
  });
}

/**
 * @param {string|null} text
 * @returns {Unsent|null}
 */
function readItem(text) {
  try {
    const item = JSON.parse(text ?? "");
    if (typeof item.client_id !== "string" || typeof item.conversation_id !== "string" || typeof item.text !== "string") return null;
    // Whatever it was when the page went away, it is to be sent now; only a refusal for good stays one.
    const state = item.state === "failed" ? "failed" : "queued";
    return { ...item, attachments: item.attachments ?? [], unseen: [], state, not_before_ms: 0, tries: 0 };
  } catch {
    return null;
  }
}
