// One agent's working day: from signing in to signing out, everything that lives in between.
//
// Guarantees: all of it ends with the scope. Sockets, requests, drafts and unsent messages are joined here and nowhere else;
// views see the state and call what stands below "What an agent can do".
// It holds no rules: how events change the state is in state/, how messages are kept is in net/outbox.js.

import { Api, postAndGo, Problem } from "../net/api.js";
import { randomKey } from "../net/key.js";
import { Outbox } from "../net/outbox.js";
import { postMessage } from "../net/post.js";
import { AgentSocket } from "../net/socket.js";
import { initialState } from "../state/model.js";
import { wasStopped, wordsFor } from "../state/problems.js";
import { reduce } from "../state/reduce.js";
import { rowAt } from "../state/rows.js";
import { lastSeenSeq } from "../state/select.js";
import { createStore } from "../state/store.js";
import { troubleKey, troublesShown } from "../state/troubles.js";
import { t } from "../locale/index.js";
import { Alerts } from "./alerts.js";
import { Bulk } from "./bulk.js";
import { Dismissed } from "./dismissed.js";
import { Drafts } from "./drafts.js";
import { Files } from "./files.js";
import { Loader } from "./loader.js";
import { Preferences } from "./preferences.js";
import { Presence } from "./presence.js";
import { Sound } from "./sound.js";
import { Quotes } from "./quotes.js";

/** How long a reply can be taken back. */
const UNDO_MS = 5000;
/** Which tab this is, also after a reload. */
const TAB_KEY = "switchboard.tab";
/** How often "typing" is repeated while somebody types; others forget it after six seconds. */
const TYPING_EVERY_MS = 3000;
/** After this long without a key press nobody is typing any more. */
const TYPING_PAUSE_MS = 4000;
const TYPING_SWEEP_MS = 1000;
/** How often it is looked whether a webhook's trouble is over: no event says so. */
const TROUBLES_MS = 60_000;
/** How often a label is set again when somebody else changed the conversation at the same time. */
const LABEL_TRIES_MAX = 3;

/**
 * @typedef {{
 *   on_signed_out: (because: "ended"|"asked") => void,
 *   on_notice: (text: string) => void,
 *   on_stale: (item: import("../state/model.js").Unsent) => void,
 *   on_open: (id: string) => void,
 *   on_reach: () => void,
 * }} Reports
 * `on_open`: somebody asked for a conversation elsewhere than on the page; `on_reach`: how the agent is reached has changed.
 */

export class Desk {
  /** @type {Reports} set by the views before `start` */
  reports = { on_signed_out: () => {}, on_notice: () => {}, on_stale: () => {}, on_open: () => {}, on_reach: () => {} };

  #typing = { id: /** @type {string|null} */ (null), sent_ms: 0, stop: () => {} };
  #told_reading = { id: "", seq: 0 };

