// What the settings' pages reckon: their addresses, who may open them, forms that two people change, widgets, members, tokens and the log.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { readSettings, writeSettings } from "../../../console-js/app/router.js";
import { SettingsApi } from "../../../console-js/net/settings.js";
import { actorsOf, actorWords, auditFiltered, deedWords } from "../../../console-js/state/audit.js";
import { changedIn, clashes, rebased } from "../../../console-js/state/conflict.js";
import { mayChange, memberChanges, membersSorted, profileChanges, roleHint, rolesToGive, roleWords } from "../../../console-js/state/members.js";
import { areaOf, areasFor, may, mayOpen, PERMISSIONS, ROLES } from "../../../console-js/state/permissions.js";
import { scopeGroups, scopesWords, scopeWords, tokenBody, tokensByLife, tokenStanding } from "../../../console-js/state/tokens.js";
import { capacityTrouble, routingChanges, routingForm, routingTrouble } from "../../../console-js/state/routing.js";
import {
  embedCode, fullColor, identifyCode, isQuestionName, moved, questionName, widgetChanges, widgetForm,
} from "../../../console-js/state/widget.js";

const NOW_MS = Date.parse("2026-11-21T12:00:00Z");
const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days) => new Date(NOW_MS + days * DAY_MS).toISOString();

test("every page of the settings has one address", () => {
  for (const page of ["home", "account", "workspace", "routing", "audit", "widgets", "widget-new", "members", "member-new", "tokens", "token-new", "canned", "canned-new", "labels", "label-new", "views", "macros", "macro-new", "teams", "team-new", "channels", "list"]) {
    assert.deepEqual(readSettings(writeSettings(page)), { page, id: null, delivery_id: null }, page);
  }
  for (const page of ["widget", "member", "token", "canned-one", "label-one", "view-one", "macro-one", "team"]) assert.deepEqual(readSettings(writeSettings(page, "01/ä b")), { page, id: "01/ä b", delivery_id: null });
  assert.equal(writeSettings("home"), "#/settings");
  assert.deepEqual(["#/settings/elsewhere", "#/open", "#/settings/%ff"].map(readSettings).map((place) => place?.page ?? null), [null, null, "home"]);
});

test("the table of roles is the server's", async () => {
  const source = await readFile(new URL("../../../entities/src/permission.rs", import.meta.url), "utf8");
  const spelt = new Map([...source.matchAll(/(\w+) = "(\w+:\w+)"/g)].map(([, name, text]) => [name, text]));
  assert.deepEqual([...spelt.values()].sort(), [...PERMISSIONS].sort());
  for (const [role, name] of [["agent", "Agent"], ["viewer", "Viewer"]]) {
    const body = new RegExp(`Self::${name} =>[^;]*?matches!\\(([^)]*)\\)`).exec(source)?.[1] ?? "";
    const allowed = [...body.matchAll(/P::(\w+)/g)].map(([, permission]) => spelt.get(permission));
    assert.ok(allowed.length > 3, name);
    assert.deepEqual(PERMISSIONS.filter((permission) => may(role, permission)).sort(), allowed.sort(), role);
  }
  assert.equal(PERMISSIONS.every((permission) => may("owner", permission) && may("admin", permission)), true);
});

test("a member sees the parts that are for them", () => {
  assert.deepEqual(areasFor("admin"), ["account", "canned", "labels", "macros", "views", "widgets", "channels", "webhooks", "members", "teams", "routing", "tokens", "workspace", "audit"]);
  assert.deepEqual(areasFor("agent"), ["account", "canned", "macros", "views", "members"]);
  assert.deepEqual(areasFor("somebody new"), ["account"]);
  assert.deepEqual(["home", "account", "members", "member", "member-new", "webhook", "channels", "token-new"].map((page) => mayOpen("agent", page)), [true, true, true, false, false, false, false, false]);
  assert.deepEqual(["delivery", "credential", "widget-new", "label-one", "home"].map(areaOf), ["webhooks", "channels", "widgets", "labels", null]);
});

