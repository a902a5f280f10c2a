// One row of the timeline: a day, the unread mark, a change, a message, or a message that is not sent yet, or is sent later.
//
// Guarantees: a row's element lives as long as its key; a receipt that changes does not touch the message above it, so
// pictures and selections stay.

import { clockTime, contactName, dayName, fullTime, joinNames } from "../state/format.js";
import { t } from "../locale/index.js";
import { messageBody } from "./content.js";
import { h, set } from "./dom.js";
import { fileElement } from "./file.js";
import { icon } from "./icons.js";
import { avatar } from "./parts.js";
import { answerButton, quoteLine } from "./quote.js";
import { reactChoice, reactionMarks } from "./react.js";
import { updateScheduled } from "./scheduled.js";
import { action, updateUnsent } from "./unsent.js";

/** @typedef {import("../state/select.js").Row} Row */
/** @typedef {import("../net/wire.js").Message} Message */
/**
 * @typedef {{desk: import("../app/desk.js").Desk, contact: import("../net/wire.js").ContactBrief|null,
 *   agents: Record<string, import("../net/wire.js").Agent>, me: string}} Context
 */

/** @returns {HTMLElement} */
export function makeRow() {
  return h("div", { class: "entry" });
}

/**
 * @param {HTMLElement} element
 * @param {Row} row
 * @param {Context} context
 */
export function updateRow(element, row, context) {
  set(element, "data-type", row.type);
  switch (row.type) {
    case "day":
      return element.replaceChildren(h("h3", { class: "day", text: dayName(row.at, Date.now()) }));
    case "unread":
      return element.replaceChildren(h("p", { class: "unread-mark" }, [h("span", { text: t("timeline_unread") })]));
    case "line":
      return element.replaceChildren(h("p", { class: "line" }, [lineWords(row.line, context), " ", time(row.line.at)]));
    case "unsent":
      return updateUnsent(element, row.item);
    case "scheduled":
      return updateScheduled(element, row.message, context.me);
    case "message":
      return updateMessage(element, row, context);
  }
}

/**
 * @param {Row} one
 * @param {Row} other
 */
export function sameRow(one, other) {
  if (one.type !== other.type || one.key !== other.key) return false;
  const fields = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (one));
  const others = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (other));
  return Object.keys(fields).every((field) => fields[field] === others[field]);
}

/**
 * @param {HTMLElement} element
 * @param {Extract<Row, {type: "message"}>} row
 * @param {Context} context
 */
function updateMessage(element, row, context) {
  const { message, first, last } = row;
  if (message.author.type === "system") {
    return element.replaceChildren(h("p", { class: "line" }, [message.content_text, " ", time(message.created_at)]));
  }
  const side = message.direction === "in" ? "in" : "out";
  set(element, "data-side", side);
  set(element, "data-kind", message.kind);
  set(element, "data-seq", message.seq);
  set(element, "data-first", first ? "yes" : null);
  set(element, "data-last", last ? "yes" : null);
  // What was said is built once; receipts come and go below it.
  const name = authorName(message, context);
  const said = JSON.stringify([message.id, first, name, message.content_text, message.edited_at, message.deleted_at, message.content === null, message.attachments,
    row.quoted_seq, row.quoted?.content_text, row.quoted?.deleted_at, row.answerable]);
  if (element.dataset["said"] !== said) {
    element.dataset["said"] = said;
    const quoted = row.quoted_seq === undefined ? null : quoteLine({ seq: row.quoted_seq, message: row.quoted }, row.quoted ? authorName(row.quoted, context) : "");
    element.replaceChildren(
      first ? authorLine(message, name, context) : "",
      h("div", { class: "bubble-line" }, [
        side === "in" ? avatarOf(message, name, first) : null,
        h("div", { class: "bubble", title: fullTime(message.created_at) }, [quoted, ...contentOf(message, context)]),
        row.answerable ? h("div", { class: "bubble-tools" }, [answerButton(message, name), side === "in" ? reactChoice(message, name) : null]) : null,
      ]),
      h("div", { class: "reactions" }),
      h("div", { class: "receipt" }),
    );
  }
  const [reactions, receipt] = [...element.children].slice(-2);
  if (reactions) reactions.replaceChildren(...reactionMarks(message, row.answerable));
  if (receipt) receipt.replaceChildren(...(row.receipt || message.status === "failed" ? receiptWords(message) : []));
}