  /**
   * @param {import("./scope.js").Scope} scope
   * @param {import("../net/api.js").Session} session
   */
  constructor(scope, session) {
    this.scope = scope;
    this.session = session;
    this.api = new Api({ on_signed_out: () => this.reports.on_signed_out("ended") });
    this.files = new Files(this.api, scope);
    this.store = createStore(initialState(session.agent), reduce);
    const owner = `${session.workspace_id}.${session.agent.id}`;
    this.drafts = new Drafts(localStorage, owner, () => this.#storageFull());
    this.quotes = new Quotes(localStorage, owner, () => this.#storageFull());
    this.preferences = new Preferences(localStorage, () => this.#storageFull());
    this.dismissed = new Dismissed(localStorage, owner, () => this.#storageFull());
    this.socket = this.#makeSocket();
    this.presence = this.#makePresence(owner);
    this.sound = new Sound(scope);
    this.alerts = this.#makeAlerts(owner);
    this.loader = new Loader(scope, this.api, this.store, () => this.socket.settled(), (words) => this.reports.on_notice(words));
    this.outbox = this.#makeOutbox(owner);
    this.bulk = new Bulk({
      known: (id) => rowAt(this.store.get().conversations, id),
      read: (id) => this.api.conversation(id, scope.signal),
      change: (id, patch, version) => this.api.updateConversation(id, patch, scope.signal, version),
      move: (id, to) => this.api.moveConversation(id, to, scope.signal),
      make_job: (ids, action) => this.api.makeJob(ids, action, scope.signal),
      read_job: (id) => this.api.job(id, scope.signal),
      wait: (ms) => new Promise((done) => void scope.after(ms, () => done(undefined))),
      on_changed: (conversation) => this.store.dispatch({ type: "conversation_loaded", conversation }),
      on_progress: (bulk) => this.store.dispatch({ type: "bulk_changed", bulk }),
    });
  }

  start() {
    this.socket.setTopics(["inbox", "presence"]);
    this.socket.start();
    this.scope.every(TYPING_SWEEP_MS, () => this.store.dispatch({ type: "typing_expired", now_ms: Date.now() }));
    this.store.dispatch({ type: "troubles_dismissed", keys: this.dismissed.read() });
    this.scope.every(TROUBLES_MS, () => {
      const { troubles, connection } = this.store.get();
      if (troubles.length > 0 && connection.phase === "live" && !document.hidden) void this.loader.loadWebhooks();
    });
    this.scope.own(this.store.watch(() => this.#tellReading()));
    this.scope.listen(window, "storage", (/** @type {StorageEvent} */ event) => {
      this.outbox.heard(event.key, event.newValue);
      this.preferences.heard(event.key);
      this.presence.heard(event.key);
    });
    this.scope.own(this.preferences.watch(() => this.reports.on_reach()));
    this.scope.listen(document, "visibilitychange", () => this.#tellViewing());
    this.presence.start();
    this.alerts.start();
    this.scope.listen(window, "pagehide", () => this.outbox.leave());
  }

  // What an agent can do

  /** @param {string|null} id */
  openConversation(id) {
    const before = this.store.get().open_id;
    if (before === id) return;
    this.stopTyping();
    this.store.dispatch({ type: "conversation_opened", id });
    this.socket.setTopics(["inbox", "presence", ...(id === null ? [] : [`conversation:${id}`])]);
    this.#tellViewing();
    if (id !== null) void this.loader.loadConversation(id);
  }

  /**
   * Hands a message to the outbox; a reply waits there for a moment, in which it can be taken back.
   * @param {string} id
   * @param {import("../net/wire.js").MessageKind} kind
   * @param {import("./drafts.js").Part} part
   * @param {import("../net/wire.js").ContentNode|null} content what its signs come to; null if it has none
   * @returns {boolean} false if nothing was taken
   */
  say(id, kind, { text, attachments }, content) {
    this.stopTyping();
    const created_at = new Date().toISOString();
    const last_seen_seq = lastSeenSeq(this.store.get(), id);
    const reply_to_seq = kind === "message" ? this.quotes.read(id) : null;
    const hold_ms = kind === "message" && this.preferences.now.undo ? UNDO_MS : 0;
    const message = { client_id: randomKey(), conversation_id: id, kind, text, content, attachments, last_seen_seq, reply_to_seq, created_at };
    const taken = this.outbox.add(message, hold_ms);
    if (taken && reply_to_seq !== null) this.quotes.write(id, null);
    return taken;
  }

  /**
   * Hands a message to the server, which sends it when its time has come.
   * @param {string} id
   * @param {import("../net/wire.js").MessageKind} kind
   * @param {import("./drafts.js").Part} part
   * @param {import("../net/wire.js").ContentNode|null} content
   * @param {string} send_at
   */
  async schedule(id, kind, { text, attachments }, content, send_at) {
    this.stopTyping();
    const reply_to_seq = kind === "message" ? this.quotes.read(id) : null;
    const said = { kind, ...(content ? { content } : { text }), attachments: attachments.map((attachment) => attachment.id), ...(reply_to_seq === null ? {} : { reply_to_seq }) };
    await this.api.schedule(id, { ...said, client_id: randomKey(), send_at }, this.scope.signal);
    if (reply_to_seq !== null) this.quotes.write(id, null);
    void this.loader.loadScheduled(id);
  }

  /** @param {string} id */
  typed(id) {
    const now_ms = Date.now();
    this.#typing.stop();
    if (this.#typing.id !== id || now_ms - this.#typing.sent_ms >= TYPING_EVERY_MS) {
      this.#typing.sent_ms = now_ms;
      this.socket.send({ type: "typing", conversation_id: id, on: true });
    }
    this.#typing.id = id;
    this.#typing.stop = this.scope.after(TYPING_PAUSE_MS, () => this.stopTyping());
  }

  stopTyping() {
    const { id, stop } = this.#typing;
    stop();
    if (id !== null) this.socket.send({ type: "typing", conversation_id: id, on: false });
    this.#typing = { id: null, sent_ms: 0, stop: () => {} };
  }

  /**
   * @param {string} id
   * @param {import("../net/api.js").ConversationPatch} patch
   */
  async changeConversation(id, patch) {
    try {
      await this.api.updateConversation(id, patch, this.scope.signal);
      // The event tells of it, in its place among the others; without a socket the row is read again.
      if (!this.socket.live) this.store.dispatch({ type: "conversation_wanted", id });
    } catch (error) {
      this.#complain(id, error);
    }
  }

  /**
   * Puts a conversation in the trash, takes it out, or deletes it for good.
   * @param {string} id
   * @param {"trash"|"restore"|"delete"} action
   */
  async moveConversation(id, action) {
    try {
      if (action === "delete") {
        await this.api.deleteConversation(id, this.scope.signal);
        return this.store.dispatch({ type: "conversation_missing", id });
      }
      // The event tells of it; without a socket the answer does.
      const conversation = await this.api.moveConversation(id, action, this.scope.signal);
      if (!this.socket.live) this.store.dispatch({ type: "conversation_loaded", conversation });
    } catch (error) {
      this.#complain(id, error);
    }
  }

  /**
   * Has the provider asked again to take a message that it refused.
   * @param {string} id
   * @param {string} message_id
   */
  async resend(id, message_id) {
    try {
      // The event tells of it.
      await this.api.resend(id, message_id, this.scope.signal);
    } catch (error) {
      this.#complain(id, error);
    }
  }

  /**
   * Puts an emoji of the business on a message, or takes it back.
   * @param {string} id
   * @param {string} message_id
   * @param {string|null} emoji
   */
  async react(id, message_id, emoji) {
    try {
      // The event tells of it.
      await this.api.react(id, message_id, emoji, this.scope.signal);
    } catch (error) {
      this.#complain(id, error);
    }
  }

  /**
   * Adds or removes one label, whatever others do to the list meanwhile.
   * @param {string} id
   * @param {string} label
   * @param {boolean} on
   */
  async setLabel(id, label, on) {
    try {
      let row = rowAt(this.store.get().conversations, id);
      for (let tries = 1; row; tries += 1) {
        const others = row.labels.filter((known) => known !== label);
        try {
          await this.api.updateConversation(id, { labels: on ? [...others, label] : others }, this.scope.signal, row.version);
          break;
        } catch (error) {
          if (!(error instanceof Problem) || error.status !== 412 || tries === LABEL_TRIES_MAX) throw error;
          row = await this.api.conversation(id, this.scope.signal);
        }
      }
      if (!this.socket.live) this.store.dispatch({ type: "conversation_wanted", id });
    } catch (error) {
      this.#complain(id, error);
    }
  }

  /** Puts what is said of webhooks out of sight, until it is something else. */
  dismissTroubles() {
    const keys = this.dismissed.add(troublesShown(this.store.get()).map(troubleKey));
    this.store.dispatch({ type: "troubles_dismissed", keys });
  }

  /** @param {boolean} everywhere */
  async signOut(everywhere) {
    try {
      await this.api.logout(everywhere, this.scope.signal);
      this.reports.on_signed_out("asked");
    } catch (error) {
      if (!wasStopped(error)) this.reports.on_notice(wordsFor(error));
    }
  }

  // How the parts are joined

  #makeSocket() {
    const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/agent`;
    let loaded = false;
    return new AgentSocket({
      url,
      scope: this.scope,
      open: (address) => new WebSocket(address),
      network: window,
      has_network: () => navigator.onLine,
      random: Math.random,
      now_ms: () => Date.now(),
      on_phase: (connection) => this.store.dispatch({ type: "connection_changed", connection }),
      on_frame: (frame) => this.#take(frame),
      on_ready: () => this.#ready(),
      on_afresh: () => {
        loaded = true;
        this.loader.loadScreens();
      },
      on_lost: (code) => {
        this.#told_reading = { id: "", seq: 0 };
        if (code === 4501 || code === 4503) this.reports.on_signed_out("ended");
        else if (code === 4500 || code === 1009) this.outbox.rejected(t("unsent_frame_refused"));
        else this.outbox.interrupted();
        // Where sockets do not get through, HTTP may: the screens are worth showing.
        if (!loaded) this.loader.loadScreens();
        loaded = true;
      },
    });
  }

  /** @param {string} owner */
  #makePresence(owner) {
    return new Presence({
      scope: this.scope,
      storage: localStorage,
      owner,
      now_ms: () => Date.now(),
      on_change: (status) => {
        this.socket.send({ type: "presence", status });
        this.store.dispatch({ type: "presence", frame: { type: "presence", agents: [{ id: this.session.agent.id, status }] } });
        this.reports.on_reach();
      },
    });
  }

  /** @param {string} owner */
  #makeAlerts(owner) {
    const { scope, store, preferences, sound } = this;
    return new Alerts({ scope, storage: localStorage, owner, store, preferences, sound, on_open: (id) => this.reports.on_open(id) });
  }

  /** @param {string} owner */
  #makeOutbox(owner) {
    return new Outbox({
      storage: localStorage,
      owner,
      tab: tabId(),
      post: postAndGo,
      send: (frame) => ("reply_to_seq" in frame ? this.#post(/** @type {any} */ (frame)) : this.socket.send(frame)),
      now_ms: () => Date.now(),
      after: (delay_ms, action) => this.scope.after(delay_ms, action),
      on_change: (unsent) => this.store.dispatch({ type: "unsent_changed", unsent }),
      on_acknowledged: (frame, item) => this.store.dispatch({ type: "acknowledged", frame, item }),
      on_stale: (item) => this.reports.on_stale(item),
      on_storage_full: () => this.#storageFull(),
    });
  }

  /**
   * Sends over HTTP what the socket's frame cannot say; only while there is a socket, so that both find the server in the same state.
   * @param {{ref: string, conversation_id: string}} frame
   * @returns {boolean} whether it is on its way
   */
  #post(frame) {
    if (!this.socket.live) return false;
    postMessage(this.api, frame, this.scope.signal).then(
      (answer) => (answer.type === "ack" ? this.outbox.acknowledge(answer) : this.outbox.refuse(answer)),
      (error) => {
        if (!wasStopped(error)) this.outbox.interrupted();
      },
    );
    return true;
  }

  #ready() {
    this.socket.send({ type: "presence", status: this.presence.now });
    if (this.store.get().open_id !== null) this.#tellViewing();
    this.outbox.flush();
    this.loader.readAgain();
    // Who came and went meanwhile is told by no event.
    void this.loader.loadAgents();
    this.#tellReading();
  }

  /** @param {import("../net/wire.js").ServerFrame} frame */
  #take(frame) {
    switch (frame.type) {
      case "welcome":
        return this.store.dispatch({ type: "limits_changed", limits: frame.limits ?? {} });
      case "event":
        this.store.dispatch({ type: "event", frame });
        this.alerts.take(frame);
        if (frame.conversation_id !== null && frame.conversation_id === this.store.get().open_id && tellsOfLater(frame)) void this.loader.loadScheduled(frame.conversation_id);
        // What is told may be over by now: an event that was missed is told when the page is back.
        if (frame.event.startsWith("webhook.")) void this.loader.loadWebhooks();
        if (frame.event === "conversation.message_created" && frame.data.client_id) this.outbox.settle(frame.data.client_id);
        return;
      case "ack":
        return this.outbox.acknowledge(frame);
      case "refused":
        // A conversation that is not there says so in its own place.
        if (frame.ref === undefined && frame.code !== "not_found") this.reports.on_notice(frame.detail);
        return this.outbox.refuse(frame);
      case "typing":
        return this.store.dispatch({ type: "typing", frame, now_ms: Date.now() });
      case "viewers":
        return this.store.dispatch({ type: "viewers", frame });
      case "presence":
        return this.store.dispatch({ type: "presence", frame });
      default:
        // A later server may say more than this page knows of.
        return;
    }
  }

  /** Says which conversation is before the agent's eyes: none in a tab that is hidden. */
  #tellViewing() {
    this.socket.send({ type: "viewing", conversation_id: document.hidden ? null : this.store.get().open_id });
  }

  /** Says how far the agent has read: only what really stood before its eyes. */
  #tellReading() {
    const { open_id: id, attention, timelines, conversations, connection } = this.store.get();
    if (id === null || !attention || connection.phase !== "live") return;
    const row = rowAt(conversations, id);
    const timeline = timelines[id];
    const seq = timeline?.messages.at(-1)?.seq;
    if (!row || !timeline?.fresh || seq === undefined || row.unread_count === 0) return;
    if (this.#told_reading.id === id && this.#told_reading.seq >= seq) return;
    if (this.socket.send({ type: "read", conversation_id: id, seq })) this.#told_reading = { id, seq };
  }

  /**
   * @param {string} id
   * @param {unknown} error
   */
  #complain(id, error) {
    if (wasStopped(error)) return;
    this.reports.on_notice(wordsFor(error));
    // Only one conversation is read as a whole at a time: the one that is open.
    if (id === this.store.get().open_id) void this.loader.loadConversation(id);
    else this.store.dispatch({ type: "conversation_wanted", id });
  }

  #storageFull() {
    this.reports.on_notice(t("notice_storage"));
  }
}

/** Whether an event tells that what is sent later has changed. @param {import("../net/wire.js").EventFrame} frame */
function tellsOfLater({ event, data }) {
  return event === "conversation.updated" && (data.changes?.scheduled_message !== undefined || data.changes?.scheduled_count !== undefined);
}

function tabId() {
  const kept = sessionStorage.getItem(TAB_KEY);
  if (kept !== null) return kept;
  const made = randomKey();
  sessionStorage.setItem(TAB_KEY, made);
  return made;
}
