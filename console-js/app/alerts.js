// Tells an agent who is not looking that somebody has written: a notification, a sound.
//
// Guarantees: nothing without having been asked for, nothing for what the agent does, nothing under "do not disturb"; a notification only
// while no tab of this browser is on the screen; of all tabs one tells. Leave is asked for on a click alone (`ask`).
// It does not decide what is news: that is state/reach.js.

import { contactName, contactOf } from "../state/format.js";
import { concerns, gather, newsOf } from "../state/reach.js";
import { rowAt } from "../state/rows.js";
import { t } from "../locale/index.js";

/** @typedef {import("../state/reach.js").News} News */

/** What comes within this time is told together. */
const GATHER_MS = 400;
/** A hidden tab waits up to this much longer, so that two of them do not tell at once. */
const APART_MS = 300;
/** How often a row that is not loaded yet is waited for. */
const ROUNDS_MAX = 5;
/** How often a tab on the screen says so to the others, and how long that holds. */
const LOOKING_EVERY_MS = 4000;
const LOOKING_HOLDS_MS = 10_000;

/**
 * @typedef {{
 *   scope: import("./scope.js").Scope,
 *   storage: import("../net/outbox.js").Storage,
 *   owner: string,
 *   store: import("./loader.js").DeskStore,
 *   preferences: import("./preferences.js").Preferences,
 *   sound: import("./sound.js").Sound,
 *   on_open: (id: string) => void,
 * }} Ports
 */

export class Alerts {
  #ports;
  #looking_key;
  #told_key;
  /** @type {(News & {rounds: number})[]} */
  #news = [];
  #waiting = false;
  #was_looking = false;
  /** @type {Set<Notification>} */
  #shown = new Set();

  /** @param {Ports} ports */
  constructor(ports) {
    this.#ports = ports;
    this.#looking_key = `switchboard.looking.${ports.owner}`;
    this.#told_key = `switchboard.told.${ports.owner}`;
  }

  start() {
    const { scope, preferences, sound } = this.#ports;
    scope.every(LOOKING_EVERY_MS, () => this.#look());
    scope.listen(document, "visibilitychange", () => this.#look());
    scope.listen(window, "pagehide", () => document.hidden || this.#write(this.#looking_key, "0"));
    scope.own(() => this.#close());
    // A sound needs a touch of the page first; any will do.
    for (const sign of ["pointerdown", "keydown"]) {
      scope.listen(window, sign, () => preferences.now.sound && sound.prepare(), { capture: true, passive: true });
    }
    this.#look();
  }

  /** How notifications stand: what the browser says, or that it has none. @returns {NotificationPermission|"none"} */
  get leave() {
    return typeof Notification === "undefined" ? "none" : Notification.permission;
  }

  /** Asks for leave to notify; from a click. @returns {Promise<NotificationPermission|"none">} */
  async ask() {
    if (this.leave === "default") await Notification.requestPermission();
    return this.leave;
  }

  /** @param {import("../net/wire.js").EventFrame} frame */
  take(frame) {
    const { quiet, notify, sound } = this.#ports.preferences.now;
    const news = newsOf(frame);
    if (news === null || quiet || (!notify && !sound)) return;
    this.#news.push({ ...news, rounds: 0 });
    this.#soon();
  }

  #soon() {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#ports.scope.after(GATHER_MS + (document.hidden ? Math.random() * APART_MS : 0), () => {
      this.#waiting = false;
      this.#tell();
    });
  }

  #tell() {
    const { preferences, sound, store } = this.#ports;
    const state = store.get();
    const { quiet, notify, sound: loud, mine_only } = preferences.now;
    const news = this.#news.splice(0);
    // A row that the page does not know yet is about to be read.
    const unknown = news.filter((one) => rowAt(state.conversations, one.conversation_id) === undefined);
    this.#news.push(...unknown.filter(({ rounds }) => rounds < ROUNDS_MAX).map((one) => ({ ...one, rounds: one.rounds + 1 })));
    if (this.#news.length > 0) this.#soon();
    const told = news.filter(({ conversation_id: id }) => {
      const row = rowAt(state.conversations, id);
      return row !== undefined && concerns(row, state.me.id, mine_only) && !(state.attention && state.open_id === id);
    });
    const last = Math.max(...told.map(({ position }) => position));
    if (quiet || told.length === 0 || !this.#isOurs(last)) return;
    if (loud) sound.play();
    if (notify && this.leave === "granted" && !this.#isLooked()) this.#notify(told);
  }

  /** Of all tabs the first to say so tells. @param {number} position */
  #isOurs(position) {
    if (Number(this.#ports.storage.getItem(this.#told_key) ?? 0) >= position) return false;
    this.#write(this.#told_key, String(position));
    return true;
  }

  /** @param {News[]} news */
  #notify(news) {
    const { apart, many } = gather(news);
    if (many > 0) return this.#show(t("notify_many", { count: many }), "", "many", null);
    for (const { conversation_id: id, text, files } of apart) {
      const row = rowAt(this.#ports.store.get().conversations, id);
      const words = text !== "" ? text : files > 0 ? t("notify_files", { count: files }) : t("notify_wrote");
      if (row) this.#show(contactName(contactOf(row)), words, id, id);
    }
  }

  /** @param {string} title @param {string} body @param {string} tag @param {string|null} id where a click leads */
  #show(title, body, tag, id) {
    try {
      const notification = new Notification(title, { body, tag: `switchboard.${tag}`, silent: true });
      this.#shown.add(notification);
      notification.addEventListener("close", () => this.#shown.delete(notification));
      notification.addEventListener("click", () => {
        window.focus();
        notification.close();
        if (id !== null) this.#ports.on_open(id);
      });
    } catch {
      // Browsers of phones have the name alone: they want a service worker. The choice says so.
      this.#ports.preferences.choose({ notify: false });
    }
  }

  #close() {
    for (const notification of [...this.#shown]) notification.close();
    this.#shown.clear();
  }

  /** Whether some tab of this browser is on the screen. */
  #isLooked() {
    return !document.hidden || Date.now() - Number(this.#ports.storage.getItem(this.#looking_key) ?? 0) < LOOKING_HOLDS_MS;
  }

  #look() {
    if (!document.hidden) {
      this.#write(this.#looking_key, String(Date.now()));
      this.#close();
    } else if (this.#was_looking) {
      // The others say again by themselves that they are on the screen.
      this.#write(this.#looking_key, "0");
    }
    this.#was_looking = !document.hidden;
  }

  /** @param {string} key @param {string} value */
  #write(key, value) {
    try {
      this.#ports.storage.setItem(key, value);
    } catch {
      // Without it two tabs may tell the same: no loss.
    }
  }
}
