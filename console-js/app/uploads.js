// Files on their way to the server, per conversation.
//
// Guarantees: at most `AT_ONCE_MAX` go at once; leaving a conversation does not stop its files; finished files join the draft
// for which they were chosen, reply or note, in the order in which they were chosen. What failed stays visible with its reason
// until it is tried again or taken away.

import { FILE_BYTES_MAX, uploadFile } from "../net/upload.js";
import { randomKey } from "../net/key.js";
import { t } from "../locale/index.js";
import { wasStopped, wordsFor } from "../state/problems.js";

/** How many files go at once. */
const AT_ONCE_MAX = 3;

/**
 * @typedef {import("../net/wire.js").MessageKind} MessageKind
 * `hopeless`: trying again would fail again.
 * @typedef {{key: string, conversation_id: string, kind: MessageKind, name: string, part: number, error: string|null, hopeless: boolean}} Upload
 */

export class Uploads {
  /** @type {Map<string, Upload & {file: File, scope: import("./scope.js").Scope, begun: boolean,
   *   attachment: import("../net/wire.js").Attachment|null}>} */
  #uploads = new Map();
  #scope;
  #on_change;
  #on_done;

  /**
   * @param {import("./scope.js").Scope} scope
   * @param {() => void} on_change
   * @param {(conversation_id: string, kind: MessageKind, attachment: import("../net/wire.js").Attachment) => void} on_done
   */
  constructor(scope, on_change, on_done) {
    this.#scope = scope;
    this.#on_change = on_change;
    this.#on_done = on_done;
  }

  /** @param {string} conversation_id @param {MessageKind} kind @returns {Upload[]} */
  of(conversation_id, kind) {
    return [...this.#uploads.values()]
      .filter((upload) => upload.conversation_id === conversation_id && upload.kind === kind)
      .map(({ key, name, part, error, hopeless }) => ({ key, conversation_id, kind, name, part, error, hopeless }));
  }

  /** Whether something would be lost if the page went away now. */
  get busy() {
    return [...this.#uploads.values()].some((upload) => upload.error === null);
  }

  /** @param {string} conversation_id @param {MessageKind} kind @param {File} file */
  add(conversation_id, kind, file) {
    const key = randomKey();
    const hopeless = file.size > FILE_BYTES_MAX;
    const error = hopeless ? t("composer_file_large") : null;
    this.#uploads.set(key, { key, conversation_id, kind, name: file.name, part: 0, error, hopeless, file, scope: this.#scope.child(), begun: false, attachment: null });
    this.#begin();
  }

  /** Sends again what failed. @param {string} key */
  retry(key) {
    const upload = this.#uploads.get(key);
    if (!upload || upload.error === null || upload.hopeless) return;
    Object.assign(upload, { error: null, part: 0, begun: false, scope: this.#scope.child() });
    this.#begin();
  }

  /** @param {string} key */
  remove(key) {
    const upload = this.#uploads.get(key);
    this.#uploads.delete(key);
    upload?.scope.stop();
    if (upload) this.#release(upload);
    this.#begin();
  }

  #begin() {
    const running = [...this.#uploads.values()].filter((upload) => upload.begun && upload.error === null && upload.attachment === null).length;
    const waiting = [...this.#uploads.values()].filter((upload) => !upload.begun && upload.error === null);
    for (const upload of waiting.slice(0, Math.max(0, AT_ONCE_MAX - running))) {
      upload.begun = true;
      void this.#send(upload.key);
    }
    this.#on_change();
  }

  /** @param {string} key */
  async #send(key) {
    const upload = this.#uploads.get(key);
    if (!upload) return;
    try {
      upload.attachment = await uploadFile(upload.file, upload.conversation_id, (part) => {
        upload.part = part;
        this.#on_change();
      }, upload.scope.signal);
      upload.part = 1;
      this.#release(upload);
    } catch (error) {
      if (wasStopped(error)) return;
      upload.error = wordsFor(error);
      this.#release(upload);
    } finally {
      upload.scope.stop();
      this.#begin();
    }
  }

  /**
   * Hands on what is finished and has nothing unfinished before it.
   * @param {Upload} about
   */
  #release({ conversation_id, kind }) {
    const uploads = [...this.#uploads.values()].filter((upload) => upload.conversation_id === conversation_id && upload.kind === kind && upload.error === null);
    for (const { key, attachment } of uploads) {
      if (attachment === null) return;
      this.#uploads.delete(key);
      this.#on_done(conversation_id, kind, attachment);
    }
  }
}
