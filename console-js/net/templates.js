// The REST API's templates: what a channel's provider has approved, and sending one.
//
// Guarantees: as net/api.js. A message carries a key of its own, so that sending it again makes no second one.

import { randomKey } from "./key.js";
import { search } from "./api.js";

/** Most pages that are read: with 100 each more than an inbox can choose from. */
const PAGES_MAX = 20;

/**
 * @param {import("./api.js").Api} api
 * @param {string} channel_id
 * @param {AbortSignal} signal
 * @returns {Promise<{templates: import("./wire.js").Template[], sync_error: string|null}>}
 */
export async function approvedTemplates(api, channel_id, signal) {
  /** @type {import("./wire.js").Template[]} */
  const templates = [];
  let sync_error = /** @type {string|null} */ (null);
  let cursor = /** @type {string|null} */ (null);
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await api.ask("GET", `/api/v1/channels/${encodeURIComponent(channel_id)}/templates${search({ status: "approved", limit: 100, cursor })}`, { signal });
    templates.push(...answer.data);
    sync_error = answer.sync_error;
    cursor = answer.next_cursor;
    if (cursor === null) break;
  }
  return { templates, sync_error };
}

/**
 * @param {import("./api.js").Api} api
 * @param {string} conversation_id
 * @param {{name: string, language: string, variables: Record<string, string>}} template
 * @param {string} client_id
 * @param {AbortSignal} signal
 * @returns {Promise<import("./wire.js").Message>}
 */
export function sendTemplate(api, conversation_id, template, client_id, signal) {
  return api.ask("POST", `/api/v1/conversations/${encodeURIComponent(conversation_id)}/messages`, { body: { template, client_id }, signal });
}

/** A key for one template that is about to be sent. */
export function templateKey() {
  return randomKey();
}
