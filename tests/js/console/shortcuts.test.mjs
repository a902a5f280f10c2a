// Which key does what, and what can be chosen.

import assert from "node:assert/strict";
import { test } from "node:test";

import { GROUPS, readPress, SHORTCUTS } from "../../../console-js/app/shortcuts.js";
import { assigneeChoices, labelChoices, matching, newLabel, priorityChoices } from "../../../console-js/state/choices.js";
import { World } from "../support/console-world.mjs";
import { loadScreen } from "./screen.mjs";

const command = (press) => readPress(press)?.command ?? null;

test("no key does two things, and every shortcut stands in a group of the sheet", () => {
  const keys = SHORTCUTS.filter((shortcut) => shortcut.command !== null).flatMap((shortcut) => shortcut.keys);
  assert.equal(new Set(keys).size, keys.length);
  assert.deepEqual(SHORTCUTS.filter((shortcut) => !GROUPS.includes(shortcut.group)), []);
});

test("a letter is its key, whatever the caps lock and the script; a capital means Shift", () => {
  assert.equal(command({ key: "j" }), "next");
  assert.equal(command({ key: "J" }), "next");
  assert.equal(command({ key: "J", shiftKey: true }), "open_next");
  assert.equal(command({ key: "о", code: "KeyJ" }), "next");
  assert.equal(command({ key: "О", code: "KeyJ", shiftKey: true }), "open_next");
  assert.equal(command({ key: "é", code: "Digit2" }), null);
  assert.equal(command({ key: "?", shiftKey: true }), "help");
  assert.deepEqual(readPress({ key: "3" }), { command: "views", key: "3" });
});

test("who may answer is offered, I first, with who is not there", () => {
  const world = new World();
  const maya = world.agent("Maya Chen");
  const tom = world.agent("Tom Becker");
  const ann = world.agent("Ann Lee");
  world.agent("Vera", "viewer");
  world.agent("Zoe").disabled = true;
  const state = { ...loadScreen(world, maya), presence: { [tom.id]: "away" } };
  const choices = assigneeChoices(state, tom.id);
  assert.deepEqual(choices.map(({ value, hint, chosen }) => [value, hint, chosen]), [[maya.id, "", false], [ann.id, "", false], [tom.id, "Away", true], ["", "", false]]);
  assert.deepEqual(assigneeChoices(state, undefined).filter(({ chosen }) => chosen), []);
  assert.deepEqual(priorityChoices("high").filter(({ chosen }) => chosen).map(({ value }) => value), ["high"]);
});

test("labels that all have come first, then those that others have", () => {
  const world = new World();
  const maya = world.agent("Maya Chen");
  for (const labels of [["vip", "bug"], ["refund"]]) world.change(world.begin(world.contact("Jane")), { labels });
  const state = loadScreen(world, maya);
  const shown = (labels) => labelChoices(state, labels).map(({ value, chosen }) => `${value}${chosen ? " on" : ""}`);
  assert.deepEqual(shown([["vip", "bug"]]), ["vip on", "bug on", "refund"]);
  assert.deepEqual(shown([["vip"], ["vip", "bug"]]), ["vip on", "bug", "refund"]);
  assert.deepEqual(shown([]), ["bug", "refund", "vip"]);
});

test("what is typed narrows by words, without accents and case; what is like none of them is new", () => {
  const choices = ["Åsa Öst", "Tom Becker", "Tom Ost"].map((label) => ({ value: label, label, hint: "", chosen: false }));
  const found = (text) => matching(choices, text).map(({ value }) => value);
  assert.deepEqual([found("OST"), found("ost tom"), found(""), found("nobody")], [["Åsa Öst", "Tom Ost"], ["Tom Ost"], ["Åsa Öst", "Tom Becker", "Tom Ost"], []]);
  assert.deepEqual([newLabel(choices, " tom becker "), newLabel(choices, " "), newLabel(choices, " later ")?.value], [null, null, "later"]);
});
