// What is sent later, at the end of the timeline: what it says, when it goes, why it did not go, and what can be done about it.
//
// Guarantees: sending it now takes it back first, so that it is not sent twice; what another agent did meanwhile is said, and shown.

import { postedAs } from "../state/scheduled.js";
import { whenWords } from "../state/later.js";
import { wasStopped, wordsFor } from "../state/problems.js";
import { Problem } from "../net/api.js";
import { fullTime } from "../state/format.js";
import { t } from "../locale/index.js";
import { sure } from "./channels/sure.js";
import { messageBody } from "./content.js";
import { dataAt, h, set } from "./dom.js";
import { icon } from "./icons.js";
import { askTime } from "./when.js";

/** @typedef {import("../net/wire.js").ScheduledMessage} ScheduledMessage */

/**
 * @param {HTMLElement} element
 * @param {ScheduledMessage} message
 * @param {string} me
 */
export function updateScheduled(element, message, me) {
  const { author, kind, content_text, attachments, send_at, status, error, id } = message;
  set(element, "data-side", "out");
  set(element, "data-kind", kind);
  set(element, "data-last", "yes");
  set(element, "data-state", status);
  delete element.dataset["said"];
  const files = attachments.map(({ filename }) => h("span", { class: "file" }, [icon("file"), h("span", { class: "file-name", text: filename })]));
  const when = whenWords(send_at, Date.now());
  const words = status === "failed"
    ? h("span", { class: "danger-text", text: error ? t("later_failed", { reason: error }) : t("later_failed_plain") })
    : h("time", { datetime: send_at, title: fullTime(send_at), text: author.id === me ? t("later_at", { when }) : t("later_at_by", { when, name: author.name ?? t("contact_unknown") }) });
  element.replaceChildren(
    h("div", { class: "bubble-line" }, [
      h("div", { class: "bubble scheduled" }, [...(content_text === "" && files.length > 0 ? [] : [messageBody(message)]), ...(files.length > 0 ? [h("div", { class: "files" }, files)] : [])]),
    ]),
    h("div", { class: "receipt" }, [icon("clock"), words, act("time", id, t("later_time")), act("now", id, t("later_now")), act("delete", id, t("later_delete"))]),
  );
}

/** @param {string} name @param {string} id @param {string} label */
function act(name, id, label) {
  return h("button", { type: "button", class: "link-button", "data-later": `${name} ${id}`, text: label });
}

/**
 * Does what was pressed, if it concerns a message that is sent later.
 * @param {Event} event
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 */
export async function onLaterPress(event, scope, desk) {
  const [action, id] = (dataAt(event, "later") ?? "").split(" ");
  const { open_id, scheduled, me } = desk.store.get();
  const message = open_id === null ? undefined : scheduled[open_id]?.find((one) => one.id === id);
  if (open_id === null || message === undefined || me.role === "viewer") return;
  try {
    if (action === "time") {
      const at = await askTime(scope, t("later_time"), message.status === "failed" ? new Date().toISOString() : message.send_at);
      if (at === null) return;
      await desk.api.reschedule(message, { send_at: at }, scope.signal);
    } else if (action === "delete") {
      if (!(await sure(scope, { title: t("later_delete_title"), lead: t("later_delete_lead"), submit: t("later_delete"), danger: true }))) return;
      await desk.api.unschedule(message, scope.signal);
    } else if (action === "now") {
      await desk.api.unschedule(message, scope.signal);
      const { kind, part, content, reply_to_seq } = postedAs(message);
      if (reply_to_seq !== null) desk.quotes.write(open_id, reply_to_seq);
      desk.say(open_id, kind, part, content);
    }
  } catch (error) {
    if (scope.stopped || wasStopped(error)) return;
    desk.reports.on_notice(error instanceof Problem && (error.status === 404 || error.status === 412) ? t("later_gone") : wordsFor(error));
  }
  void desk.loader.loadScheduled(open_id);
}
