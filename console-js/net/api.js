// The REST API, as far as the inbox speaks it.
//
// Guarantees: every answer that is not a success becomes a `Problem` with the server's code and words; every POST and PATCH
// carries an Idempotency-Key; every request ends with the scope that was given. It keeps no token: the session cookie speaks.
// It does not retry: callers know whether a repeat makes sense.

import { randomKey } from "./key.js";

/** How long a request may take before it counts as failed. */
const REQUEST_MS_MAX = 20_000;
/** Most pages of agents that are read: with 100 each more than any plan has. */
const AGENT_PAGES_MAX = 10;

/** What the server refused, or that it could not be reached (`status` 0). */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} detail
   * @param {{errors?: {pointer?: string, detail?: string}[], retry_after_secs?: number|null, body?: any}} [more]
   */
  constructor(status, code, detail, more = {}) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.errors = more.errors ?? [];
    this.retry_after_secs = more.retry_after_secs ?? null;
    this.body = more.body ?? null;
  }
}

/**
 * @typedef {{workspace_id: string, agent: import("./wire.js").Agent, expires_at: string}} Session
 * @typedef {{status?: string, assignee_id?: string, channel_id?: string, contact_id?: string, label?: string, priority?: string, team_id?: string, sort?: string, q?: string, limit?: number,
 *   cursor?: string|null}} ListQuery
 * @typedef {{status?: string, snoozed_until?: string|null, assignee_id?: string|null, team_id?: string|null, priority?: string, labels?: string[]}} ConversationPatch
 * @typedef {{name?: string|null, email?: string|null, phone?: string|null, custom_attributes?: Record<string, unknown>, blocked?: boolean}} ContactPatch
 */

export class Api {
  #on_signed_out;

  /** @param {{on_signed_out?: () => void}} [options] `on_signed_out` is told when the server no longer knows the session */
  constructor(options = {}) {
    this.#on_signed_out = options.on_signed_out ?? (() => {});
  }

  /**
   * @param {{email: string, password: string, workspace_id?: string}} proof
   * @param {AbortSignal} signal
   * @returns {Promise<Session>}
   */
  login(proof, signal) {
    return this.ask("POST", "/api/auth/login", { body: proof, signal, quiet: true });
  }

  /** What an invitation is to. @param {string} token @param {AbortSignal} signal @returns {Promise<import("./wire.js").InvitationLook>} */
  invitation(token, signal) {
    return this.ask("POST", "/api/auth/invitation", { body: { token }, signal, quiet: true });
  }

  /**
   * Becomes a member, signed in.
   * @param {{token: string, name: string, password: string}} answer
   * @param {AbortSignal} signal
   * @returns {Promise<Session>}
   */
  acceptInvitation(answer, signal) {
    return this.ask("POST", "/api/auth/invitation/accept", { body: answer, signal, quiet: true });
  }

  /** @param {AbortSignal} signal @returns {Promise<Session>} */
  me(signal) {
    return this.ask("GET", "/api/auth/me", { signal, quiet: true });
  }

  /** @param {boolean} everywhere @param {AbortSignal} signal @returns {Promise<unknown>} */
  logout(everywhere, signal) {
    return this.ask("POST", "/api/auth/logout", { body: everywhere ? { everywhere } : {}, signal, quiet: true });
  }

  /** @param {ListQuery} query @param {AbortSignal} signal @returns {Promise<import("./wire.js").Page<import("./wire.js").Conversation>>} */
  conversations(query, signal) {
    return this.ask("GET", `/api/v1/conversations${search(query)}`, { signal });
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<import("./wire.js").Conversation>} */
  conversation(id, signal) {
    return this.ask("GET", `/api/v1/conversations/${encodeURIComponent(id)}`, { signal });
  }

  /**
   * @param {string} id
   * @param {ConversationPatch} patch
   * @param {AbortSignal} signal
   * @param {number} [version] refuse with 412 if it is no longer this one
   * @returns {Promise<import("./wire.js").Conversation>}
   */
  updateConversation(id, patch, signal, version) {
    return this.ask("PATCH", `/api/v1/conversations/${encodeURIComponent(id)}`, { body: patch, signal, version });
  }

