// Drafts: a reply and a note apart, across reloads and tabs.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Drafts, EMPTY_PART } from "../../../console-js/app/drafts.js";
import { Preferences } from "../../../console-js/app/preferences.js";
import { MemoryStorage } from "../support/memory-storage.mjs";

const file = { id: "f1", filename: "a.png", size: 1, type: "image/png" };
const drafts = (storage, owner = "w.maya", told = { full: 0 }) => new Drafts(storage, owner, () => (told.full += 1));
const part = (text, more = {}) => ({ ...EMPTY_PART, text, ...more });

test("a reply and a note of one conversation stand apart, and for their agent only", () => {
  const storage = new MemoryStorage();
  const draft = { kind: "note", message: part("an answer"), note: part("an aside", { attachments: [file] }) };
  drafts(storage).write("a", draft);
  assert.deepEqual(drafts(storage).read("a"), draft);
  assert.equal(drafts(storage).read("b").message.text, "");
  assert.equal(drafts(storage, "w.tom").read("a").message.text, "");
});

test("an empty draft leaves nothing behind", () => {
  const storage = new MemoryStorage();
  const own = drafts(storage);
  own.write("a", { kind: "message", message: part("x"), note: EMPTY_PART });
  own.write("a", { kind: "message", message: EMPTY_PART, note: EMPTY_PART });
  assert.equal(storage.length, 0);
});

test("a file that has arrived joins what is written down now, whichever tab wrote it", () => {
  const storage = new MemoryStorage();
  const [one, other] = [drafts(storage), drafts(storage)];
  one.write("a", { kind: "message", message: part("typed in one tab"), note: EMPTY_PART });
  other.change("a", "message", ({ attachments }) => ({ attachments: [...attachments, file] }));
  assert.deepEqual(one.read("a").message, part("typed in one tab", { attachments: [file] }));
});

test("a tab hears which draft another one changed", () => {
  const own = drafts(new MemoryStorage());
  assert.deepEqual(["switchboard.draft.w.maya.a", "switchboard.draft.w.tom.a", "else", null].map((key) => own.heard(key)), ["a", null, null, null]);
});

test("what an earlier version kept is read, and what cannot be read is empty", () => {
  const storage = new MemoryStorage();
  storage.setItem("switchboard.draft.w.maya.a", JSON.stringify({ text: "from before", kind: "note", attachments: [file] }));
  storage.setItem("switchboard.draft.w.maya.b", "{not json");
  storage.setItem("switchboard.draft.w.maya.c", "{}");
  assert.deepEqual(drafts(storage).read("a"), { kind: "note", message: EMPTY_PART, note: part("from before", { attachments: [file] }) });
  for (const id of ["b", "c"]) assert.deepEqual(drafts(storage).read(id).message, EMPTY_PART);
});

test("a full storage is told, and what it does not take is not lost while the page lives", () => {
  const [storage, told] = [new MemoryStorage(), { full: 0 }];
  const own = drafts(storage, "w.maya", told);
  storage.full = true;
  own.change("a", "message", () => ({ text: "typed" }));
  own.change("a", "message", () => ({ attachments: [file] }));
  assert.deepEqual([told.full, own.read("a").message], [2, part("typed", { attachments: [file] })]);
  storage.full = false;
  own.change("a", "note", () => ({ text: "aside" }), "note");
  assert.deepEqual(drafts(storage).read("a"), { kind: "note", message: part("typed", { attachments: [file] }), note: part("aside") });
});

test("two tabs that change different things at once keep both", () => {
  const storage = new MemoryStorage();
  const [one, other] = [drafts(storage), drafts(storage)];
  one.change("a", "message", () => ({ text: "h" }));
  other.change("a", "message", () => ({ attachments: [file] }));
  one.change("a", "message", () => ({ text: "he" }));
  assert.deepEqual(other.read("a").message, part("he", { attachments: [file] }));
});

test("choices are kept for the browser, and other tabs follow", () => {
  const storage = new MemoryStorage();
  const [one, other] = [new Preferences(storage, () => {}), new Preferences(storage, () => {})];
  let told = 0;
  other.watch(() => (told += 1));
  one.choose({ sound: true, undo: false });
  other.heard("switchboard.preferences");
  assert.deepEqual([other.now.sound, other.now.undo, other.now.notify, told], [true, false, false, 1]);
  storage.setItem("switchboard.preferences", "[]");
  other.heard(null);
  assert.deepEqual([other.now.sound, other.now.undo], [false, true]);
});
