// The agent's live connection.
//
// Guarantees: events are handed on once each and in order; when one is missing the socket reconnects with its cursor and the
// server fills the hole. A socket that went silent is found out and replaced. After every connection the topics of the moment
// are subscribed before anything else is sent. It reconnects for ever, with jitter, unless the server says not to.
// It keeps the cursor in memory alone: a new page loads its screens afresh.
// Start reading at `#connect`, then `#take`.

import { judge, readCursor } from "../state/stream.js";
import { waitBefore } from "./backoff.js";

/** How long `welcome` may take, and a `pong`. */
const ANSWER_MS_MAX = 10_000;
/** Holes at one and the same place before the screens are loaded afresh instead. */
const GAPS_AT_ONE_PLACE_MAX = 3;
const HEARTBEAT_SECS_DEFAULT = 25;
/** `WebSocket.OPEN`: a socket that is closing takes no more, and says so only later. */
const OPEN = 1;
/** What the server says of a conversation that the agent may not follow. */
const NOT_OURS = ["not_found", "forbidden"];

/**
 * @typedef {{
 *   url: string,
 *   scope: import("../app/scope.js").Scope,
 *   open: (url: string) => WebSocket,
 *   network: EventTarget,
 *   has_network: () => boolean,
 *   random: () => number,
 *   now_ms: () => number,
 *   on_phase: (connection: import("../state/model.js").Connection) => void,
 *   on_frame: (frame: import("./wire.js").ServerFrame) => void,
 *   on_ready: () => void,
 *   on_afresh: () => void,
 *   on_lost: (code: number) => void,
 * }} Ports
 * `network` tells "online" and "offline". `on_ready`: topics are subscribed, frames may be sent. `on_afresh`: what is on the screen may miss something that no event
 * will tell, so load it (after `settled`). `on_lost`: the socket closed.
 */

export class AgentSocket {
  #ports;
  /** @type {WebSocket|null} */
  #socket = null;
  /** @type {import("../app/scope.js").Scope|null} */
  #scope = null;
  #welcomed = false;
  #failures = 0;
  /** @type {string|null} */
  #epoch = null;
  #position = 0;
  #heartbeat_ms = HEARTBEAT_SECS_DEFAULT * 1000;
  /** @type {string[]} */
  #topics = [];
  /** @type {(() => void)[]} those who wait for the next `pong` */
  #waiting = [];
  /** @type {number|null} as `goodbye` said */
  #wait_ms = null;
  #gap = { position: -1, times: 0 };
  /** Ends the wait for `welcome`. */
  #stop_waiting = () => {};