  /** @param {string} id @param {"trash"|"restore"} action @param {AbortSignal} signal @returns {Promise<import("./wire.js").Conversation>} */
  moveConversation(id, action, signal) {
    return this.ask("POST", `/api/v1/conversations/${encodeURIComponent(id)}/${action}`, { signal });
  }

  /** Deletes it for good. @param {string} id @param {AbortSignal} signal @returns {Promise<void>} */
  deleteConversation(id, signal) {
    return this.ask("DELETE", `/api/v1/conversations/${encodeURIComponent(id)}`, { signal });
  }

  /** @param {string[]} ids @param {{type: string}} action @param {AbortSignal} signal @returns {Promise<import("./wire.js").BulkJob>} */
  makeJob(ids, action, signal) {
    return this.ask("POST", "/api/v1/conversations/bulk", { body: { conversation_ids: ids, action }, signal });
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<import("./wire.js").BulkJob>} */
  job(id, signal) {
    return this.ask("GET", `/api/v1/bulk-jobs/${encodeURIComponent(id)}`, { signal });
  }

  /** @param {string} id @param {string|null} cursor @param {AbortSignal} signal @returns {Promise<import("./wire.js").Page<import("./wire.js").Message>>} */
  messages(id, cursor, signal) {
    return this.ask("GET", `/api/v1/conversations/${encodeURIComponent(id)}/messages${search({ limit: 50, cursor })}`, { signal });
  }

  /** @param {string} id @param {object} body @param {AbortSignal} signal @returns {Promise<import("./wire.js").Message>} */
  say(id, body, signal) {
    return this.ask("POST", `/api/v1/conversations/${encodeURIComponent(id)}/messages`, { body, signal });
  }

  /** @param {string} id @param {string} message_id @param {string|null} emoji @param {AbortSignal} signal @returns {Promise<import("./wire.js").Message>} */
  react(id, message_id, emoji, signal) {
    return this.ask("PUT", `/api/v1/conversations/${encodeURIComponent(id)}/messages/${encodeURIComponent(message_id)}/reaction`, { body: { emoji }, signal });
  }

  /** @param {string} id @param {string} message_id @param {AbortSignal} signal @returns {Promise<import("./wire.js").Message>} */
  resend(id, message_id, signal) {
    return this.ask("POST", `/api/v1/conversations/${encodeURIComponent(id)}/messages/${encodeURIComponent(message_id)}/retry`, { signal });
  }

  /** What is said in a conversation later. @param {string} id @param {AbortSignal} signal @returns {Promise<import("./wire.js").Page<import("./wire.js").ScheduledMessage>>} */
  scheduled(id, signal) {
    return this.ask("GET", `/api/v1/conversations/${encodeURIComponent(id)}/scheduled-messages${search({ limit: 100 })}`, { signal });
  }

  /** @param {string} id @param {object} body @param {AbortSignal} signal @returns {Promise<import("./wire.js").ScheduledMessage>} */
  schedule(id, body, signal) {
    return this.ask("POST", `/api/v1/conversations/${encodeURIComponent(id)}/scheduled-messages`, { body, signal });
  }

  /** @param {import("./wire.js").ScheduledMessage} before @param {object} patch @param {AbortSignal} signal @returns {Promise<import("./wire.js").ScheduledMessage>} */
  reschedule({ conversation_id, id, version }, patch, signal) {
    return this.ask("PATCH", `/api/v1/conversations/${encodeURIComponent(conversation_id)}/scheduled-messages/${encodeURIComponent(id)}`, { body: patch, signal, version });
  }

  /** @param {import("./wire.js").ScheduledMessage} before @param {AbortSignal} signal @returns {Promise<unknown>} */
  unschedule({ conversation_id, id, version }, signal) {
    return this.ask("DELETE", `/api/v1/conversations/${encodeURIComponent(conversation_id)}/scheduled-messages/${encodeURIComponent(id)}`, { signal, version });
  }

  /** @param {AbortSignal} signal @returns {Promise<import("./wire.js").Agent[]>} */
  async agents(signal) {
    /** @type {import("./wire.js").Agent[]} */
    const agents = [];
    /** @type {string|null} */
    let cursor = null;
    for (let page = 0; page < AGENT_PAGES_MAX; page += 1) {
      /** @type {import("./wire.js").Page<import("./wire.js").Agent>} */
      const answer = await this.ask("GET", `/api/v1/agents${search({ limit: 100, cursor })}`, { signal });
      agents.push(...answer.data);
      cursor = answer.next_cursor;
      if (cursor === null) break;
    }
    return agents;
  }

