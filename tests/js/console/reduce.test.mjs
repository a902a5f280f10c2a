// What the page does with each thing it is told, one rule a test.

import assert from "node:assert/strict";
import { test } from "node:test";

import { TYPING_HOLDS_MS } from "../../../console-js/state/live.js";
import { reduce } from "../../../console-js/state/reduce.js";
import { allRows, NO_ROWS, rowAt, rowsOf } from "../../../console-js/state/rows.js";
import { questionOf } from "../../../console-js/state/views.js";
import { neighbour, timelineRows, unreadTotal, visibleConversations } from "../../../console-js/state/select.js";
import { World } from "../support/console-world.mjs";
import { apply, loadScreen, openOn } from "./screen.mjs";

/** One visitor's conversation with a first message, open on the page of Maya. */
function opened(more = () => {}) {
  const world = new World();
  const maya = world.agent("Maya Chen");
  const tom = world.agent("Tom Becker");
  const id = world.begin(world.contact("Jane Doe", "jane@example.com"));
  world.hear(id, "hello");
  more({ world, maya, tom, id });
  const state = openOn(loadScreen(world, maya), world, maya, id);
  return { world, maya, tom, id, state, heard: world.position };
}

function unsent(id, client_id, text = "an answer") {
  return { client_id, conversation_id: id, kind: "message", text, attachments: [], last_seen_seq: 3, created_at: "2026-11-21T10:00:00Z", state: "sending", not_before_ms: 0, tries: 0, error: null, unseen: [] };
}

const shapes = (state, id) => timelineRows(state, id).map((row) => row.type);

test("an answer keeps its row from key press to receipt, the acknowledgement coming first", () => {
  const { world, maya, id, state, heard } = opened();
  const item = unsent(id, "c1");
  const sent = reduce(state, { type: "unsent_changed", unsent: [item] });
  const { message } = world.say(maya, id, { text: item.text, client_id: "c1" });
  const ack = { type: "ack", ref: "c1", message_id: message.id, seq: message.seq, conversation_id: id };
  const acknowledged = reduce(reduce(sent, { type: "acknowledged", frame: ack, item }), { type: "unsent_changed", unsent: [] });
  const done = apply(acknowledged, world.after(heard, ["inbox", `conversation:${id}`]));

  const keys = [sent, acknowledged, done].map((one) => timelineRows(one, id).at(-1).key);
  assert.deepEqual(keys, ["own-c1", "own-c1", "own-c1"]);
  assert.deepEqual([sent, acknowledged, done].map((one) => shapes(one, id).at(-1)), ["unsent", "message", "message"]);
  assert.deepEqual(done.timelines[id].messages, [...world.page(id).data].reverse());
});

test("an answer is shown once, its own event coming before the acknowledgement", () => {
  const { world, maya, id, state, heard } = opened();
  const item = unsent(id, "c1");
  const sent = reduce(state, { type: "unsent_changed", unsent: [item] });
  const { message } = world.say(maya, id, { text: item.text, client_id: "c1" });
  const told = apply(sent, world.after(heard, ["inbox", `conversation:${id}`]));
  assert.deepEqual(shapes(told, id), ["day", "unread", "message", "message"].filter((type) => type !== "unread"));
  const ack = { type: "ack", ref: "c1", message_id: message.id, seq: message.seq, conversation_id: id };
  const done = reduce(told, { type: "acknowledged", frame: ack, item });
  assert.equal(done, told);
});

test("messages that arrive out of order stand in order, each once", () => {
  const { world, id, state, heard } = opened();
  for (const text of ["one", "two", "three"]) world.hear(id, text);
  const [one, two, three] = world.after(heard, ["inbox"]);
  const page = { data: [three.data, one.data], next_cursor: null };
  const mixed = reduce(apply(state, [two]), { type: "older_loaded", id, page });
  assert.deepEqual(mixed.timelines[id].messages.map((message) => message.content_text), ["hello", "one", "two", "three"]);
});

test("a newest page that does not reach the known messages replaces them rather than leave a hole", () => {
  const { world, maya, id, state } = opened();
  for (let count = 0; count < 80; count += 1) world.hear(id, `line ${count}`);
  const again = openOn(reduce(state, { type: "conversation_opened", id: null }), world, maya, id);
  const { messages, older_cursor } = again.timelines[id];
  assert.deepEqual(messages, [...world.page(id).data].reverse());
  assert.notEqual(older_cursor, null);
});

