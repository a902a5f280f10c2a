// What the pages of channels reckon: names and states in words, which fields are asked for, what is sent, and their addresses.

import assert from "node:assert/strict";
import { test } from "node:test";

import { readSettings, writeSettings } from "../../../console-js/app/router.js";
import { Problem } from "../../../console-js/net/api.js";
import { ChannelsApi } from "../../../console-js/net/channels.js";
import {
  abilitiesOf, addressHint, choicesOf, consentOf, credentialBody, fieldsOf, inLines, kindWords, providerWords, sentence, standingFor, stateWords, troubleOf, vendorWords,
} from "../../../console-js/state/channels.js";
import { wordsFor } from "../../../console-js/state/problems.js";

const CAPABILITIES = { reply_window_hours: null, human_window_hours: null, templates: false, reactions: false, edits: false, files: false, delivery_receipts: false, read_receipts: false, typing: false };
const SECRET = { name: "app_secret", label: "App secret", hint: "in the dashboard", required: true, verifies: true, secret: true };
const PROVIDERS = [
  {
    provider: "messenger",
    kinds: [
      { kind: "messenger", capabilities: { ...CAPABILITIES, reply_window_hours: 24, human_window_hours: 168, files: true, read_receipts: true } },
      { kind: "instagram", capabilities: { ...CAPABILITIES, reply_window_hours: 1 } },
    ],
    credentials: [{ vendor: null, fields: [SECRET] }],
    webhook_url: "https://chat.example.com/api/webhooks/messenger",
  },
  {
    provider: "sms",
    kinds: [{ kind: "sms", capabilities: CAPABILITIES }],
    credentials: [{ vendor: "twilio", fields: [] }, { vendor: "acme", fields: [SECRET] }],
    webhook_url: "https://chat.example.com/api/webhooks/sms",
  },
];

test("the way by consent is there only where the operator has set it up, and not for who signs in elsewhere", () => {
  const with_install = (/** @type {any} */ install) => PROVIDERS.map((one) => ({ ...one, install: one.provider === "messenger" ? install : null }));
  const ready = { path: "/api/messenger/install", redirect_uri: "https://chat.example.com/api/messenger/callback", missing: [] };
  const page = { provider: "messenger", vendor: null };
  assert.equal(consentOf(with_install(ready), page), "/api/messenger/install");
  assert.equal(consentOf(with_install({ ...ready, missing: ["--messenger-app-id"] }), page), null);
  assert.equal(consentOf(with_install(ready), { provider: "messenger", vendor: "instagram" }), null);
  assert.equal(consentOf(with_install(ready), { provider: "sms", vendor: "twilio" }), null);
  assert.equal(consentOf(PROVIDERS, page), null, "an older server says nothing of it");
});

test("every page of channels has one address", () => {
  for (const [page, id = null] of [["channels"], ["channel-new"], ["channel", "01/a"], ["credential", "02 b"], ["install", "stale"]]) {
    assert.deepEqual(readSettings(writeSettings(page, id ?? "")), { page, id, delivery_id: null });
  }
  assert.equal(writeSettings("channels"), "#/settings/channels");
  assert.deepEqual(readSettings("#/settings/channels/accounts"), { page: "channels", id: null, delivery_id: null });
  assert.deepEqual(readSettings("#/settings/channels/installs"), { page: "channels", id: null, delivery_id: null });
  assert.equal(readSettings("#/settings/other"), null);
});

test("what is not known yet is shown by its own name", () => {
  assert.deepEqual(["whatsapp", "sms", "pigeon"].map(kindWords), ["WhatsApp", "SMS", "pigeon"]);
  assert.deepEqual(["messagebird", "acme"].map(vendorWords), ["MessageBird", "acme"]);
  assert.deepEqual([{ provider: "sms", vendor: "twilio" }, { provider: "slack", vendor: null }].map(providerWords), ["SMS, Twilio", "Slack"]);
  assert.deepEqual(["connected", "degraded", "disconnected", "unchecked", "failing", "odd"].map(stateWords), ["Connected", "Works in part", "Disconnected", "Not checked", "Refused", "odd"]);
  assert.deepEqual(["connected", "degraded", "failing", "odd"].map(standingFor), ["enabled", "failing", "failed", "pending"]);
});

