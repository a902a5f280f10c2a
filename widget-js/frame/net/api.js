/**
 * The widget's HTTP calls, all to the frame's own origin.
 *
 * Guarantees: a failed call throws a {@link CallError} and nothing else; no token stands in a URL; every call ends
 * within {@link CALL_MS_MAX} (uploads apart, which their owner can abort). Does not retry: callers know what may be repeated.
 *
 * @import {Attachment, Session, WireMessage} from '../wire.js'
 */

/** Longest wait for an answer, in milliseconds. */
export const CALL_MS_MAX = 20_000;
/** Largest file that the server takes. */
export const FILE_BYTES_MAX = 10 * 1024 * 1024;

/** A call that did not succeed. `status` 0 means that no answer came. */
export class CallError extends Error {
  /**
   * @param {number} status
   * @param {string} code the problem's code, or `network`
   * @param {string} detail
   * @param {number | null} retryAfterMs
   */
  constructor(status, code, detail, retryAfterMs = null) {
    super(detail || code);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }

  /** The same call may succeed later, unchanged. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/**
 * Any failure as a {@link CallError}, so that no caller needs to tell two kinds apart.
 * @param {unknown} error
 */
export function asCallError(error) {
  return error instanceof CallError ? error : new CallError(0, 'network', String(error));
}

/**
 * @param {number} status
 * @param {string} body
 * @param {string | null} retryAfter the header, in seconds
 */
function problem(status, body, retryAfter) {
  let code = `http_${status}`;
  let detail = '';
  try {
    const parsed = JSON.parse(body);
    code = String(parsed.code ?? code);
    detail = String(parsed.detail ?? parsed.error ?? '');
  } catch {
    // Not ours (a proxy's page, say): the status alone has to do.
  }
  const seconds = Number(retryAfter);
  return new CallError(status, code, detail, retryAfter && seconds >= 0 ? seconds * 1000 : null);
}

/**
 * @param {string} path
 * @param {RequestInit} init
 * @returns {Promise<any>}
 */
async function call(path, init) {
  let response, body;
  try {
    response = await fetch(path, { ...init, credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(CALL_MS_MAX) });
    body = await response.text();
  } catch (error) {
    throw new CallError(0, 'network', String(error));
  }
  if (!response.ok) throw problem(response.status, body, response.headers.get('Retry-After'));
  try {
    return JSON.parse(body);
  } catch {
    throw new CallError(response.status, 'unreadable_answer', 'the answer is not JSON');
  }
}

/**
 * @param {string} path
 * @param {object} body
 */
function post(path, body) {
  return call(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
}

/** @param {string} token */
const bearer = (token) => ({ Authorization: `Bearer ${token}` });

/**
 * Begins or continues the visitor's session.
 * @param {{apiKey: string, visitorId?: string, metadata?: object, identity?: object}} request
 * @returns {Promise<Session>}
 */
export function init(request) {
  return post('/api/widget/init', request);
}

/**
 * Messages of the visitor's conversation in order; those after `after` where given.
 * @param {string} token
 * @param {number | null} after
 * @returns {Promise<{messages: WireMessage[], cursor: string}>}
 */
export function history(token, after) {
  return call(`/api/widget/message${after === null ? '' : `?after=${after}`}`, { headers: bearer(token) });
}

/**
 * Says something without a socket. A repeat of `clientId` is answered with the first result.
 * @param {{sessionToken: string, message: string, attachments: string[], clientId: string}} request
 * @returns {Promise<{messageId: string, seq: number, conversationId: string}>}
 */
export function say(request) {
  return post('/api/widget/message', request);
}

/**
 * The address of an uploaded file, good for an hour.
 * @param {string} token
 * @param {string} id
 * @returns {Promise<{url: string, filename: string, mimeType: string}>}
 */
export function attachment(token, id) {
  return call(`/api/attachments/${encodeURIComponent(id)}/download`, { headers: bearer(token) });
}

/**
 * Uploads a file; `abort` ends it early.
 * @param {string} token
 * @param {File} file
 * @param {string | null} conversationId
 * @param {(part: number) => void} onProgress from 0 to 1
 * @returns {{done: Promise<Attachment>, abort: () => void}}
 */
export function upload(token, file, conversationId, onProgress) {
  // fetch reports no upload progress; XMLHttpRequest does.
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append('file', file, file.name);
  if (conversationId) form.append('conversationId', conversationId);
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(new CallError(0, 'network', 'the upload was cut'));
    request.onabort = () => reject(new CallError(0, 'aborted', 'the upload was ended'));
    request.onload = () => {
      if (request.status < 200 || request.status > 299) {
        reject(problem(request.status, request.responseText, request.getResponseHeader('Retry-After')));
        return;
      }
      try {
        resolve(JSON.parse(request.responseText));
      } catch {
        reject(new CallError(request.status, 'unreadable_answer', 'the answer is not JSON'));
      }
    };
  });
  request.open('POST', '/api/upload');
  request.setRequestHeader('Authorization', `Bearer ${token}`);
  request.send(form);
  return { done, abort: () => request.abort() };
}
