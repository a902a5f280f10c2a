// The search on the REST API: over what was said, people, and ticket numbers.
//
// Guarantees: as net/api.js, by which it asks. What was found comes as parts of text, never as markup.

import { search } from "./api.js";

/**
 * @typedef {{text: string, hit: boolean}} Part
 * @typedef {{type: "message"|"contact"|"conversation", conversation_id: string|null, message_id: string|null, seq: number|null, contact_id: string,
 *   contact_name: string|null, number: number|null, created_at: string, excerpt: Part[]}} Hit
 * @typedef {{q: string, type: "messages"|"contacts"|"conversations", limit: number, cursor?: string|null}} FindQuery
 * @typedef {(query: FindQuery, signal: AbortSignal) => Promise<import("./wire.js").Page<Hit>>} Find
 */

/**
 * @param {import("./api.js").Api} api
 * @returns {Find}
 */
export function finder(api) {
  return (query, signal) => api.ask("GET", `/api/v1/search${search(query)}`, { signal });
}