test("what is wrong with a channel is said in a sentence", () => {
  assert.equal(troubleOf({ status: "connected", status_detail: "old news" }), "");
  assert.equal(troubleOf({ status: "degraded", status_detail: "token expired; reconnect" }), "Token expired; reconnect.");
  assert.match(troubleOf({ status: "disconnected", status_detail: null }), /Check its account/);
  assert.equal(sentence("done!"), "Done!");
});

test("each kind is offered once for each vendor that carries it", () => {
  assert.deepEqual(choicesOf(PROVIDERS).map(({ kind, provider, vendor, label }) => [kind, provider, vendor, label]), [
    ["messenger", "messenger", null, "Messenger"],
    ["instagram", "messenger", null, "Instagram"],
    ["sms", "sms", "twilio", "SMS, Twilio"],
    ["sms", "sms", "acme", "SMS, acme"],
  ]);
  assert.deepEqual(fieldsOf(PROVIDERS, { provider: "sms", vendor: "acme" }), [SECRET]);
  assert.deepEqual(fieldsOf(PROVIDERS, { provider: "fax", vendor: null }), []);
  assert.deepEqual(["private_key", "signing_public_key", "app_secret"].map((name) => inLines({ ...SECRET, name })), [true, true, false]);
});

test("an account is asked for with what was entered, and without what was left empty", () => {
  const sms = { kind: "sms", provider: "sms", vendor: "acme", label: "" };
  assert.deepEqual(credentialBody(sms, " Ours ", { app_secret: "hush", app_id: " " }, true), { provider: "sms", vendor: "acme", name: "Ours", secrets: { app_secret: "hush" } });
  assert.deepEqual(credentialBody({ ...sms, provider: "slack", vendor: null }, "x", {}, false), { provider: "slack", name: "x", secrets: {}, check: false });
});

test("what a channel can do is said in words", () => {
  assert.deepEqual(abilitiesOf(PROVIDERS, "messenger"), [
    "Free answers for 24 hours after the customer's last message; a person may still answer for 168 hours",
    "Files, read ticks",
  ]);
  assert.deepEqual(abilitiesOf(PROVIDERS, "instagram"), ["Free answers for 1 hour after the customer's last message"]);
  assert.deepEqual(abilitiesOf(PROVIDERS, "sms"), ["Answers at any time"]);
  assert.deepEqual(abilitiesOf(PROVIDERS, "widget"), []);
  assert.match(addressHint("whatsapp"), /phone number ID/);
  assert.equal(addressHint("widget"), "");
});

test("a provider that does not answer is told of in the server's words", () => {
  assert.equal(wordsFor(new Problem(502, "provider_unreachable", "slack could not be asked: no connection")), "Slack could not be asked: no connection.");
  assert.match(wordsFor(new Problem(502, "unreadable", "")), /unreadable/);
});

test("lists are read to their end, and ids are one part of a path", async () => {
  const asked = [];
  const api = new ChannelsApi({
    ask: async (method, path, { body, version } = {}) => {
      asked.push([method, path, body, version]);
      return path.includes("cursor=2") ? { data: [{ id: "2" }], next_cursor: null } : { data: [{ id: "1" }], next_cursor: "2" };
    },
  });
  const { signal } = new AbortController();
  assert.deepEqual(await api.credentials(signal), [{ id: "1" }, { id: "2" }]);
  await api.addSecret("a/b", "bot_token", "hush", signal);
  await api.endSecret("a", "app_secret", "c", signal);
  await api.updateChannel({ id: "d", version: 7 }, { name: "x" }, signal);
  assert.deepEqual(asked.slice(2), [
    ["POST", "/api/v1/credentials/a%2Fb/secrets/bot_token", { value: "hush" }, undefined],
    ["DELETE", "/api/v1/credentials/a/secrets/app_secret/c", undefined, undefined],
    ["PATCH", "/api/v1/channels/d", { name: "x" }, 7],
  ]);
});
