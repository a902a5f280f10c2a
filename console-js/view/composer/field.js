// The field that is written in, with the buttons and keys that format.
//
// Guarantees: what is formatted stands in the text as signs (state/marks.js), so the field is an ordinary one: its undo, input methods,
// spelling and screen readers work as everywhere, and what is pasted comes as plain text. Every change fires `input`.

import { linkAddress, linkEdit, toggle } from "../../state/marks.js";
import { t } from "../../locale/index.js";
import { h, show } from "../dom.js";
import { iconButton } from "../parts.js";
import { makeEmojiPicker } from "./emoji.js";
import { makeLinkPanel } from "./link.js";

/** @typedef {import("../../state/marks.js").Edit} Edit */

/** The field grows up to this height. */
const FIELD_PX_MAX = 220;
/** Letters by what they do, with Ctrl or ⌘. */
const SHORTCUTS = /** @type {const} */ ({ b: "bold", i: "italic", e: "code" });

/** @param {import("../../app/scope.js").Scope} scope */
export function makeField(scope) {
  const field = h("textarea", { class: "composer-field", rows: "1", dir: "auto", "aria-label": t("composer_label") });
  const buttons = /** @type {const} */ (["bold", "italic", "code"]).map((type) => {
    const button = iconButton(type, t(`composer_${type}`), { class: "mark-button", "aria-keyshortcuts": `Control+${{ bold: "B", italic: "I", code: "E" }[type]}` });
    scope.listen(button, "click", () => edit(toggle(field.value, field.selectionStart, field.selectionEnd, type)));
    return button;
  });
  const link = iconButton("link", t("composer_link"), { class: "mark-button", "aria-keyshortcuts": "Control+K" });
  const emoji = iconButton("emoji", t("emoji_label"));
  const back = () => field;
  const picker = makeEmojiPicker(scope, emoji, { back, on_pick: insert });
  const linker = makeLinkPanel(scope, link, {
    back,
    suggest: () => linkAddressOf(field.value.slice(field.selectionStart, field.selectionEnd)) ?? "",
    on_link: (href) => {
      const chosen = field.value.slice(field.selectionStart, field.selectionEnd);
      // What was selected is the address itself: it stands for itself.
      edit(linkAddressOf(chosen) === null ? linkEdit(field.value, field.selectionStart, field.selectionEnd, href) : replace(href));
    },
  });
  const marks = h("span", { class: "mark-buttons", role: "group", "aria-label": t("composer_format") }, [...buttons, link]);
  let may_mark = true;

  /** @param {string} text @returns {Edit} */
  function replace(text) {
    const at = field.selectionStart + text.length;
    return { from: field.selectionStart, to: field.selectionEnd, insert: text, start: at, end: at };
  }
  /** @param {string} text */
  function insert(text) {
    edit(replace(text));
  }

  /** @param {Edit} change */
  function edit({ from, to, insert: text, start, end }) {
    field.focus();
    field.setSelectionRange(from, to);
    // The browser's own way keeps its undo; where it has none the text is set.
    const done = from === to && text === "" ? true : text === "" ? document.execCommand("delete") : document.execCommand("insertText", false, text);
    if (!done) {
      field.setRangeText(text);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    field.setSelectionRange(start, end);
  }

  scope.listen(field, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.isComposing || !may_mark) return;
    const key = event.key.toLowerCase();
    if (key === "k") linker.toggle();
    else if (key === "b" || key === "i" || key === "e") edit(toggle(field.value, field.selectionStart, field.selectionEnd, SHORTCUTS[key]));
    else return;
    event.preventDefault();
  });
  scope.listen(field, "paste", (/** @type {ClipboardEvent} */ event) => {
    const chosen = field.value.slice(field.selectionStart, field.selectionEnd);
    const href = linkAddressOf(event.clipboardData?.getData("text/plain") ?? "");
    // An address pasted over words makes a link of them.
    if (!may_mark || href === null || chosen.trim() === "" || chosen.includes("\n") || linkAddressOf(chosen) !== null) return;
    event.preventDefault();
    edit(linkEdit(field.value, field.selectionStart, field.selectionEnd, href));
  });

  return {
    field,
    /**
     * Puts a text in the place of another, as if it were typed.
     * @param {number} from
     * @param {number} to
     * @param {string} text
     */
    replace: (from, to, text) => edit({ from, to, insert: text, start: from + text.length, end: from + text.length }),
    tools: [emoji, marks],
    panels: [picker.panel, linker.panel],
    /** @param {string} text */
    put(text) {
      if (field.value !== text) field.value = text;
      field.style.height = "auto";
      field.style.height = `${Math.min(field.scrollHeight, FIELD_PX_MAX)}px`;
    },
    /** @param {{write: boolean, mark: boolean}} may */
    allow({ write, mark }) {
      may_mark = mark && write;
      show(marks, mark);
      for (const control of [field, emoji, link, ...buttons]) control.disabled = !write;
    },
  };
}

/** A text that is a whole web address and nothing else. @param {string} text */
function linkAddressOf(text) {
  return /^(https?:\/\/|mailto:|tel:)\S+$/i.test(text.trim()) ? linkAddress(text) : null;
}