  /** @param {AbortSignal} signal @returns {Promise<{data: import("./wire.js").ProviderAbout[]}>} */
  providers(signal) {
    return this.ask("GET", "/api/v1/providers", { signal });
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<import("./wire.js").Contact>} */
  contact(id, signal) {
    return this.ask("GET", `/api/v1/contacts/${encodeURIComponent(id)}`, { signal });
  }

  /**
   * @param {string} id
   * @param {ContactPatch} patch
   * @param {AbortSignal} signal
   * @param {number} [version]
   * @returns {Promise<import("./wire.js").Contact>}
   */
  updateContact(id, patch, signal, version) {
    return this.ask("PATCH", `/api/v1/contacts/${encodeURIComponent(id)}`, { body: patch, signal, version });
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<{url: string, filename: string, mimeType: string}>} */
  download(id, signal) {
    return this.ask("GET", `/api/attachments/${encodeURIComponent(id)}/download`, { signal });
  }

  /** Has a file fetched from its provider again. @param {string} id @param {AbortSignal} signal @returns {Promise<null>} */
  fetchFile(id, signal) {
    return this.ask("POST", `/api/v1/attachments/${encodeURIComponent(id)}/fetch`, { body: {}, signal });
  }

  /**
   * Asks, and answers with the body; for the parts of the API that have a file of their own, too (net/webhooks.js).
   * @param {string} method
   * @param {string} path
   * @param {{body?: unknown, signal: AbortSignal, version?: number|undefined, quiet?: boolean}} options `quiet`: a 401 is an ordinary answer
   * @returns {Promise<any>}
   */
  async ask(method, path, { body, signal, version, quiet }) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (method !== "GET") headers["Idempotency-Key"] = randomKey();
    if (version !== undefined) headers["If-Match"] = `"${version}"`;
    const timeout = AbortSignal.timeout(REQUEST_MS_MAX);
    /** @type {Response} */
    let answer;
    let text = "";
    try {
      answer = await fetch(path, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        credentials: "same-origin",
        cache: "no-store",
        signal: AbortSignal.any([signal, timeout]),
      });
      // A connection may break in the middle of an answer, too.
      text = await answer.text();
    } catch (error) {
      if (signal.aborted) throw error;
      throw new Problem(0, "unreachable", "");
    }
    if (answer.ok) return text === "" ? null : JSON.parse(text);
    if (answer.status === 401 && !quiet) this.#on_signed_out();
    throw problemOf(answer.status, text, answer.headers.get("Retry-After"));
  }
}

/**
 * @param {number} status
 * @param {string} text the body as it came
 * @param {string|null} retry_after
 * @returns {Problem}
 */
export function problemOf(status, text, retry_after) {
  const secs = retry_after === null ? null : Number.parseInt(retry_after, 10);
  const retry_after_secs = secs !== null && Number.isFinite(secs) ? secs : null;
  try {
    const body = JSON.parse(text);
    return new Problem(status, String(body.code ?? "unknown"), String(body.detail ?? body.title ?? ""), {
      errors: Array.isArray(body.errors) ? body.errors : [],
      retry_after_secs,
      body,
    });
  } catch {
    // Something between us and the server answered; its page says nothing to an agent.
    return new Problem(status, "unreadable", "", { retry_after_secs });
  }
}

/**
 * Posts a message in a way that goes on when the page is gone. Nobody hears what became of it: it stays in the outbox until that knows.
 * @param {{conversation_id: string, client_id: string, body: object}} message
 */
export function postAndGo({ conversation_id, client_id, body }) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": client_id };
  const path = `/api/v1/conversations/${encodeURIComponent(conversation_id)}/messages`;
  // A browser refuses bodies that are too large to outlive the page; then the message goes when the page is back.
  fetch(path, { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin", cache: "no-store", keepalive: true }).catch(() => {});
}

/** @param {Record<string, string|number|null|undefined>} query */
export function search(query) {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  if (pairs.length === 0) return "";
  return `?${new URLSearchParams(pairs.map(([key, value]) => [key, String(value)]))}`;
}