test("a newest page that reaches the known messages keeps the older ones", () => {
  const { world, maya, id, state } = opened(({ world: w, id: c }) => {
    for (let count = 0; count < 80; count += 1) w.hear(c, `line ${count}`);
  });
  const older = reduce(state, { type: "older_loaded", id, page: world.page(id, { cursor: state.timelines[id].older_cursor }) });
  world.hear(id, "and one more");
  const again = openOn(reduce(older, { type: "conversation_opened", id: null }), world, maya, id);
  assert.equal(again.timelines[id].messages.length, 82);
  assert.equal(again.timelines[id].older_cursor, null);
});

test("messages that events bring before the first page do not hide the ones below it", () => {
  const { world, maya, id } = opened(({ world: w, id: c }) => {
    for (let count = 0; count < 80; count += 1) w.hear(c, `line ${count}`);
  });
  const begun = reduce(loadScreen(world, maya), { type: "conversation_opened", id });
  const early = apply(begun, world.after(0, ["inbox"]).slice(-60));
  const loaded = reduce(early, { type: "timeline_loaded", id, page: world.page(id) });
  assert.deepEqual(loaded.timelines[id].messages, [...world.page(id).data].reverse());
  assert.equal(loaded.timelines[id].older_cursor, world.page(id).next_cursor);
});

test("after a resync nothing is believed to reach down to what was there before", () => {
  const { world, maya, id, state } = opened();
  for (let count = 0; count < 80; count += 1) world.hear(id, `line ${count}`);
  const later = apply(reduce(state, { type: "resync" }), world.after(world.position - 55, ["inbox"]));
  const loaded = reduce(later, { type: "timeline_loaded", id, page: world.page(id) });
  assert.deepEqual(loaded.timelines[id].messages, [...world.page(id).data].reverse());
  assert.notEqual(loaded.timelines[id].older_cursor, null);
});

test("the unread mark stands before the first unread message, also when that is loaded later", () => {
  const { world, id, state } = opened(({ world: w, maya, id: c }) => {
    w.read(maya, c, 99);
    for (let count = 0; count < 70; count += 1) w.hear(c, `line ${count}`);
  });
  const marked = (one) => one.timelines[id].messages.find((message) => message.id === one.timelines[id].unread_from)?.content_text;
  assert.equal(marked(state), "line 20");
  const older = reduce(state, { type: "older_loaded", id, page: world.page(id, { cursor: state.timelines[id].older_cursor }) });
  assert.equal(marked(older), "line 0");
});

test("what arrives while nobody looks is marked, and an answer takes the mark away", () => {
  const { world, maya, id, state, heard } = opened(({ world: w, maya: me, id: c }) => w.read(me, c, 99));
  const looking = reduce(state, { type: "attention_changed", attention: true });
  world.hear(id, "are you there?");
  const frames = world.after(heard, ["inbox"]);
  assert.equal(apply(looking, frames).timelines[id].unread_from, null);
  const away = apply(state, frames);
  assert.equal(away.timelines[id].unread_from, frames[0].data.id);
  world.say(maya, id, { text: "yes" });
  assert.equal(apply(away, world.after(frames[0].position, ["inbox"])).timelines[id].unread_from, null);
});

test("what the visitor has read is seen, and the last seen message says so", () => {
  const { world, maya, id, state, heard } = opened();
  const first = world.say(maya, id, { text: "one" }).message;
  world.say(maya, id, { text: "two" });
  world.read(null, id, first.seq);
  const told = apply(state, world.after(heard, ["inbox"]));
  const receipts = timelineRows(told, id).filter((row) => row.receipt).map((row) => [row.message.content_text, row.message.status]);
  assert.deepEqual(receipts, [["one", "read"], ["two", "sent"]]);
});

test("a receipt never goes back", () => {
  const { world, maya, id, state, heard } = opened();
  const { message } = world.say(maya, id, { text: "one" });
  world.fate(id, message.id, "delivered");
  world.fate(id, message.id, "read");
  const [created, delivered, read] = world.after(heard, ["inbox"]);
  const told = apply(state, [created, read, delivered]);
  assert.equal(told.timelines[id].messages.at(-1).status, "read");
});

test("changes of the conversation stand as lines between its messages", () => {
  const { world, tom, id, state, heard } = opened();
  world.change(id, { assignee_id: tom.id });
  world.hear(id, "thanks");
  world.change(id, { status: "resolved" });
  const told = apply(state, world.after(heard, ["inbox", `conversation:${id}`]));
  const rows = timelineRows(told, id).map((row) => (row.type === "line" ? `${row.line.field}=${row.line.to}` : row.type));
  assert.deepEqual(rows, ["day", "unread", "message", `assignee_id=${tom.id}`, "message", "status=resolved"]);
});

