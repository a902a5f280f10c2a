// Sends one file, telling how far it is.
//
// Guarantees: one request a file, ended by its signal; the answer is the stored attachment or a `Problem`. XMLHttpRequest,
// because fetch cannot tell the progress of a body.

import { Problem, problemOf } from "./api.js";
import { randomKey } from "./key.js";

/** The largest file the server takes. */
export const FILE_BYTES_MAX = 10 * 1024 * 1024;

/**
 * @param {File} file
 * @param {string} conversation_id
 * @param {(part: number) => void} on_progress from 0 to 1
 * @param {AbortSignal} signal
 * @returns {Promise<import("./wire.js").Attachment>}
 */
export function uploadFile(file, conversation_id, on_progress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/upload");
    request.setRequestHeader("Idempotency-Key", randomKey());
    request.responseType = "text";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable && event.total > 0) on_progress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      if (request.status < 200 || request.status > 299) {
        reject(problemOf(request.status, request.responseText, request.getResponseHeader("Retry-After")));
        return;
      }
      try {
        const { id, filename, size, type } = JSON.parse(request.responseText);
        resolve({ id, filename, size, type });
      } catch {
        reject(new Problem(request.status, "unreadable", ""));
      }
    });
    request.addEventListener("error", () => reject(new Problem(0, "unreachable", "")));
    request.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    const form = new FormData();
    form.append("conversationId", conversation_id);
    form.append("file", file);
    request.send(form);
  });
}