/**
 * @param {Message} message
 * @param {Context} context
 * @returns {HTMLElement[]}
 */
function contentOf(message, context) {
  if (message.deleted_at) return [h("p", { class: "deleted", text: t("timeline_deleted") })];
  const parts = message.content_text === "" && message.attachments.length > 0 ? [] : [messageBody(message)];
  if (message.attachments.length > 0) {
    parts.push(h("div", { class: "files" }, message.attachments.map((attachment) => fileElement(attachment, context.desk.files))));
  }
  if (message.edited_at) parts.push(h("p", { class: "edited", text: t("timeline_edited") }));
  return parts;
}

/**
 * @param {Message} message
 * @param {string} name
 * @param {Context} context
 */
function authorLine(message, name, context) {
  const is_me = message.author.type === "agent" && message.author.id === context.me;
  const note = message.kind === "note" ? [h("span", { class: "note-mark", title: t("timeline_note_hint") }, [icon("note"), t("timeline_note")])] : [];
  return h("p", { class: "author" }, [...note, h("span", { class: "author-name", text: name, "data-me": is_me ? "yes" : null }), time(message.created_at)]);
}

/**
 * @param {Message} message
 * @param {string} name
 * @param {boolean} first
 */
function avatarOf(message, name, first) {
  return first ? avatar(name, message.author.id ?? name, "small") : h("span", { class: "avatar-gap" });
}

/**
 * @param {Message} message
 * @param {Context} context
 */
function authorName(message, { contact, agents }) {
  const { author } = message;
  if (author.type === "visitor") return contact ? contactName(contact) : (author.name ?? t("contact_unknown"));
  return author.name ?? (author.id === null ? undefined : agents[author.id]?.name) ?? t("contact_unknown");
}

/** @param {Message} message */
function receiptWords(message) {
  if (message.status !== "failed") return [h("span", { text: t(`receipt_${message.status}`) })];
  const reason = typeof message.error === "string" ? message.error : "";
  const words = h("span", { class: "danger-text", text: reason === "" ? t("receipt_failed_plain") : t("receipt_failed", { reason }) });
  return message.direction === "out" ? [words, action("resend", message.id, t("unsent_retry"))] : [words];
}

/** @param {string} at */
function time(at) {
  return h("time", { datetime: at, title: fullTime(at), text: clockTime(at) });
}

/**
 * @param {import("../state/model.js").Line} line
 * @param {Context} context
 */
function lineWords({ field, from, to }, { agents, me }) {
  switch (field) {
    case "assignee_id":
      if (to === null) return t("line_unassigned");
      return to === me ? t("line_assigned_me") : t("line_assigned", { name: agents[String(to)]?.name ?? t("contact_unknown") });
    case "priority":
      return t("line_priority", { to: t(/** @type {import("../locale/index.js").Key} */ (`priority_${to}`)) });
    case "labels":
      return labelWords(asLabels(from), asLabels(to));
    default:
      return t("line_status", { to: t(/** @type {import("../locale/index.js").Key} */ (`status_${to}`)) });
  }
}

/** @param {unknown} value @returns {string[]} */
function asLabels(value) {
  return Array.isArray(value) ? value.map(String) : [];
}

/** @param {string[]} before @param {string[]} after */
function labelWords(before, after) {
  const added = after.filter((label) => !before.includes(label));
  const removed = before.filter((label) => !after.includes(label));
  const words = [
    ...(added.length > 0 ? [t("line_labels_added", { labels: joinNames(added), count: added.length })] : []),
    ...(removed.length > 0 ? [t("line_labels_removed", { labels: joinNames(removed), count: removed.length })] : []),
  ];
  return words.join(" · ");
}
