// The files of what is being written: those that are there, those on their way, and those that did not make it.

import { t } from "../../locale/index.js";
import { h, reconcile, set, show } from "../dom.js";
import { icon } from "../icons.js";

/** @typedef {{key: string, name: string, part: number, error: string|null, hopeless: boolean}} Chip */

/**
 * @param {HTMLElement} list
 * @param {import("../../net/wire.js").Attachment[]} attachments
 * @param {import("../../app/uploads.js").Upload[]} running
 */
export function renderFiles(list, attachments, running) {
  /** @type {Chip[]} */
  const chips = [...attachments.map(({ id, filename }) => ({ key: id, name: filename, part: 1, error: null, hopeless: false })), ...running];
  reconcile(list, chips, { key: (chip) => chip.key, make: makeChip, update: updateChip, same: sameChip });
  show(list, chips.length > 0);
}

function makeChip() {
  return h("li", { class: "composer-file" });
}

/** @param {Chip} one @param {Chip} other */
function sameChip(one, other) {
  return one.part === other.part && one.error === other.error && one.name === other.name;
}

/**
 * @param {HTMLElement} element
 * @param {Chip} chip
 */
function updateChip(element, { key, name, part, error, hopeless }) {
  const bar = element.querySelector("progress");
  // The bar moves; what can have the focus stays.
  if (bar && part < 1 && error === null) return void (bar.value = part);
  set(element, "data-failed", error === null ? null : "yes");
  const words = error === null ? name : t("composer_upload_failed", { name, reason: error });
  const under_way = part < 1 && error === null;
  const remove = t(under_way ? "composer_upload_cancel" : "composer_file_remove", { name });
  element.replaceChildren(
    icon(error === null ? "file" : "alert"),
    h("span", { class: "file-name", text: words, role: error === null ? null : "alert" }),
    ...(under_way ? [h("progress", { max: "1", value: part, "aria-label": t("composer_uploading", { name }) })] : []),
    ...(error !== null && !hopeless ? [h("button", { type: "button", class: "link-button", "data-again": key, "aria-label": t("composer_upload_again", { name }), text: t("unsent_retry") })] : []),
    h("button", { type: "button", class: "label-remove", "data-remove": key, "aria-label": remove, title: remove }, [icon("close")]),
  );
}
