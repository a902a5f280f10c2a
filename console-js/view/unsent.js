// A message that the server has not acknowledged, as it stands at the end of the timeline: what it says, why it is not sent, and what
// can be done about it.
//
// Guarantees: the seconds of one that is held count down before the eyes, and are told to a screen reader once.

import { plainOf } from "../state/marks.js";
import { t } from "../locale/index.js";
import { messageBody, plainParagraphs } from "./content.js";
import { h, say, set } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("../state/model.js").Unsent} Unsent */

/**
 * @param {HTMLElement} element
 * @param {Unsent} item
 */
export function updateUnsent(element, item) {
  set(element, "data-side", "out");
  set(element, "data-kind", item.kind);
  set(element, "data-last", "yes");
  set(element, "data-state", item.state);
  delete element.dataset["said"];
  const files = item.attachments.map((attachment) => h("span", { class: "file" }, [icon("file"), h("span", { class: "file-name", text: attachment.filename })]));
  element.replaceChildren(
    h("div", { class: "bubble-line" }, [
      h("div", { class: "bubble unsent" }, [unsentBody(item), ...(files.length > 0 ? [h("div", { class: "files" }, files)] : [])]),
    ]),
    h("div", { class: "receipt" }, [...words(item), ...actionsOf(item)]),
  );
}

/** What it says, as it will be shown. @param {Pick<Unsent, "text"|"content">} item */
export function unsentBody({ text, content }) {
  if (content) return messageBody({ content, content_text: plainOf(content) });
  return h("div", { class: "message-body", dir: "auto" }, text === "" ? [] : plainParagraphs(text));
}

/**
 * Lets the seconds of what is held go on.
 * @param {HTMLElement} rows
 * @param {number} now_ms
 */
export function countDown(rows, now_ms) {
  for (const seconds of rows.querySelectorAll("[data-until]")) {
    if (seconds instanceof HTMLElement) say(seconds, heldWords(Number(seconds.dataset["until"]), now_ms));
  }
}

/** @param {number} until_ms @param {number} now_ms */
function heldWords(until_ms, now_ms) {
  return t("unsent_held", { count: Math.max(1, Math.ceil((until_ms - now_ms) / 1000)) });
}

/** @param {Unsent} item @returns {HTMLElement[]} */
function words({ state, error, not_before_ms }) {
  switch (state) {
    case "held":
      return [
        h("span", { class: "unseen", text: t("unsent_held_soon") }),
        h("span", { class: "held-seconds", "aria-hidden": "true", "data-until": not_before_ms, text: heldWords(not_before_ms, Date.now()) }),
      ];
    case "failed":
      return [h("span", { class: "danger-text", text: error ? t("unsent_failed", { reason: error }) : t("unsent_failed_plain") })];
    case "waiting":
      return [h("span", { text: error ? t("unsent_waiting", { reason: error }) : t("unsent_waiting_plain") })];
    default:
      return [h("span", { class: state === "stale" ? "danger-text" : "", text: t(`unsent_${state}`) })];
  }
}

/** @param {Unsent} item @returns {HTMLElement[]} */
function actionsOf({ state, client_id: id, text }) {
  const stands = state === "failed" || state === "queued" || state === "stale" || state === "waiting";
  return [
    ...(state === "held" ? [action("edit", id, t("unsent_undo")), action("now", id, t("unsent_now"))] : []),
    ...(state === "failed" || state === "waiting" ? [action("retry", id, t("unsent_retry"))] : []),
    ...(state === "stale" ? [action("review", id, t("unsent_review"))] : []),
    ...(stands ? [action("edit", id, t("unsent_edit"))] : []),
    ...(stands && text !== "" ? [action("copy", id, t("unsent_copy"))] : []),
    ...(stands ? [action("discard", id, t("unsent_discard"))] : []),
  ];
}

/**
 * @param {string} name
 * @param {string} id
 * @param {string} label
 */
export function action(name, id, label) {
  return h("button", { type: "button", class: "link-button", "data-unsent": `${name} ${id}`, text: label });
}
