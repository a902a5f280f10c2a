// One change of many conversations, each by itself.
//
// Guarantees: a few go at once; each names the version that it was meant for, and one that somebody else changed meanwhile is read again and
// decided anew; a server that asks to wait is waited for, a bounded number of times. What was already so counts as done. What failed is kept
// with its reason, and nothing else is undone because of it. A few are changed by this page alone: closing it stops what is not done, and it says
// so. Many are handed to the server as a job, which goes on there whatever becomes of the page; here is only told how far it is.

import { Problem } from "../net/api.js";
import { wasStopped, wordsFor } from "../state/problems.js";

/** How many go at once. */
const AT_ONCE = 4;
/** How often one is tried, whatever stands in the way. */
const TRIES_MAX = 6;
/** The wait where the server cannot be reached, or asks for one without saying how long. */
const WAIT_MS = 2000;

/** More than so many are handed to the server. */
export const HANDED_FROM = 25;
/** How many conversations one job of the server's takes. */
const JOB_MAX = 1000;
/** How often it is asked how far a job is. */
const JOB_EVERY_MS = 400;

/**
 * @typedef {import("../net/wire.js").Conversation} Conversation
 * @typedef {import("../net/api.js").ConversationPatch} Patch
 * @typedef {{words: string, action?: {type: string}|undefined, patch: (row: Conversation) => Patch|null}|{words: string, action: {type: string}, move: "trash"|"restore"}} Plan
 * `patch` answers null where nothing is to be done; `action` is how a job says it, where it can
 * @typedef {{words: string, total: number, done: number, failed: {id: string, reason: string}[], running: boolean, left: string[], handed?: boolean, more_failed?: number}} Progress
 * `left` are those that were not begun, because it was stopped; `handed`: the server does it; `more_failed`: those that it did not name.
 * @typedef {{
 *   known: (id: string) => Conversation|undefined,
 *   read: (id: string) => Promise<Conversation>,
 *   change: (id: string, patch: Patch, version: number) => Promise<Conversation>,
 *   move: (id: string, to: "trash"|"restore") => Promise<Conversation>,
 *   make_job: (ids: string[], action: {type: string}) => Promise<import("../net/wire.js").BulkJob>,
 *   read_job: (id: string) => Promise<import("../net/wire.js").BulkJob>,
 *   wait: (ms: number) => Promise<void>,
 *   on_changed: (conversation: Conversation) => void,
 *   on_progress: (progress: Progress|null) => void,
 * }} Ports
 */

export class Bulk {
  #ports;
  /** @type {Plan|null} */
  #plan = null;
  /** @type {string[]} */
  #queue = [];
  /** @type {Progress|null} */
  #progress = null;

  /** @param {Ports} ports */
  constructor(ports) {
    this.#ports = ports;
  }

  /** The server does it: it goes on when this page is closed. */
  get handed() {
    return this.#progress?.handed === true;
  }

  get running() {
    return this.#progress?.running === true;
  }

