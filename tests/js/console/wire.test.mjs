// The agents' frames in tests/wire are one story in order of `position`: the page that hears it ends at `screen.agent.json`.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { problemOf } from "../../../console-js/net/api.js";
import { emptyTimeline, initialState } from "../../../console-js/state/model.js";
import { rowAt } from "../../../console-js/state/rows.js";
import { questionOf } from "../../../console-js/state/views.js";
import { reduce } from "../../../console-js/state/reduce.js";
import { judge, readCursor } from "../../../console-js/state/stream.js";
import { apply } from "./screen.mjs";

const FOLDER = new URL("../../wire/", import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));

const story = readdirSync(FOLDER)
  .filter((name) => /^event\..*\.agent(\..*)?\.json$/.test(name))
  .map(read)
  .sort((one, other) => one.position - other.position);
const screen = read("screen.agent.json");
const { id } = screen.conversation;

/** A page that looked at an empty workspace when it began, and has the conversation open from its first event. */
function heard(frames) {
  let state = initialState(screen.agent);
  state = reduce(state, { type: "view_opened", question: questionOf("open") });
  state = reduce(state, { type: "list_loaded", question: questionOf("open"), page: { data: [], next_cursor: null }, append: false });
  state = { ...state, open_id: id, timelines: { [id]: { ...emptyTimeline(), status: "ready", fresh: true } } };
  return apply(state, frames);
}

test("the story has no hole and its cursor fits", () => {
  const { position } = readCursor(`9f3c01ab-${story[0].position - 1}`);
  const verdicts = story.map((frame, index) => judge(index === 0 ? position : story[index - 1].position, frame));
  assert.deepEqual(new Set(verdicts), new Set(["apply"]));
  assert.equal(story.at(-1).position, screen.position);
});

test("hearing every event ends where a fresh load begins", () => {
  const state = heard(story);
  assert.deepEqual(rowAt(state.conversations, id), screen.conversation);
  assert.deepEqual(state.timelines[id].messages, [...screen.messages.data].reverse());
  assert.deepEqual(state.wanted, {});
});

test("hearing every event twice changes nothing", () => {
  const state = heard(story.flatMap((frame) => [frame, frame]));
  assert.deepEqual(rowAt(state.conversations, id), screen.conversation);
  assert.deepEqual(state.timelines[id].messages, [...screen.messages.data].reverse());
});

test("events that came before the load change nothing after it", () => {
  let state = initialState(screen.agent);
  state = reduce(state, { type: "conversation_opened", id });
  state = reduce(state, { type: "conversation_loaded", conversation: screen.conversation });
  state = reduce(state, { type: "timeline_loaded", id, page: screen.messages });
  const after = apply(state, story);
  assert.deepEqual(after.conversations, state.conversations);
  assert.deepEqual(after.timelines[id].messages, state.timelines[id].messages);
});

test("the lines between the messages tell each change once", () => {
  const lines = heard(story).timelines[id].lines.map((line) => [line.field, line.to]);
  assert.deepEqual(lines, [
    ["assignee_id", screen.agent.id],
    ["priority", "high"],
    ["labels", ["bug", "dashboard"]],
  ]);
});

test("a problem keeps the server's code and words, and what it offers", () => {
  const problem = problemOf(409, readFileSync(new URL("problem.workspace_required.json", FOLDER), "utf8"), null);
  assert.equal(problem.code, "workspace_required");
  assert.deepEqual(problem.body.workspaces.map((workspace) => workspace.name), ["Acme", "Globex"]);
});
