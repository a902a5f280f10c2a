// The emoji that are found by a name.

import assert from "node:assert/strict";
import { test } from "node:test";

import { emojiList } from "../../../console-js/locale/emoji.js";
import { findEmoji } from "../../../console-js/state/emoji.js";

const signs = (query) => findEmoji(emojiList, query).map(({ sign }) => sign);

test("all of them without a query, and none of them twice", () => {
  assert.equal(signs("").length, emojiList.length);
  assert.equal(new Set(signs("")).size, emojiList.length);
  for (const { sign, name } of emojiList) assert.ok(sign !== "" && name !== "", `${sign} ${name}`);
});

test("by the beginning of any word, names first; by itself; and none by what there is not", () => {
  assert.deepEqual(signs("thumbs up").slice(0, 1), ["👍"]);
  assert.equal(signs(":bicy:")[0], "🚲");
  assert.ok(signs("thanks").includes("🙏"));
  assert.ok(signs("👍").includes("👍"));
  assert.deepEqual(signs("zzzz"), []);
});