  /**
   * @param {string[]} ids
   * @param {Plan} plan
   * @returns {Promise<boolean>} false if another one is under way: one at a time
   */
  async run(ids, plan) {
    if (this.running || ids.length === 0) return false;
    this.#plan = plan;
    if (plan.action && ids.length > HANDED_FROM) {
      await this.#hand(ids, plan.words, plan.action);
      return true;
    }
    this.#queue = [...ids];
    this.#tell({ words: plan.words, total: ids.length, done: 0, failed: [], running: true, left: [] });
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, ids.length) }, () => this.#work(plan)));
    if (this.#progress) this.#tell({ ...this.#progress, running: false });
    return true;
  }

  /** @param {string[]} ids @param {string} words @param {{type: string}} action */
  async #hand(ids, words, action) {
    let progress = { words, total: ids.length, done: 0, failed: /** @type {Progress["failed"]} */ ([]), running: true, left: /** @type {string[]} */ ([]), handed: true, more_failed: 0 };
    this.#tell(progress);
    for (let from = 0; from < ids.length; from += JOB_MAX) {
      const some = ids.slice(from, from + JOB_MAX);
      const before = progress;
      try {
        let job = await this.#patiently(() => this.#ports.make_job(some, action));
        for (;;) {
          const failed = job.errors.map(({ conversation_id, error }) => ({ id: conversation_id, reason: error.detail }));
          progress = { ...before, done: before.done + job.done, failed: [...before.failed, ...failed], more_failed: before.more_failed + job.failed - failed.length };
          this.#tell(progress);
          if (job.finished_at !== null) break;
          await this.#ports.wait(JOB_EVERY_MS);
          const { id } = job;
          job = await this.#patiently(() => this.#ports.read_job(id));
        }
      } catch (error) {
        // The agent has gone: nobody is left to be told.
        if (wasStopped(error)) return;
        // How far it is cannot be known from here; done again it comes to the same.
        progress = { ...before, failed: [...before.failed, ...some.map((id) => ({ id, reason: wordsFor(error) }))] };
      }
    }
    this.#tell({ ...progress, running: false });
  }

  /** Asks, and waits for a server that asks to wait, or cannot be reached. @template T @param {() => Promise<T>} question @returns {Promise<T>} */
  async #patiently(question) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await question();
      } catch (error) {
        if (tries === TRIES_MAX || !(error instanceof Problem) || ![0, 429, 503].includes(error.status)) throw error;
        await this.#ports.wait(error.retry_after_secs === null ? WAIT_MS : error.retry_after_secs * 1000);
      }
    }
  }

  /** Begins no more of them; those on their way are waited for. */
  stop() {
    const left = this.#queue;
    this.#queue = [];
    if (this.#progress) this.#tell({ ...this.#progress, left });
  }

  /** Tries again what failed and what was not begun. */
  async again() {
    const { failed, left } = this.#progress ?? { failed: [], left: [] };
    if (this.#plan) await this.run([...failed.map(({ id }) => id), ...left], this.#plan);
  }

  /** Puts the outcome out of sight. */
  dismiss() {
    if (this.running) return;
    this.#progress = null;
    this.#ports.on_progress(null);
  }

  /** @param {Plan} plan */
  async #work(plan) {
    for (let id = this.#queue.shift(); id !== undefined; id = this.#queue.shift()) {
      try {
        await this.#one(id, plan);
        if (this.#progress) this.#tell({ ...this.#progress, done: this.#progress.done + 1 });
      } catch (error) {
        // The agent has gone: nobody is left to be told.
        if (wasStopped(error)) return;
        if (this.#progress) this.#tell({ ...this.#progress, failed: [...this.#progress.failed, { id, reason: wordsFor(error) }] });
      }
    }
  }

  /** @param {string} id @param {Plan} plan */
  async #one(id, plan) {
    let row = this.#ports.known(id);
    for (let tries = 1; ; tries += 1) {
      try {
        if ("move" in plan) return this.#ports.on_changed(await this.#ports.move(id, plan.move));
        row ??= await this.#ports.read(id);
        const patch = plan.patch(row);
        if (patch !== null) this.#ports.on_changed(await this.#ports.change(id, patch, row.version));
        return;
      } catch (error) {
        if (tries === TRIES_MAX || !(error instanceof Problem)) throw error;
        if (error.status === 0 || error.status === 429 || error.status === 503) {
          await this.#ports.wait(error.retry_after_secs === null ? WAIT_MS : error.retry_after_secs * 1000);
        } else if (error.status !== 412) throw error;
        // Whatever happened meanwhile, or whether the change arrived all the same: the server knows.
        row = undefined;
      }
    }
  }

  /** @param {Progress} progress */
  #tell(progress) {
    this.#progress = progress;
    this.#ports.on_progress(progress);
  }
}