test("of two people's changes both are kept, and where they clash mine", () => {
  const base = { name: "Website", color: "#111111", origins: ["https://a.example"] };
  const mine = { ...base, name: "Shop", origins: ["https://a.example", "https://b.example"] };
  const theirs = { ...base, color: "#222222", origins: [] };
  assert.deepEqual(changedIn(base, theirs), ["color", "origins"]);
  assert.deepEqual(clashes(base, mine, theirs), ["origins"]);
  assert.deepEqual(rebased(base, mine, theirs), { name: "Shop", color: "#222222", origins: mine.origins });
  assert.deepEqual(clashes(base, { ...base, name: "Same" }, { ...base, name: "Same" }), []);
});

const WIDGET = {
  id: "w", kind: "widget", name: "Website", version: 4,
  settings: {
    api_key: "wk_1", theme: { primaryColor: "#ABC", corner: "round" }, header_text: "Hello", allowed_origins: ["https://a.example"],
    pre_chat_form: [{ name: "email", label: "E-mail", type: "email", required: true }], allow_file_uploads: true, identity: { required: false, key_ids: ["ik_1"] },
  },
};

test("of a widget only what differs is sent, and a theme keeps what the page does not show", () => {
  const form = widgetForm(WIDGET);
  assert.deepEqual(form, { name: "Website", color: "#aabbcc", position: "bottom-right", header: "Hello", origins: ["https://a.example"], questions: WIDGET.settings.pre_chat_form, files: true, identity: false });
  assert.equal(widgetChanges(WIDGET, form), null);
  assert.deepEqual(widgetChanges(WIDGET, { ...form, position: "bottom-left", files: false }), {
    settings: { theme: { primaryColor: "#aabbcc", corner: "round", position: "bottom-left" }, allow_file_uploads: false },
  });
  assert.deepEqual(widgetChanges(WIDGET, { ...form, name: "Shop", header: "", origins: [], identity: true }), {
    name: "Shop", settings: { header_text: "", allowed_origins: [], identity: { required: true } },
  });
  assert.equal(widgetForm({ ...WIDGET, settings: { api_key: "wk_2" } }).color, "#1f5eff");
});

test("a colour is read as people write it", () => {
  assert.deepEqual(["#abc", "abc", " #A1B2C3 ", "red", "#12345"].map(fullColor), ["#aabbcc", "#aabbcc", "#a1b2c3", null, null]);
});

test("a question goes up and down, and not beyond the ends", () => {
  const list = ["a", "b", "c"];
  assert.deepEqual(moved(list, 2, -1), ["a", "c", "b"]);
  assert.deepEqual(moved(list, 0, 1), ["b", "a", "c"]);
  assert.equal(moved(list, 0, -1), list);
  assert.equal(moved(list, 2, 1), list);
});

test("an answer is kept under a name that its question suggests and nobody else has", () => {
  assert.deepEqual([["Your name", []], ["Größe (cm)?", []], ["ما اسمك؟", []], ["E-mail", ["e_mail", "e_mail_2"]]].map(([label, taken]) => questionName(label, taken)), ["your_name", "gro_e_cm", "question", "e_mail_3"]);
  assert.ok(isQuestionName(questionName("x".repeat(300), [])));
  assert.deepEqual(["order-number_2", "", "two words", "é", "x".repeat(65)].map(isQuestionName), [true, false, false, false, false]);
});

test("the code for a site cannot be broken by what stands in it", () => {
  assert.equal(embedCode("https://chat.example.com", "wk_1"), '<script async src="https://chat.example.com/widget/v1/loader.js" data-api-key="wk_1"></script>');
  assert.match(embedCode("https://chat.example.com", '"><b>'), /data-api-key="&quot;>&lt;b>"/);
  assert.ok(identifyCode("https://chat.example.com", "wk_1").endsWith(embedCode("https://chat.example.com", "wk_1")));
});

const MEMBER = { id: "m", name: "Maya", email: "maya@example.com", role: "agent", avatar_url: null, disabled: false, presence: "online", version: 1, created_at: inDays(-9) };