test("messages of one author within five minutes form a group", () => {
  const { world, maya, id, state, heard } = opened(({ world: w, maya: me, id: c }) => w.read(me, c, 99));
  world.hear(id, "two");
  world.say(maya, id, { text: "three" });
  world.say(maya, id, { text: "four", kind: "note" });
  world.clock_ms += 6 * 60_000;
  world.say(maya, id, { text: "five", kind: "note" });
  const rows = timelineRows(apply(state, world.after(heard, ["inbox"])), id).filter((row) => row.type === "message");
  assert.deepEqual(rows.map((row) => [row.message.content_text, row.first, row.last]), [
    ["hello", true, false],
    ["two", false, true],
    ["three", true, true],
    ["four", true, true],
    ["five", true, true],
  ]);
});

test("a conversation enters and leaves a view as its events say", () => {
  const { world, maya, id } = opened();
  let state = loadScreen(world, maya, null, "mine");
  const shown = () => visibleConversations(state).map((row) => row.id);
  assert.deepEqual(shown(), []);
  let heard = world.position;
  const listen = () => {
    state = apply(state, world.after(heard, ["inbox"]));
    for (const wanted of Object.keys(state.wanted)) state = reduce(state, { type: "conversation_loaded", conversation: world.conversation(maya, wanted) });
    heard = world.position;
  };
  world.change(id, { assignee_id: maya.id });
  listen();
  assert.deepEqual(shown(), [id]);
  assert.equal(unreadTotal(state), 1);
  world.read(maya, id, 99);
  listen();
  assert.equal(unreadTotal(state), 0);
  world.change(id, { status: "resolved" });
  listen();
  assert.deepEqual(shown(), []);
});

test("an event of an unknown conversation asks for it, and one that was read is no longer asked for", () => {
  const { world, maya, state, heard } = opened();
  const other = world.begin(world.contact("Karl"));
  world.hear(other, "hi");
  const frames = world.after(heard, ["inbox"]).filter((frame) => frame.event === "conversation.message_created");
  const told = apply(state, frames);
  assert.deepEqual(told.wanted, { [other]: true });
  const read = reduce(told, { type: "conversation_loaded", conversation: world.conversation(maya, other) });
  assert.deepEqual(read.wanted, {});
  const gone = reduce(told, { type: "conversation_missing", id: other });
  assert.deepEqual([gone.wanted, gone.missing], [{}, { [other]: true }]);
});

test("an unknown conversation that the view would not show is not asked for", () => {
  const { world, maya, tom } = opened();
  const other = world.begin(world.contact("Karl"));
  const state = loadScreen(world, maya, null, "unassigned");
  const unknown = { ...state, conversations: NO_ROWS };
  const heard = world.position;
  world.change(other, { assignee_id: tom.id });
  assert.equal(apply(unknown, world.after(heard, ["inbox"])), unknown);
  const later = world.position;
  world.change(other, { assignee_id: null });
  assert.deepEqual(apply(unknown, world.after(later, ["inbox"])).wanted, { [other]: true });
});

test("leaving a view keeps a bounded number of rows, and the open one", () => {
  const { id, state } = opened();
  const row = rowAt(state.conversations, id);
  const many = Array.from({ length: 1500 }, (_, count) => ({ ...row, id: `c${count}`, updated_at: `2027-01-01T00:00:00.${String(count).padStart(6, "0")}Z` }));
  const left = reduce({ ...state, conversations: rowsOf([...many, row]) }, { type: "view_opened", question: questionOf("mine") });
  const kept = allRows(left.conversations).map((one) => one.id);
  assert.deepEqual([kept.length, kept.includes(id), kept.includes("c1499"), kept.includes("c499")], [1001, true, true, false]);
});

test("an answer for a view that was left is not shown", () => {
  const { world, maya } = opened();
  const state = loadScreen(world, maya, null, "mine");
  const late = reduce(state, { type: "list_loaded", question: questionOf("resolved", ""), page: { data: [], next_cursor: "x" }, append: false });
  assert.equal(late, state);
});

test("a search shows the server's hits in the server's order", () => {
  const { world, maya, id } = opened();
  const other = world.begin(world.contact("Janet"));
  world.hear(other, "hello too");
  let state = reduce(loadScreen(world, maya), { type: "view_opened", question: questionOf("open", "jane") });
  const page = { data: [world.conversation(maya, id), world.conversation(maya, other)], next_cursor: null };
  state = reduce(state, { type: "list_loaded", question: questionOf("open", "jane"), page, append: false });
  assert.deepEqual(visibleConversations(state).map((row) => row.id), [id, other]);
});

