// Brings over HTTP what no event tells: the screens when they are opened, and rows that an event left incomplete.
//
// Guarantees: at most one request of a kind is under way, a newer question ends the older one; a screen is read only after its
// topics are heard, so nothing falls between; failures become words in the state, never silence, and what was lost with the connection is read
// when it is back.

import { isFull } from "../state/order.js";
import { filterOf, partsOf, questionOf, sameQuestion, savedQuestion, sortOf } from "../state/views.js";
import { wasStopped, wordsFor } from "../state/problems.js";
import { mayReadWebhooks } from "../state/webhooks.js";
import { Problem } from "../net/api.js";
import { ChannelsApi } from "../net/channels.js";
import { PreparedApi } from "../net/prepared.js";
import { WebhooksApi } from "../net/webhooks.js";
import { Scope } from "./scope.js";

const PAGE_ROWS = 100;
/** How many pages one search reads by itself, and how many hits are enough. */
const SEARCH_PAGES_MAX = 10;
const SEARCH_HITS_ENOUGH = 20;
/** So many of the agent's own conversations are looked at for what is unread: a page of the API. */
const UNREAD_ROWS_MAX = 100;
const PREPARED = /** @type {const} */ (["labels", "canned-responses", "views", "macros", "teams"]);
/** How many incomplete rows are read at once. */
const WANTED_AT_ONCE_MAX = 4;
/** How long to wait after a failed read of a row. */
const WANTED_PAUSE_MS = 3000;
/** How long to wait where an event was quicker than the read of its row. */
const WANTED_AGAIN_MS = 100;

/**
 * @typedef {import("../state/store.js").Store<import("../state/model.js").State, import("../state/model.js").Action>} DeskStore
 */

export class Loader {
  #scope;
  #api;
  #webhooks;
  #prepared;
  #store;
  #settled;
  #on_notice;
  /** @type {Record<string, Scope>} the request under way of each kind */
  #under_way = {};
  /** What could not be read for want of a connection, each with another try. @type {Map<string, () => Promise<void>>} */
  #unread = new Map();
  /** @type {Set<string>} */
  #reading = new Set();
  #paused = false;
  /** A saved view that is opened as soon as it is known. @type {string|null} */
  #wanted_view = null;

  /**
   * @param {Scope} scope
   * @param {import("../net/api.js").Api} api
   * @param {DeskStore} store
   * @param {() => Promise<void>} settled done when the socket hears what it was asked to hear
   * @param {(words: string) => void} on_notice told what could not be read and has no place of its own on the screen
   */
  constructor(scope, api, store, settled, on_notice) {
    this.#on_notice = on_notice;
    this.#scope = scope;
    this.#api = api;
    this.#webhooks = new WebhooksApi(api);
    this.#prepared = new PreparedApi(api);
    this.#store = store;
    this.#settled = settled;
    scope.own(store.watch((state) => this.#readWanted(state)));
  }

  /** Opens a view as one left it, or as it is at first. @param {import("../state/views.js").ViewName} view @param {string} query */
  openView(view, query) {
    const { list } = this.#store.get();
    this.#wanted_view = null;
    if (list.view === view) return this.openList({ ...list, query });
    if (partsOf(view).kind === "saved") return void this.#openSaved(view, query);
    // A saved view's own order is not that of the next one.
    this.openList(questionOf(view, query, list.saved === null ? list.sort : undefined));
  }

  /**
   * A saved view says what it filters by; one that is not there any more is the inbox as a newcomer sees it.
   * @param {import("../state/views.js").ViewName} view
   * @param {string} query
   */
  async #openSaved(view, query) {
    const { name } = partsOf(view);
    const find = () => this.#store.get().prepared.views.find(({ id }) => id === name);
    this.#wanted_view = view;
    if (!find()) await this.loadPrepared("views");
    if (this.#scope.stopped || this.#wanted_view !== view) return;
    this.#wanted_view = null;
    const saved = find();
    this.openList(saved ? savedQuestion(saved, query) : questionOf("open", query));
  }

  /** @param {import("../state/views.js").Question} question */
  openList({ view, query, standing, sort, saved }) {
    const question = { view, query, standing, sort, saved };
    const { list } = this.#store.get();
    if (sameQuestion(list, question) && list.status !== "idle") return;
    this.#store.dispatch({ type: "view_opened", question });
    void this.loadList();
  }

  /** Reads the list from its beginning. */
  async loadList() {
    await this.#run("list", async (signal) => {
      await this.#settled();
      await this.#loadPages(null, signal);
    }, (error) => this.#store.dispatch({ type: "list_failed", error }));
  }

  /** Reads the next page, if there is one and nothing stands against it. */
  async loadMore() {
    if (this.#store.get().list.status === "ready") await this.loadOn();
  }

  /** Goes on where the list ends, or begins it again where nothing of it could be read. */
  async loadOn() {
    const { list } = this.#store.get();
    const { next_cursor, loading_more, status } = list;
    if (status === "failed" && next_cursor === null) return this.loadList();
    if (next_cursor === null || loading_more || isFull(list)) return;
    this.#store.dispatch({ type: "list_loading_more" });
    await this.#run("list", (signal) => this.#loadPages(next_cursor, signal), (error) => this.#store.dispatch({ type: "list_failed", error }));
  }

  /**
   * A search looks through a bounded number of conversations for each page, so a page may hold few or none and go on: then the
   * next ones are read too, up to a bound.
   * @param {string|null} from
   * @param {AbortSignal} signal
   */
  async #loadPages(from, signal) {
    const { view, query, standing, sort, saved } = this.#store.get().list;
    const question = { view, query, standing, sort, saved };
    let cursor = from;
    let found = 0;
    for (let count = 0; count < SEARCH_PAGES_MAX; count += 1) {
      const page = await this.#api.conversations({ ...filterOf(question), sort: sortOf(question), q: query, limit: PAGE_ROWS, cursor }, signal);
      this.#store.dispatch({ type: "list_loaded", question, page, append: cursor !== null });
      cursor = page.next_cursor;
      found += page.data.length;
      if (query === "" || cursor === null || found >= SEARCH_HITS_ENOUGH) return;
    }
  }

  /** Reads which of the agent's own conversations have something unread, whatever view is shown: the page's tab tells how much. */
  async loadUnread() {
    await this.#run("unread", async (signal) => {
      await this.#settled();
      const { data } = await this.#api.conversations({ status: "open", assignee_id: "me", limit: UNREAD_ROWS_MAX }, signal);
      for (const conversation of data.filter((row) => row.unread_count > 0)) this.#store.dispatch({ type: "conversation_loaded", conversation });
    }, this.#on_notice);
  }

