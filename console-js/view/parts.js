// Small pieces that several views show.

import { avatarColour, initials } from "../state/format.js";
import { t } from "../locale/index.js";
import { h, set } from "./dom.js";
import { icon } from "./icons.js";

/**
 * A round mark with initials; the name stands beside it, so it is silent.
 * @param {string} name
 * @param {string} id
 * @param {string} [size]
 */
export function avatar(name, id, size = "") {
  return h("span", { class: `avatar ${size}`, "data-colour": avatarColour(id), "aria-hidden": "true", text: initials(name) });
}

/**
 * @param {import("./icons.js").IconName} name
 * @param {string} label
 * @param {Record<string, string|boolean>} [attributes]
 */
export function iconButton(name, label, attributes = {}) {
  const { class: more = "", ...rest } = attributes;
  return h("button", { type: "button", class: `icon-button ${more}`, "aria-label": label, title: label, ...rest }, [icon(name)]);
}

/**
 * A centred sentence where there is nothing to show.
 * @param {import("./icons.js").IconName} picture
 * @param {string} title
 * @param {string} hint
 */
export function emptyState(picture, title, hint) {
  return h("div", { class: "empty" }, [
    h("span", { class: "empty-picture" }, [icon(picture)]),
    h("p", { class: "empty-title", text: title }),
    h("p", { class: "empty-hint", text: hint }),
  ]);
}

/**
 * Fills a select; the choice survives unless it is gone.
 * @param {HTMLSelectElement} select
 * @param {{value: string, label: string}[]} options
 * @param {string} value
 */
export function fillSelect(select, options, value) {
  const signature = JSON.stringify(options);
  // An open list is not changed under the pointer.
  if (document.activeElement === select && select.options.length > 0) return;
  if (select.dataset["options"] !== signature) {
    select.dataset["options"] = signature;
    select.replaceChildren(...options.map((option) => h("option", { value: option.value, text: option.label })));
  }
  if (select.value !== value) select.value = value;
}

/**
 * Gives an element the colour of its label (styles/prepared.css shows it as a dot, so that the words stay readable whatever it is).
 * @template {HTMLElement} E
 * @param {E} element
 * @param {string|undefined} color
 * @returns {E}
 */
export function paint(element, color) {
  set(element, "data-painted", color === undefined ? null : "yes");
  if (color === undefined) element.style.removeProperty("--label");
  else element.style.setProperty("--label", color);
  return element;
}

/** @param {import("../net/wire.js").Priority} priority */
export function priorityMark(priority) {
  const mark = h("span", { class: "mark", "data-priority": priority, text: t(`priority_${priority}`) });
  set(mark, "hidden", priority === "none" || priority === "normal");
  return mark;
}