  /** @param {Ports} ports */
  constructor(ports) {
    this.#ports = ports;
    ports.scope.own(() => this.#drop(1000));
  }

  start() {
    const { scope, network } = this.#ports;
    scope.listen(network, "online", () => this.reconnect());
    scope.listen(network, "offline", () => this.#lost(1006));
    this.#connect();
  }

  get live() {
    return this.#welcomed;
  }

  /** Tries at once instead of at the planned time. */
  reconnect() {
    if (this.#socket && this.#welcomed) return this.#probe();
    this.#failures = 0;
    this.#connect();
  }

  /**
   * @param {object} frame
   * @returns {boolean} false if there is no connection; nothing is queued here
   */
  send(frame) {
    if (!this.#welcomed || this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /**
   * Sets the topics to hear; kept through every reconnect.
   * @param {string[]} topics
   */
  setTopics(topics) {
    const gone = this.#topics.filter((topic) => !topics.includes(topic));
    const added = topics.filter((topic) => !this.#topics.includes(topic));
    this.#topics = topics;
    if (gone.length > 0) this.send({ type: "unsubscribe", topics: gone });
    if (added.length > 0) this.send({ type: "subscribe", topics: added });
  }

  /**
   * Done when every frame sent so far has been taken, or at once where there is no connection to wait for.
   * @returns {Promise<void>}
   */
  settled() {
    if (!this.send({ type: "ping" })) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #connect() {
    const { scope: owner, open, url } = this.#ports;
    if (owner.stopped) return;
    this.#drop(1000);
    if (!this.#ports.has_network()) {
      this.#tell({ phase: "offline", retry_at_ms: null, code: null });
      return;
    }
    const scope = owner.child();
    this.#scope = scope;
    this.#tell({ phase: "connecting", retry_at_ms: null, code: null });
    const socket = open(url);
    this.#socket = socket;
    scope.listen(socket, "open", () => {
      const cursor = this.#epoch === null ? undefined : `${this.#epoch}-${this.#position}`;
      socket.send(JSON.stringify({ type: "hello", cursor }));
    });
    scope.listen(socket, "message", (/** @type {MessageEvent} */ event) => this.#read(event.data));
    scope.listen(socket, "close", (/** @type {CloseEvent} */ event) => this.#lost(event.code));
    this.#stop_waiting = scope.after(ANSWER_MS_MAX, () => this.#lost(1006));
  }

  /** @param {unknown} data */
  #read(data) {
    /** @type {import("./wire.js").ServerFrame} */
    let frame;
    try {
      frame = JSON.parse(String(data));
    } catch {
      // Not ours to understand: a fresh connection tells the same again, whole.
      this.#lost(1006);
      return;
    }
    this.#take(frame);
  }

  /** @param {import("./wire.js").ServerFrame} frame */
  #take(frame) {
    switch (frame.type) {
      case "welcome":
        return this.#welcome(frame);
      case "event":
        return this.#event(frame);
      case "pong":
        for (const done of this.#waiting.splice(0)) done();
        return;
      case "resync_required":
        return this.#ports.on_afresh();
      case "refused":
        if (frame.ref === undefined && NOT_OURS.includes(frame.code)) this.#forgetConversation();
        return this.#ports.on_frame(frame);
      case "goodbye":
        this.#wait_ms = frame.reconnect_after_ms;
        return;
      default:
        this.#ports.on_frame(frame);
    }
  }

  /** @param {import("./wire.js").WelcomeFrame} frame */
  #welcome(frame) {
    const cursor = readCursor(frame.cursor);
    if (!cursor) return this.#lost(1006);
    const afresh = this.#epoch === null;
    this.#epoch = cursor.epoch;
    this.#position = cursor.position;
    this.#heartbeat_ms = (frame.heartbeat_secs || HEARTBEAT_SECS_DEFAULT) * 1000;
    this.#stop_waiting();
    this.#welcomed = true;
    this.#failures = 0;
    this.#scope?.every(this.#heartbeat_ms, () => this.#probe());
    if (this.#topics.length > 0) this.send({ type: "subscribe", topics: this.#topics });
    this.#ports.on_frame(frame);
    this.#tell({ phase: "live", retry_at_ms: null, code: null });
    this.#ports.on_ready();
    if (afresh) this.#ports.on_afresh();
  }

  /** @param {import("./wire.js").EventFrame} frame */
  #event(frame) {
    const verdict = judge(this.#position, frame);
    if (verdict === "duplicate") return;
    if (verdict === "gap") return this.#missing();
    this.#position = frame.position;
    this.#ports.on_frame(frame);
  }

  /**
   * The open conversation is not there, or not ours: a subscription that names it is refused as a whole, the list's topics with
   * it. So they are asked for again alone, and what happened meanwhile is loaded.
   */
  #forgetConversation() {
    if (!this.#topics.some(isConversation)) return;
    this.#topics = this.#topics.filter((topic) => !isConversation(topic));
    this.send({ type: "subscribe", topics: this.#topics });
    this.#ports.on_afresh();
  }

  /** Something is missing: the cursor brings it; if not even that does, everything is loaded afresh. */
  #missing() {
    const here = this.#gap.position === this.#position;
    this.#gap = { position: this.#position, times: here ? this.#gap.times + 1 : 1 };
    if (this.#gap.times > GAPS_AT_ONE_PLACE_MAX) this.#epoch = null;
    this.#lost(1006);
  }

  /** Asks for a sign of life, and gives the connection up if none comes. */
  #probe() {
    const scope = this.#scope;
    if (!scope || !this.#welcomed) return;
    const give_up = scope.after(ANSWER_MS_MAX, () => this.#lost(1006));
    void this.settled().then(give_up);
  }

  /** @param {number} code */
  #lost(code) {
    if (this.#ports.scope.stopped) return;
    const failures = this.#failures;
    this.#drop(1000);
    this.#ports.on_lost(code);
    if (code >= 4500 && code <= 4999) {
      this.#tell({ phase: "ended", retry_at_ms: null, code });
      return;
    }
    if (!this.#ports.has_network()) {
      this.#tell({ phase: "offline", retry_at_ms: null, code });
      return;
    }
    const wait_ms = this.#wait_ms ?? waitBefore(failures, this.#ports.random);
    this.#wait_ms = null;
    this.#failures = failures + 1;
    const scope = this.#ports.scope.child();
    this.#scope = scope;
    this.#tell({ phase: "waiting", retry_at_ms: this.#ports.now_ms() + wait_ms, code });
    scope.after(wait_ms, () => this.#connect());
  }

  /** Ends the socket and everything that belongs to it, in silence. */
  #drop(/** @type {number} */ code) {
    const socket = this.#socket;
    this.#scope?.stop();
    this.#scope = null;
    this.#socket = null;
    this.#welcomed = false;
    for (const done of this.#waiting.splice(0)) done();
    if (socket && socket.readyState < 2) socket.close(code);
  }

  /** @param {import("../state/model.js").Connection} connection */
  #tell(connection) {
    this.#ports.on_phase(connection);
  }
}

/** @param {string} topic */
function isConversation(topic) {
  return topic.startsWith("conversation:");
}
