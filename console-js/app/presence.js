// Whether the agent is there: as chosen, and away by itself when nobody has touched anything for a while.
//
// Guarantees: all tabs of a browser share the choice and the last sign of life, so a forgotten tab does not say "away" of somebody who
// works in another; the server is told of changes alone, and again after each connection. Nothing is listened to but that there was a sign.

import { presenceNow } from "../state/reach.js";

/** @typedef {import("../net/wire.js").PresenceStatus} PresenceStatus */

/** How often it is looked whether nobody is there any more. */
const LOOK_MS = 15_000;
/** How often a sign of life is written down for the other tabs. */
const WRITE_EVERY_MS = 10_000;
const SIGNS = ["pointerdown", "keydown", "wheel", "touchstart"];

/**
 * @typedef {{
 *   scope: import("./scope.js").Scope,
 *   storage: import("../net/outbox.js").Storage,
 *   owner: string,
 *   now_ms: () => number,
 *   on_change: (status: PresenceStatus) => void,
 * }} Ports
 */

export class Presence {
  #ports;
  #chosen_key;
  #active_key;
  #active_ms;
  #written_ms = 0;
  /** @type {PresenceStatus} */
  #told;

  /** @param {Ports} ports */
  constructor(ports) {
    this.#ports = ports;
    this.#chosen_key = `switchboard.presence.${ports.owner}`;
    this.#active_key = `switchboard.active.${ports.owner}`;
    // Who opens a page is there.
    this.#active_ms = ports.now_ms();
    this.#told = this.now;
  }

  start() {
    const { scope } = this.#ports;
    for (const sign of SIGNS) scope.listen(window, sign, () => this.#alive(), { capture: true, passive: true });
    scope.listen(document, "visibilitychange", () => document.hidden || this.#alive());
    scope.every(LOOK_MS, () => this.#settle());
    this.#alive();
  }

  /** @returns {PresenceStatus} */
  get chosen() {
    const kept = this.#ports.storage.getItem(this.#chosen_key);
    return kept === "away" || kept === "offline" ? kept : "online";
  }

  /** What others are told. */
  get now() {
    const elsewhere = Number(this.#ports.storage.getItem(this.#active_key) ?? 0);
    return presenceNow(this.chosen, Math.max(this.#active_ms, Number.isFinite(elsewhere) ? elsewhere : 0), this.#ports.now_ms());
  }

  /** @param {PresenceStatus} status */
  choose(status) {
    this.#write(this.#chosen_key, status);
    this.#settle();
  }

  /** Another tab wrote something down. @param {string|null} key */
  heard(key) {
    if (key === this.#chosen_key || key === this.#active_key) this.#settle();
  }

  #alive() {
    const now_ms = this.#ports.now_ms();
    this.#active_ms = now_ms;
    if (now_ms - this.#written_ms >= WRITE_EVERY_MS) {
      this.#written_ms = now_ms;
      this.#write(this.#active_key, String(now_ms));
    }
    this.#settle();
  }

  #settle() {
    const { now } = this;
    if (now === this.#told) return;
    this.#told = now;
    this.#ports.on_change(now);
  }

  /** @param {string} key @param {string} value */
  #write(key, value) {
    try {
      this.#ports.storage.setItem(key, value);
    } catch {
      // A full storage is told where something would be lost. This is only remembered less long.
    }
  }
}