test("typing ends with the message, with its end, and by itself", () => {
  const { world, maya, tom, id, state, heard } = opened();
  const frame = (author, on = true) => ({ type: "typing", conversation_id: id, on, author });
  const jane = { type: "visitor", id: null, name: "Jane Doe" };
  const typed = reduce(state, { type: "typing", frame: frame(jane), now_ms: 1000 });
  assert.deepEqual(typed.typing[id].map((typist) => typist.name), ["Jane Doe"]);
  world.hear(id, "done");
  assert.deepEqual(apply(typed, world.after(heard, ["inbox"])).typing, {});
  assert.deepEqual(reduce(typed, { type: "typing", frame: frame(jane, false), now_ms: 1500 }).typing, {});
  assert.equal(reduce(typed, { type: "typing_expired", now_ms: 999 + TYPING_HOLDS_MS }), typed);
  assert.deepEqual(reduce(typed, { type: "typing_expired", now_ms: 1000 + TYPING_HOLDS_MS }).typing, {});
  assert.equal(reduce(state, { type: "typing", frame: frame({ type: "agent", id: maya.id, name: maya.name }), now_ms: 1 }), state);
  const both = reduce(typed, { type: "typing", frame: frame({ type: "agent", id: tom.id, name: tom.name }), now_ms: 1000 });
  assert.equal(both.typing[id].length, 2);
});

test("without a socket nobody types or looks", () => {
  const { maya, tom, id, state } = opened();
  const frame = { type: "viewers", conversation_id: id, agents: [{ id: maya.id, name: maya.name }, { id: tom.id, name: tom.name }] };
  const viewed = reduce(state, { type: "viewers", frame });
  assert.deepEqual(viewed.viewers[id], [{ id: tom.id, name: tom.name }]);
  const lost = reduce(viewed, { type: "connection_changed", connection: { phase: "waiting", retry_at_ms: 1, code: 1006 } });
  assert.deepEqual(lost.viewers, {});
});

test("presence tells only who changed", () => {
  const { maya, tom, state } = opened();
  const both = reduce(state, { type: "presence", frame: { type: "presence", agents: [{ id: tom.id, status: "away" }, { id: maya.id, status: "online" }] } });
  const one = reduce(both, { type: "presence", frame: { type: "presence", agents: [{ id: tom.id, status: "online" }] } });
  assert.deepEqual(one.presence, { [tom.id]: "online", [maya.id]: "online" });
});

test("a contact that changes while the open conversation's is being read is not put back by what was read before", () => {
  const { world, id, state, heard } = opened();
  const { contact } = world.conversations.get(id);
  const before = structuredClone(world.contacts.get(contact.id));
  world.rename(contact.id, { name: "Jane Miller" });
  const reading = { ...state, contacts: {} };
  const told = apply(reading, world.after(heard, ["inbox"]).filter((frame) => frame.event === "contact.updated"));
  assert.equal(reduce(told, { type: "contact_loaded", contact: before }).contacts[contact.id].name, "Jane Miller");
});

test("a renamed contact is renamed wherever it stands, and an older state does not undo it", () => {
  const { world, id, state, heard } = opened();
  const { contact } = world.conversations.get(id);
  const before = structuredClone(world.contacts.get(contact.id));
  world.rename(contact.id, { name: "Jane Miller" });
  const told = apply(state, world.after(heard, ["inbox"]).filter((frame) => frame.event === "contact.updated"));
  assert.equal(rowAt(told.conversations, id).contact.name, "Jane Miller");
  assert.equal(told.contacts[contact.id].name, "Jane Miller");
  assert.equal(reduce(told, { type: "contact_loaded", contact: before }), told);
});

test("a resync keeps what is on the screen until it is read again, and trusts none of it", () => {
  const { id, state } = opened();
  const afresh = reduce(state, { type: "resync" });
  assert.equal(afresh.timelines[id].fresh, false);
  assert.deepEqual(afresh.timelines[id].messages, state.timelines[id].messages);
});

test("j and k walk the list and stop at its ends", () => {
  const { world, maya, id } = opened();
  const other = world.begin(world.contact("Karl"));
  world.hear(other, "hi");
  const state = loadScreen(world, maya);
  assert.deepEqual([neighbour(state, null, 1), neighbour(state, other, 1), neighbour(state, id, 1), neighbour(state, other, -1)], [other, id, id, other]);
});
