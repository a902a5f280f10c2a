// What is prepared for the inbox: shortcuts as they are typed, names filled in, colours, saved views.

import assert from "node:assert/strict";
import { test } from "node:test";

import { readPlace, writePlace } from "../../../console-js/app/router.js";
import { actionWords, freshAction, isBare, labelsOf, macroWords, speaks } from "../../../console-js/state/macros.js";
import { initialState } from "../../../console-js/state/model.js";
import { cannedFor, coloursOf, fillIn, freshColour, isShortcut, mayChange, ownFirst, slashAt } from "../../../console-js/state/prepared.js";
import { reduce } from "../../../console-js/state/reduce.js";
import { filterWords } from "../../../console-js/state/saved.js";
import { labelChoices, viewChoices, viewName } from "../../../console-js/state/choices.js";
import { filterOf, passes, sameQuestion, savedQuestion } from "../../../console-js/state/views.js";

const ME = { id: "a1", name: "Maya Chen", email: "maya@example.com", role: "agent" };
const canned = (shortcut, name, owner_id = null) => ({ id: shortcut, shortcut, name, owner_id, content_text: "" });

test("a slash counts at the beginning of a line, up to the caret", () => {
  const at = (text) => slashAt(text, text.length);
  assert.deepEqual(at("/"), { from: 0, typed: "" });
  assert.deepEqual(at("Hello\n  /ref"), { from: 8, typed: "ref" });
  assert.deepEqual(slashAt("/refund and more", 4), { from: 0, typed: "ref" });
  assert.deepEqual(["either/or", "/two words", "a /b", "", "https://"].map(at), [null, null, null, null, null]);
});

test("what begins so comes first, then what is one's own, then what has it in its name", () => {
  const all = [canned("pay", "How to pay"), canned("parcel", "Where it is"), canned("hello", "Greeting, with a pause"), canned("pause", "Pause", "a1")];
  assert.deepEqual(cannedFor(all, "PA").map(({ shortcut }) => shortcut), ["pause", "parcel", "pay", "hello"]);
  assert.deepEqual(cannedFor(all, "pay").map(({ shortcut }) => shortcut), ["pay"]);
  assert.deepEqual(cannedFor(all, "zzz"), []);
  assert.deepEqual(ownFirst(all).map(({ shortcut }) => shortcut), ["pause", "hello", "pay", "parcel"]);
});

test("placeholders are filled in where somebody knows what with", () => {
  const text = "Hello {{contact.first_name}} ({{ contact.name }}), {{agent.name}} / {{agent.first_name}} {{order.id}}";
  assert.equal(fillIn(text, { contact: { id: "c", name: "Jane van Doe", email: null }, agent: ME }), "Hello Jane (Jane van Doe), Maya Chen / Maya {{order.id}}");
  assert.equal(fillIn("{{contact.first_name}}!", { contact: { id: "c", name: null, email: "j@example.com" }, agent: ME }), "{{contact.first_name}}!");
  // A name is words, not a pattern.
  assert.equal(fillIn("{{contact.name}}", { contact: { id: "c", name: "$& {{agent.name}}", email: null }, agent: ME }), "$& {{agent.name}}");
});

test("shortcuts, colours and who may change what", () => {
  assert.deepEqual(["refund", "a-1_b", "Refund", "-a", "", "a".repeat(33)].map(isShortcut), [true, true, false, false, false, false]);
  const labels = [{ name: "billing", color: "#2f6fde" }];
  assert.equal(coloursOf(labels), coloursOf(labels));
  assert.deepEqual(coloursOf(labels), { billing: "#2f6fde" });
  assert.notEqual(freshColour(labels), "#2f6fde");
  assert.deepEqual([[{ owner_id: null }, false], [{ owner_id: null }, true], [{ owner_id: "a1" }, false]].map(([thing, share]) => mayChange(thing, share)), [false, true, true]);
});

