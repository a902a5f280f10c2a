// The emoji picker: a search and a grid.
//
// Guarantees: everything can be reached by keyboard: arrows walk the grid, letters go to the search, Enter takes, Escape leaves. The
// emoji are letters of the reader's own font; nothing is loaded.

import { findEmoji } from "../../state/emoji.js";
import { emojiList } from "../../locale/emoji.js";
import { t } from "../../locale/index.js";
import { dataAt, h, say, show } from "../dom.js";
import { makePopover } from "./popover.js";

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {HTMLButtonElement} button
 * @param {{on_pick: (emoji: string) => void, back: () => HTMLElement}} on
 */
export function makeEmojiPicker(scope, button, { on_pick, back }) {
  const search = h("input", { type: "search", class: "emoji-search", "aria-label": t("emoji_search"), placeholder: t("emoji_search"), autocomplete: "off", spellcheck: "false" });
  const grid = h("div", { class: "emoji-grid", role: "group", "aria-label": t("emoji_label") });
  const name = h("p", { class: "emoji-name", "aria-hidden": "true" });
  const none = h("p", { class: "emoji-none", role: "status" });
  const popover = makePopover(scope, button, t("emoji_label"), {
    back,
    on_open() {
      search.value = "";
      fill();
      search.focus();
    },
  });
  popover.panel.classList.add("emoji-panel");
  popover.panel.append(search, grid, none, name);

  function fill() {
    const found = findEmoji(emojiList, search.value);
    grid.replaceChildren(
      ...found.map((emoji, index) =>
        h("button", { type: "button", class: "emoji", "data-emoji": emoji.sign, "aria-label": emoji.name, title: emoji.name, tabindex: index === 0 ? "0" : "-1", text: emoji.sign }),
      ),
    );
    grid.scrollTop = 0;
    show(grid, found.length > 0);
    say(none, found.length > 0 ? "" : t("emoji_none"));
    say(name, found[0]?.name ?? "");
  }

  /** @param {number} index */
  function focusAt(index) {
    const all = [...grid.querySelectorAll("button")];
    const chosen = all[Math.min(Math.max(index, 0), all.length - 1)];
    if (!chosen) return;
    for (const one of all) one.tabIndex = one === chosen ? 0 : -1;
    chosen.focus();
  }

  /** @param {KeyboardEvent} event @param {HTMLButtonElement} at */
  function walk(event, at) {
    const all = [...grid.querySelectorAll("button")];
    const index = all.indexOf(at);
    const columns = Math.max(1, all.filter((one) => one.offsetTop === all[0]?.offsetTop).length);
    const forward = getComputedStyle(grid).direction === "rtl" ? -1 : 1;
    /** @type {Record<string, number>} */
    const places = {
      ArrowRight: index + forward,
      ArrowLeft: index - forward,
      ArrowDown: index + columns < all.length ? index + columns : index,
      ArrowUp: index - columns,
      Home: 0,
      End: all.length - 1,
    };
    const place = places[event.key];
    if (place === undefined) {
      // A letter goes on with the search.
      if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && event.key !== " ") search.focus();
      return;
    }
    event.preventDefault();
    if (place < 0) search.focus();
    else focusAt(place);
  }

  scope.listen(search, "input", fill);
  scope.listen(search, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") {
      event.preventDefault();
      focusAt(0);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const first = grid.querySelector("button");
      if (first) pick(first.dataset["emoji"] ?? "");
    }
  });
  scope.listen(grid, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.target instanceof HTMLButtonElement) walk(event, event.target);
  });
  for (const type of ["focusin", "pointerover"]) {
    scope.listen(grid, type, (event) => {
      if (event.target instanceof HTMLButtonElement) say(name, event.target.title);
    });
  }
  scope.listen(grid, "click", (event) => {
    const emoji = dataAt(event, "emoji");
    if (emoji !== null) pick(emoji);
  });

  /** @param {string} emoji */
  function pick(emoji) {
    popover.close();
    on_pick(emoji);
  }
  return popover;
}
