// The shapes of channels, credentials and providers on the REST API, as types alone.
//
// Guarantees: nothing at run time. Each type mirrors the OpenAPI document. People read "account" where the API says credential.

/** @typedef {"widget"|"whatsapp"|"messenger"|"instagram"|"sms"|"slack"|"dialpad"|"email"} Kind */
/**
 * @typedef {{id: string, kind: Kind, name: string, address: string|null, credential_id: string|null, status: "connected"|"degraded"|"disconnected",
 *   status_detail: string|null, settings: Record<string, unknown>, version: number, created_at: string}} Channel
 */
/** @typedef {{id: string, hint: string, created_at: string}} LivingSecret */
/** @typedef {{set: boolean, hint: string|null, living: LivingSecret[]}} SecretState */
/**
 * @typedef {{id: string, provider: string, vendor: string|null, name: string, account: string|null, status: "unchecked"|"working"|"failing",
 *   status_detail: string|null, checked_at: string|null, expires_at: string|null, secrets: Record<string, SecretState>, webhook_url: string, version: number,
 *   created_at: string}} Credential
 */
/** What came of connecting an account by consent. @typedef {{id: string, provider: string, status: "begun"|"connected"|"failed", detail: string|null, channel_ids: string[]}} Install */
/** @typedef {{address: string, name: string}} FoundAccount */
/** @typedef {Credential & {accounts: FoundAccount[]}} MadeCredential */
/** @typedef {{ok: boolean, accounts: FoundAccount[], detail: string|null, checked_at: string}} Check */
/** @typedef {{name: string, label: string, hint: string, required: boolean, verifies: boolean, secret: boolean}} CredentialField */
/**
 * @typedef {{reply_window_hours: number|null, human_window_hours: number|null, templates: boolean, reactions: boolean, edits: boolean, files: boolean,
 *   delivery_receipts: boolean, read_receipts: boolean, read_marks: boolean, typing: boolean}} Capabilities
 */
/**
 * @typedef {{provider: string, kinds: {kind: Kind, capabilities: Capabilities}[], credentials: {vendor: string|null, fields: CredentialField[]}[],
 *   webhook_url: string, install: {path: string, redirect_uri: string, missing: string[]}|null}} Provider
 */

export {};