  async loadAgents() {
    await this.#run("agents", async (signal) => {
      await this.#settled();
      const { presence_told: told } = this.#store.get();
      this.#store.dispatch({ type: "agents_loaded", agents: await this.#api.agents(signal), told });
    }, this.#on_notice);
  }

  /** Reads what the channels can do: how long a reply may be, and the like. */
  async loadCapabilities() {
    await this.#run("capabilities", async (signal) => {
      this.#store.dispatch({ type: "capabilities_loaded", providers: (await this.#api.providers(signal)).data });
    }, this.#on_notice);
  }

  /** Reads the channels, for their names; who may not see them does without. */
  async loadChannels() {
    await this.#run("channels", async (signal) => {
      const channels = await new ChannelsApi(this.#api).channels(signal);
      this.#store.dispatch({ type: "channels_loaded", channels: channels.map(({ id, name, kind }) => ({ id, name, kind })) });
    }, (words, cause) => {
      if (!(cause instanceof Problem && cause.status === 403)) this.#on_notice(words);
    });
  }

  /**
   * Reads what is prepared: labels, canned responses, saved views, macros, teams.
   * @param {import("../net/prepared-wire.js").Kind} kind
   */
  async loadPrepared(kind) {
    await this.#run(kind, async (signal) => {
      this.#store.dispatch({ type: "prepared_loaded", prepared: { [kind]: await this.#prepared.list(kind, signal) } });
      if (kind === "views") this.#followSaved();
    }, this.#on_notice);
  }

  /** The saved view that is shown filters by something else now. */
  #followSaved() {
    const { list, prepared } = this.#store.get();
    const { kind, name } = partsOf(list.view);
    const view = kind === "saved" ? prepared.views.find(({ id }) => id === name) : undefined;
    if (view === undefined) return;
    const question = savedQuestion(view, list.query);
    if (JSON.stringify(question.saved) !== JSON.stringify(list.saved)) this.openList(question);
  }

  /** Reads how the webhooks stand, for who may see them. */
  async loadWebhooks() {
    if (!mayReadWebhooks(this.#store.get().me.role)) return;
    await this.#run("webhooks", async (signal) => {
      await this.#settled();
      this.#store.dispatch({ type: "webhooks_loaded", webhooks: await this.#webhooks.list(signal) });
    }, this.#on_notice);
  }

  /** Reads the conversation, its newest messages and its contact. @param {string} id */
  async loadConversation(id) {
    this.#store.dispatch({ type: "timeline_loading", id });
    await this.#run("timeline", async (signal) => {
      await this.#settled();
      // The row first: its count of unread messages decides where the mark stands.
      const conversation = await this.#api.conversation(id, signal);
      this.#store.dispatch({ type: "conversation_loaded", conversation });
      void this.loadContact(conversation.contact.id);
      void this.loadScheduled(id);
      const page = await this.#api.messages(id, null, signal);
      this.#store.dispatch({ type: "timeline_loaded", id, page });
    }, (error, cause) => {
      if (cause instanceof Problem && cause.status === 404) this.#store.dispatch({ type: "conversation_missing", id });
      this.#store.dispatch({ type: "timeline_failed", id, error });
    });
  }

  /** @param {string} id */
  async loadOlder(id) {
    const timeline = this.#store.get().timelines[id];
    if (!timeline || timeline.older_cursor === null || timeline.loading_older) return;
    this.#store.dispatch({ type: "older_loading", id });
    await this.#run("older", async (signal) => {
      const page = await this.#api.messages(id, timeline.older_cursor, signal);
      this.#store.dispatch({ type: "older_loaded", id, page });
    }, (error) => this.#store.dispatch({ type: "timeline_failed", id, error }));
  }

  /** Reads what is sent later in a conversation. @param {string} id */
  async loadScheduled(id) {
    await this.#run("scheduled", async (signal) => {
      const { data } = await this.#api.scheduled(id, signal);
      this.#store.dispatch({ type: "scheduled_loaded", id, messages: data });
    }, (words, cause) => {
      if (!(cause instanceof Problem && cause.status === 404)) this.#on_notice(words);
    });
  }

  /** @param {string} id */
  async loadContact(id) {
    await this.#run("contact", async (signal) => {
      this.#store.dispatch({ type: "contact_loaded", contact: await this.#api.contact(id, signal) });
    }, this.#on_notice);
  }

  /** Reads again everything that is on the screen. */
  loadScreens() {
    this.#store.dispatch({ type: "resync" });
    void this.loadAgents();
    void this.loadCapabilities();
    void this.loadUnread();
    void this.loadChannels();
    for (const kind of PREPARED) void this.loadPrepared(kind);
    void this.loadWebhooks();
    void this.loadList();
    const { open_id } = this.#store.get();
    if (open_id !== null) void this.loadConversation(open_id);
  }

  /** The connection is back: what was lost with it is read now. */
  readAgain() {
    for (const again of [...this.#unread.values()]) void again();
  }

  /**
   * @param {string} kind
   * @param {(signal: AbortSignal) => Promise<void>} work
   * @param {(words: string, cause: unknown) => void} on_failure
   */
  async #run(kind, work, on_failure) {
    this.#under_way[kind]?.stop();
    this.#unread.delete(kind);
    const scope = this.#scope.child();
    this.#under_way[kind] = scope;
    try {
      await work(scope.signal);
    } catch (error) {
      if (scope.stopped || wasStopped(error)) return;
      if (error instanceof Problem && error.status === 0) this.#unread.set(kind, () => this.#run(kind, work, on_failure));
      on_failure(wordsFor(error), error);
    } finally {
      scope.stop();
    }
  }

  /** @param {import("../state/model.js").State} state */
  #readWanted(state) {
    if (this.#paused || this.#scope.stopped) return;
    for (const id of Object.keys(state.wanted)) {
      if (this.#reading.size >= WANTED_AT_ONCE_MAX) return;
      if (!this.#reading.has(id)) void this.#readOne(id);
    }
  }

  /** @param {string} id */
  async #readOne(id) {
    this.#reading.add(id);
    try {
      const conversation = await this.#api.conversation(id, this.#scope.signal);
      this.#reading.delete(id);
      this.#store.dispatch({ type: "conversation_loaded", conversation });
      // What was read is older than what is known by now: that changed nothing, so nothing else would read it again.
      if (this.#store.get().wanted[id]) this.#scope.after(WANTED_AGAIN_MS, () => this.#readWanted(this.#store.get()));
    } catch (error) {
      this.#reading.delete(id);
      if (this.#scope.stopped) return;
      if (error instanceof Problem && error.status === 404) {
        this.#store.dispatch({ type: "conversation_missing", id });
        return;
      }
      // It stays wanted; the next round reads it.
      this.#paused = true;
      const asked_ms = error instanceof Problem ? (error.retry_after_secs ?? 0) * 1000 : 0;
      this.#scope.after(Math.max(WANTED_PAUSE_MS, asked_ms), () => {
        this.#paused = false;
        this.#readWanted(this.#store.get());
      });
    }
  }
}