test("who may change whom", () => {
  assert.deepEqual(rolesToGive("owner"), ROLES);
  assert.deepEqual(rolesToGive("admin"), ["admin", "agent", "viewer"]);
  const owner = { ...MEMBER, role: "owner" };
  assert.deepEqual([["owner", owner], ["admin", owner], ["admin", MEMBER], ["agent", MEMBER]].map(([role, member]) => mayChange({ id: "x", role }, member)), [true, false, true, false]);
  assert.deepEqual(["viewer", "pilot"].map(roleWords), ["Viewer", "pilot"]);
  assert.equal(roleHint("pilot"), "");
});

test("of a member only what differs is sent", () => {
  assert.equal(memberChanges(MEMBER, { name: " Maya ", role: "agent", capacity: "" }), null);
  assert.deepEqual(memberChanges(MEMBER, { name: "Maya Chen", role: "admin", capacity: "0" }), { name: "Maya Chen", role: "admin", capacity: 0 });
  assert.deepEqual(memberChanges({ ...MEMBER, capacity: 3 }, { name: "Maya", role: "agent", capacity: " " }), { capacity: null });
  assert.deepEqual(profileChanges({ ...MEMBER, avatar_url: "https://a.example/m.png" }, { name: "Maya", picture: " " }), { avatar_url: null });
  assert.equal(profileChanges(MEMBER, { name: "Maya", picture: "" }), null);
});

test("those who may sign in come first", () => {
  const members = [["Zoe", false], ["Ann", true], ["Bo", false]].map(([name, disabled]) => ({ ...MEMBER, name, disabled }));
  assert.deepEqual(membersSorted(members).map(({ name }) => name), ["Bo", "Zoe", "Ann"]);
});

test("of the rules of assignment only what differs is sent, in the server's units", () => {
  const rules = { mode: "manual", when_away: "keep", away_after_ms: 90_000, capacity: 10, version: 1 };
  assert.equal(routingChanges(rules, routingForm(rules)), null);
  assert.deepEqual(routingChanges(rules, { mode: "by_load", when_away: "keep", capacity: "5", minutes: "3" }), { mode: "by_load", capacity: 5, away_after_ms: 180_000 });
  assert.deepEqual(Object.keys(routingTrouble({ mode: "manual", when_away: "keep", capacity: "0", minutes: "1.5" })), ["/capacity", "/away_after_ms"]);
  assert.deepEqual(["", "0", "1000", "1001", "-1", "many"].map((text) => capacityTrouble(text) === ""), [true, true, true, false, false, false]);
});

test("how a token stands, by the clock", () => {
  const token = { id: "t", name: "Import", scopes: [], expires_at: null, revoked_at: null };
  const standings = [{}, { expires_at: inDays(30) }, { expires_at: inDays(2) }, { expires_at: inDays(-1) }, { expires_at: inDays(2), revoked_at: inDays(-1) }];
  assert.deepEqual(standings.map((part) => tokenStanding({ ...token, ...part }, NOW_MS)), ["active", "active", "ending", "expired", "revoked"]);
  const { living, ended } = tokensByLife(standings.map((part, place) => ({ ...token, id: `${place}`, ...part })), NOW_MS);
  assert.deepEqual([living, ended].map((some) => some.map(({ id }) => id)), [["0", "1", "2"], ["3", "4"]]);
});

test("what a token may do, in words and in what is sent", () => {
  assert.equal(scopesWords([...PERMISSIONS]), "Everything");
  assert.equal(scopesWords(["contacts:read"]), "Read contacts");
  assert.equal(scopesWords(["contacts:read", "contacts:write", "agents:read"]), "Read contacts, Change contacts and 1 more");
  assert.equal(scopeWords("moons:read"), "moons:read");
  assert.deepEqual(scopeGroups().flatMap(({ scopes }) => scopes).sort(), [...PERMISSIONS].sort());
  assert.deepEqual(scopeGroups()[0], { resource: "conversations", scopes: ["conversations:read", "conversations:write", "messages:write"] });
  assert.deepEqual(tokenBody({ name: " Import ", scopes: ["contacts:read"], days: 90 }), { name: "Import", scopes: ["contacts:read"], expires_in_days: 90 });
  assert.deepEqual(tokenBody({ name: "Import", scopes: ["contacts:read"], days: 0 }), { name: "Import", scopes: ["contacts:read"] });
});

