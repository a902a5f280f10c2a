// The question that is asked when somebody else has answered while a reply was written.
//
// Guarantees: everything that was missed stands in it, with who said it and when, formatted as it was said, files by name; and the reply in
// question. Nothing is sent unless that is chosen; Escape leaves the reply where it is, unsent.

import { clockTime, contactName, fullTime } from "../state/format.js";
import { t } from "../locale/index.js";
import { messageBody } from "./content.js";
import { ask } from "./dialogs.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { avatar } from "./parts.js";
import { unsentBody } from "./unsent.js";

/** @typedef {import("../net/wire.js").Message} Message */

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../state/model.js").Unsent} item
 * @param {import("../net/wire.js").ContactBrief|null} contact whose conversation it is, if it is another one than the open one
 * @returns {Promise<string>} "send", "edit", "discard", or "" to leave it as it is
 */
export function askStale(scope, item, contact) {
  return ask(scope, {
    title: contact === null ? t("stale_title") : t("stale_title_of", { name: contactName(contact) }),
    wide: true,
    body: [
      h("p", { text: t("stale_lead") }),
      h("ul", { class: "stale-list" }, item.unseen.map(missed)),
      h("p", { class: "stale-yours-label", text: t("stale_yours") }),
      h("blockquote", { class: "stale-yours" }, [unsentBody(item), ...files(item.attachments)]),
    ],
    actions: [
      { value: "discard", label: t("stale_discard"), kind: "quiet" },
      { value: "send", label: t("stale_send") },
      { value: "edit", label: t("stale_edit"), kind: "primary" },
    ],
  });
}

/** @param {Message} message */
function missed(message) {
  const { author, created_at: at } = message;
  const name = author.name ?? contactName({ id: author.id ?? message.id, name: null, email: null });
  const said = message.content_text === "" ? [] : [messageBody(message)];
  return h("li", { class: "stale-message" }, [
    avatar(name, author.id ?? name, "small"),
    h("div", { class: "stale-said" }, [
      h("p", { class: "stale-author" }, [name, " ", h("time", { datetime: at, title: fullTime(at), text: clockTime(at) })]),
      ...said,
      ...files(message.attachments),
    ]),
  ]);
}

/** @param {import("../net/wire.js").Attachment[]} attachments */
function files(attachments) {
  return attachments.map(({ filename }) => h("p", { class: "stale-file" }, [icon("file"), filename]));
}
