// Formatting as it is typed, and the document that comes of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { linkAddress, linkEdit, nodesOf, plainOf, toDocument, toggle } from "../../../console-js/state/marks.js";

/** A document in short: each run as its text and marks, a break as "/". */
function short(text) {
  const doc = toDocument(text);
  if (doc === null) return null;
  assert.deepEqual([doc.type, doc.content.length, doc.content[0].type], ["doc", 1, "paragraph"]);
  return doc.content[0].content.map((node) =>
    node.type === "hardBreak" ? "/" : node.text + (node.marks ?? []).map((mark) => `<${mark.type}${mark.attrs ? ` ${mark.attrs.href}` : ""}>`).join(""),
  );
}
/** A text with its selection between | and |, or the caret at |. */
function selected(text) {
  const start = text.indexOf("|");
  const bare = text.replaceAll("|", "");
  return { text: bare, start, end: text.lastIndexOf("|") === start ? start : text.lastIndexOf("|") - 1 };
}
function applied(text, { from, to, insert, start, end }) {
  const next = text.slice(0, from) + insert + text.slice(to);
  return start === end ? `${next.slice(0, start)}|${next.slice(start)}` : `${next.slice(0, start)}|${next.slice(start, end)}|${next.slice(end)}`;
}
const toggled = (what, type) => {
  const { text, start, end } = selected(what);
  return applied(text, toggle(text, start, end, type));
};

test("each sign makes its mark", () => {
  assert.deepEqual(short("see **this** and _that_ or `npm ci`, [here](https://example.com/a)"), [
    "see ", "this<bold>", " and ", "that<italic>", " or ", "npm ci<code>", ", ", "here<link https://example.com/a>",
  ]);
});

test("marks stand in marks, and code holds no signs", () => {
  assert.deepEqual(short("**a _b_ `c_d_`**"), ["a <bold>", "b<bold><italic>", " <bold>", "c_d_<bold><code>"]);
  assert.deepEqual(short("[**bold** link](https://example.com)"), ["bold<link https://example.com/><bold>", " link<link https://example.com/>"]);
});

test("what is no whole sign on one line stays as it was typed", () => {
  for (const text of ["2 ** 3 ** 4", "snake_case_name", "a ** b", "**", "****", "__", "`", "``", "**open", "**over\nlines**", "[no](javascript:alert(1))", "[no](example.com)", "C:\\_temp", "größe_ä_ö"]) {
    assert.equal(toDocument(text), null, text);
  }
});

test("an address is left whole", () => {
  assert.equal(toDocument("https://example.com/_a_/**b**"), null);
  assert.deepEqual(short("**https://example.com/x**"), ["https://example.com/x<bold>"]);
  assert.deepEqual(short("[wiki](https://example.com/a_(b)_c)"), ["wiki<link https://example.com/a_(b)_c>"]);
});

test("line breaks and blank lines stand in the plain form as they were typed", () => {
  const text = "**a**\n\nb\nc";
  assert.deepEqual(short(text), ["a<bold>", "/", "/", "b", "/", "c"]);
  assert.equal(plainOf(toDocument(text)), "a\n\nb\nc");
  assert.equal(nodesOf(toDocument(text)), 8);
});

test("a text is never read in more than a moment, whatever stands in it", () => {
  for (const piece of ["**a ", "_a ", "[a](", "`", "*_*_", "[", "https://a"]) {
    const text = piece.repeat(10_000 / piece.length);
    assert.equal(typeof JSON.stringify(toDocument(text)), "string");
  }
});

test("a mark is put on what is selected, and taken off again", () => {
  assert.equal(toggled("say |this| now", "bold"), "say **|this|** now");
  assert.equal(toggled("say **|this|** now", "bold"), "say |this| now");
  assert.equal(toggled("say |**this**| now", "bold"), "say |this| now");
  assert.equal(toggled("say| this |now", "italic"), "say _|this|_ now");
  assert.equal(toggled("|a\n\nb c|", "code"), "|`a`\n\n`b c`|");
});

test("with nothing selected a mark begins, ends, or goes away", () => {
  assert.equal(toggled("say |", "bold"), "say **|**");
  assert.equal(toggled("say **|**", "bold"), "say |");
  assert.equal(toggled("say **this|**", "bold"), "say **this**|");
});

test("a link is made of what is selected, or names itself", () => {
  const { text, start, end } = selected("see |here|");
  assert.equal(applied(text, linkEdit(text, start, end, "https://example.com/a_(b)")), "see [here](https://example.com/a_%28b%29)|");
  assert.equal(applied("", linkEdit("", 0, 0, "https://example.com/a")), "[example.com/a](https://example.com/a)|");
});

test("only web, mail and telephone addresses are addresses", () => {
  assert.deepEqual(["example.com", "a@example.com", "tel:+4712345678", "javascript:alert(1)", "data:text/html,x", "", "two words", `https://example.com/${"a".repeat(2048)}`].map(linkAddress), [
    "https://example.com/", "mailto:a@example.com", "tel:+4712345678", null, null, null, null, null,
  ]);
});
