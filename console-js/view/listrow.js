// One row of the list: who, what was said last, how long they wait, and where it stands.
//
// Guarantees: text is only ever set as text, what was searched for included; a row's element, and with it the focus, survives every change
// of what the row says.

import { writePlace } from "../app/router.js";
import { ago, contactName, contactOf, fullTime } from "../state/format.js";
import { whenWords } from "../state/later.js";
import { t } from "../locale/index.js";
import { foundIn, lineAround, oneLine, pieces } from "../state/highlight.js";
import { h, set, show } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, paint, priorityMark } from "./parts.js";

/** @typedef {import("../net/wire.js").Conversation} Conversation */
/**
 * @typedef {{row: Conversation, view: import("../state/views.js").ViewName, standing: string, open: boolean, tabbable: boolean, left: boolean,
 *   query: string, selected: boolean, may_select: boolean, unsent: boolean, assignee: string|null, mine: boolean, minute: number, colours: Record<string, string>}} Entry
 * `left`: it is here only until the list moves again; `colours` are the labels'.
 */

/** More labels do not fit; beside an urgency only one. */
const LABELS_SHOWN_MAX = 2;

/** @param {Entry} one @param {Entry} other */
export function sameEntry(one, other) {
  return /** @type {(keyof Entry)[]} */ (Object.keys(one)).every((field) => one[field] === other[field]);
}

/** @param {string} id */
export function makeListRow(id) {
  // Beside the link, not in it: above the avatar, where a click chooses the row.
  return h("li", { class: "rows-item" }, [h("a", { class: "row", "data-id": id }), h("input", { type: "checkbox", class: "row-check", tabindex: "-1", "data-id": id })]);
}

/**
 * @param {HTMLElement} element
 * @param {Entry} entry
 */
export function updateListRow(element, entry) {
  const { row, view, open, tabbable, left, query, selected, may_select } = entry;
  const link = /** @type {HTMLAnchorElement} */ (element.firstElementChild);
  const name = contactName(contactOf(row));
  const unread = row.unread_count > 0;
  const found = query === "" ? null : foundIn(row, name, query);
  const check = /** @type {HTMLInputElement} */ (element.lastElementChild);
  show(check, may_select);
  if (check.checked !== selected) check.checked = selected;
  set(check, "aria-label", t("list_select", { name }));
  set(link, "data-selected", selected ? "yes" : null);
  set(link, "href", writePlace({ view, id: row.id }));
  set(link, "tabindex", tabbable ? 0 : -1);
  set(link, "aria-current", open ? "true" : null);
  set(link, "data-unread", unread ? "yes" : null);
  set(link, "data-left", left ? "yes" : null);
  link.replaceChildren(
    avatar(name, row.contact.id),
    h("span", { class: "row-text" }, [
      selected ? h("span", { class: "unseen", text: t("list_selected") }) : null,
      h("span", { class: "row-top" }, [h("span", { class: "row-name" }, [h("bdi", {}, marked(name, query))]), timeOf(row)]),
      h("span", { class: "row-middle" }, [
        h("span", { class: "row-preview", dir: "auto" }, previewOf(entry, found)),
        unread ? h("span", { class: "badge", "aria-label": t("list_unread", { count: row.unread_count }), role: "img", text: row.unread_count > 99 ? "99+" : row.unread_count }) : null,
      ]),
      h("span", { class: "row-marks" }, marksOf(entry, found)),
    ]),
  );
}

/**
 * How long ago the last thing was said; and whether somebody waits since then, because they said it.
 * @param {Conversation} row
 */
function timeOf(row) {
  const at = row.last_message?.created_at ?? row.updated_at;
  const waits = row.status === "open" && row.last_message?.direction === "in";
  const time = h("time", { datetime: at, title: fullTime(at), text: ago(at, Date.now()) });
  if (!waits) return time;
  return h("span", { class: "row-waits", title: t("list_waits") }, [icon("clock"), h("span", { class: "unseen", text: t("list_waits") }), time]);
}

/** @typedef {ReturnType<typeof foundIn>|null} Found */

/** @param {Entry} entry @param {Found} found */
function marksOf({ row, view, standing, left, unsent, assignee, colours }, found) {
  const room = row.priority === "urgent" || row.priority === "high" ? 1 : LABELS_SHOWN_MAX;
  const other = row.status !== standing && (standing === "any" || left);
  return [
    unsent ? h("span", { class: "mark danger", text: t("list_unsent") }) : null,
    other ? h("span", { class: "mark", title: left ? t("list_left") : null, text: t(`status_${row.status}`) }) : null,
    found?.where === "earlier" ? h("span", { class: "mark plain", text: t("list_found_earlier") }) : null,
    row.status === "snoozed" ? h("span", { class: "mark plain row-snoozed" }, [icon("snoozed"), row.snoozed_until ? t("snooze_mark", { when: whenWords(row.snoozed_until, Date.now()) }) : t("snooze_mark_writes")]) : null,
    priorityMark(row.priority),
    view === "mine" && !left ? null : h("span", { class: "mark plain", text: assignee ?? t("list_unassigned") }),
    ...row.labels.slice(0, room).map((label) => paint(h("span", { class: "mark label", text: label }), colours[label])),
    row.labels.length > room ? h("span", { class: "mark plain", title: row.labels.join(", "), text: `+${row.labels.length - room}` }) : null,
    row.ticket ? h("span", { class: "mark plain row-number" }, found?.where === "number" ? marked(`#${row.ticket.number}`, String(row.ticket.number)) : [`#${row.ticket.number}`]) : null,
  ];
}

/** @param {Entry} entry @param {Found} found @returns {(Node|string)[]} */
function previewOf({ row, mine, query }, found) {
  if (found?.where === "subject" || found?.where === "email") return marked(lineAround(found.text, query), query);
  const last = row.last_message;
  if (!last) return [row.ticket?.subject ?? t("list_no_message")];
  const text = last.deleted_at ? t("timeline_deleted") : oneLine(last.content_text) || t("list_file");
  const line = found?.where === "message" ? lineAround(text, query) : text;
  return marked(mine ? t("list_you", { text: line }) : line, found?.where === "message" ? query : "");
}

/** @param {string} text @param {string} query @returns {(Node|string)[]} */
function marked(text, query) {
  return pieces(text, query).map(({ text: piece, hit }) => (hit ? h("mark", { text: piece }) : piece));
}
