// Emoji on messages, by the business: a few to choose from beside a message, and the one that was chosen, to be taken back.
//
// Guarantees: reachable with the keyboard, Escape shuts the choice; what the provider refuses is said. The server knows one reaction of the
// business on a message: another one takes its place.

import { t } from "../locale/index.js";
import { dataAt, h } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("../net/wire.js").Message} Message */

/** Those that every channel with reactions knows. */
const CHOICE = ["👍", "❤️", "😂", "😮", "🙏", "✅"];

/** @param {Message} message @param {string} name who said it */
export function reactChoice(message, name) {
  const label = t("react_open", { name });
  return h("details", { class: "react" }, [
    h("summary", { class: "icon-button", "aria-label": label, title: label }, [icon("emoji")]),
    h("div", { class: "react-choice", role: "group", "aria-label": label }, CHOICE.map((emoji) =>
      h("button", { type: "button", class: "react-one", "data-react": `${message.id} ${emoji}`, "aria-label": t("react_with", { emoji }), text: emoji }))),
  ]);
}

/**
 * @param {Message} message
 * @param {boolean} may whether the business may react here
 */
export function reactionMarks(message, may) {
  return (message.reactions ?? []).map(({ emoji, author }) => {
    const name = author.name ?? t("contact_unknown");
    const ours = may && (author.type === "agent" || author.type === "service");
    if (ours) return h("button", { type: "button", class: "reaction", "data-react": `${message.id} `, "aria-label": t("react_take_back", { name, emoji }), title: name, text: emoji });
    return h("span", { class: "reaction", role: "img", "aria-label": t("timeline_reaction", { name, emoji }), title: name, text: emoji });
  });
}

/**
 * What a press in the timeline has to do with reactions.
 * @param {Event} event
 * @param {HTMLElement} rows
 * @param {import("../app/desk.js").Desk} desk
 */
export function onReactPress(event, rows, desk) {
  const { open_id } = desk.store.get();
  const chosen = dataAt(event, "react");
  if (chosen !== null && open_id !== null) {
    const [message_id = "", emoji = ""] = chosen.split(" ");
    void desk.react(open_id, message_id, emoji === "" ? null : emoji);
  }
  for (const choice of rows.querySelectorAll("details.react[open]")) {
    if (!(choice instanceof HTMLDetailsElement)) continue;
    const within = event.target instanceof Node && choice.contains(event.target);
    if (within && chosen === null) continue;
    if (within) choice.querySelector("summary")?.focus();
    choice.open = false;
  }
}

/** Escape shuts the choice that it is pressed in, and nothing else. @param {KeyboardEvent} event */
export function onReactKey(event) {
  const choice = event.key === "Escape" && event.target instanceof Element ? event.target.closest("details.react[open]") : null;
  if (!(choice instanceof HTMLDetailsElement)) return;
  event.preventDefault();
  event.stopPropagation();
  choice.open = false;
  choice.querySelector("summary")?.focus();
}