test("a saved view asks and shows what it says, and has an address", () => {
  const view = { id: "v1", name: "Urgent", owner_id: null, filter: { status: "open", assignee_id: "a2", priority: "urgent", label: "vip" }, sort: "updated_at" };
  const question = savedQuestion(view, "jane");
  assert.deepEqual([question.view, question.standing, question.sort, question.query], ["saved:v1", "open", "updated_at", "jane"]);
  assert.deepEqual(filterOf(question), view.filter);
  assert.deepEqual(filterOf({ ...question, standing: "any" }), { assignee_id: "a2", priority: "urgent", label: "vip" });
  assert.equal(savedQuestion({ ...view, filter: {} }).standing, "any");
  assert.equal(sameQuestion(question, savedQuestion({ ...view, filter: { ...view.filter, label: "bug" } }, "jane")), false);
  const row = { status: "open", assignee_id: "a2", priority: "urgent", labels: ["vip"], channel_id: "c1" };
  const differ = [{}, { assignee_id: null }, { priority: "high" }, { labels: [] }, { status: "pending" }];
  assert.deepEqual(differ.map((more) => passes(view.filter, { ...row, ...more }, "a1")), [true, false, false, false, false]);
  assert.deepEqual(["t1", "t2"].map((team_id) => passes({ team_id: "t1" }, { ...row, team_id }, "a1")), [true, false]);
  assert.deepEqual(["me", "none"].map((assignee_id) => [row, { ...row, assignee_id: "a1" }, { ...row, assignee_id: null }].map((one) => passes({ assignee_id }, one, "a1"))), [[false, true, false], [false, false, true]]);
  assert.deepEqual(readPlace(writePlace({ view: "saved:v1", id: "x" })), { view: "saved:v1", id: "x" });
});

test("views are called by their names, and labels stand with what they are for", () => {
  let state = initialState(ME);
  const views = [{ id: "v1", name: "Urgent", owner_id: null, filter: { status: "open" }, sort: "-updated_at" }, { id: "v2", name: "Zoo", owner_id: "a1", filter: {}, sort: "-updated_at" }];
  state = reduce(state, { type: "prepared_loaded", prepared: { views, labels: [{ id: "l1", name: "billing", color: "#2f6fde", description: "Invoices" }] } });
  assert.deepEqual(viewChoices(state).slice(7).map(({ label }) => label), ["Zoo", "Urgent", "billing"]);
  assert.deepEqual([viewName(state, "saved:v1"), viewName(state, "saved:gone")], ["Urgent", "Saved view"]);
  assert.deepEqual(labelChoices(state, [["vip"], ["vip", "billing"]]).map(({ value, hint, color, chosen }) => [value, hint, color, chosen]), [["vip", "Enter removes it", undefined, true], ["billing", "Invoices", "#2f6fde", false]]);
  assert.equal(filterWords({ ...state, channels: [{ id: "c1", name: "Shop", kind: "widget" }] }, { status: "open", assignee_id: "gone", channel_id: "c1", label: "vip", priority: "high" }), "Open, assigned to Unknown, on Shop, with the label vip, priority High");
  assert.equal(filterWords(state, { assignee_id: "none" }), "Any status, nobody's");
});

test("what a macro does stands in words, in its order", () => {
  const agents = { a2: { id: "a2", name: "Tom" } };
  const prepared = { teams: [{ id: "t1", name: "Workshop" }] };
  const macro = { actions: [{ type: "send_message", text: `Hello,\n${"x".repeat(60)}` }, { type: "assign", assignee_id: "a2" }, { type: "add_labels", labels: ["vip", "paid"] }, { type: "set_status", status: "resolved" }] };
  assert.equal(macroWords({ agents, prepared }, macro), `Send “Hello, ${"x".repeat(32)}…” · Assign to Tom · Add vip, paid · Set to Resolved`);
  assert.deepEqual([{ type: "note", text: "Paid" }, { type: "assign", assignee_id: null }, { type: "remove_labels", labels: ["vip"] }, { type: "set_priority", priority: "low" }, { type: "set_team", team_id: "t1" }, { type: "set_team", team_id: null }, { type: "set_status", status: "snoozed", snoozed_for_s: 7200 }, { type: "dance" }].map((action) => actionWords({ agents, prepared }, action)),
    ["Note “Paid”", "Unassign", "Remove vip", "Set priority to Low", "Give to Workshop", "Take from its team", "Snooze for 2 h", "dance"]);
  assert.deepEqual([speaks(macro), speaks({ actions: [{ type: "note", text: "x" }] })], [true, false]);
});

test("an action that has nothing to do is told apart, and labels are divided by commas", () => {
  assert.deepEqual(["send_message", "note", "assign", "set_team", "add_labels", "remove_labels", "set_status", "set_priority"].map((type) => isBare(freshAction(type))), [true, true, false, false, true, true, false, false]);
  assert.deepEqual(labelsOf(" VIP, ,paid,vip "), ["vip", "paid"]);
});