const entry = (action, more = {}) => ({ id: action, actor: { type: "agent", id: "a1", name: "Maya" }, action, target: { type: action.split(".")[0], id: "t1" }, detail: {}, at: inDays(0), ...more });

test("the log says what was done in words", () => {
  const said = (one, name = null) => deedWords(one, name);
  assert.equal(said(entry("agent.updated", { detail: { changed: ["role", "moon"] } }), "Alex"), "changed Alex: role, moon");
  assert.equal(said(entry("channel.created", { detail: { kind: "widget", name: "Shop" } })), "made the channel Shop (Website chat)");
  assert.equal(said(entry("credential.secret_added", { detail: { name: "bot_token" } })), "added a value of bot_token to the account …t1");
  assert.equal(said(entry("channel.identity_secret_created", { detail: { key_id: "ik_1" } }), "Website"), "made the identity secret ik_1 of Website");
  assert.equal(said(entry("rocket.launched"), "Apollo"), "did rocket.launched: Apollo");
  assert.equal(actorWords(entry("token.revoked", { actor: { type: "system" } })), "The command line");
  assert.equal(actorWords(entry("token.revoked", { actor: { type: "service", id: "s", name: null } })), "Somebody");
});

test("the log is filtered by what was changed and by whom", () => {
  const log = [entry("agent.updated"), entry("channel.updated"), entry("channel.deleted", { actor: { type: "system" } })];
  assert.deepEqual(auditFiltered(log, { kind: "channel", actor: "" }).map(({ action }) => action), ["channel.updated", "channel.deleted"]);
  assert.deepEqual(auditFiltered(log, { kind: "channel", actor: "system" }).map(({ action }) => action), ["channel.deleted"]);
  assert.deepEqual(actorsOf(log), [{ value: "a1", label: "Maya" }, { value: "system", label: "The command line" }]);
});

test("every action that the server writes into the log has words", async () => {
  const { en } = await import("../../../console-js/locale/en.js");
  const { readdir } = await import("node:fs/promises");
  const folder = new URL("../../../src/store/settings/", import.meta.url);
  const sources = await Promise.all((await readdir(folder)).filter((name) => name.endsWith(".rs")).map((name) => readFile(new URL(name, folder), "utf8")));
  const actions = new Set(sources.flatMap((source) => [...source.matchAll(/(?:deed\(|action: |let action = [^;]*|else \{ )"([a-z]+\.[a-z_]+)"/g)].map(([, action]) => action)));
  assert.ok(actions.size > 20, `${actions.size} actions were found`);
  assert.deepEqual([...actions].filter((action) => !(`audit_${action.replaceAll(".", "_")}` in en)), []);
});

test("what is asked of the server", async () => {
  const asked = [];
  const api = new SettingsApi({ ask: async (method, path, { version, body }) => {
    asked.push([method, path, version ?? null, body ?? null]);
    return { data: [{ id: asked.length }], next_cursor: asked.length === 1 ? "c" : null };
  } }, "w 1");
  const { signal } = new AbortController();
  assert.deepEqual((await api.members(signal)).map(({ id }) => id), [1, 2]);
  await api.updateMember({ id: "m", version: 3 }, { disabled: true }, signal);
  await api.rotateToken("t", 0, signal);
  await api.updateWorkspace({ id: "w 1", version: 2 }, { name: "N" }, signal);
  await api.audit({ cursor: null, limit: 50 }, signal);
  await api.endIdentitySecret("c", "ik/1", signal);
  assert.deepEqual(asked.slice(1), [
    ["GET", "/api/v1/agents?limit=100&cursor=c", null, null],
    ["PATCH", "/api/v1/agents/m", 3, { disabled: true }],
    ["POST", "/api/v1/tokens/t/rotate", null, { overlap_hours: 0 }],
    ["PATCH", "/api/v1/workspaces/w%201", 2, { name: "N" }],
    ["GET", "/api/v1/audit-log?limit=50", null, null],
    ["DELETE", "/api/v1/channels/c/identity-secret/ik%2F1", null, null],
  ]);
});
