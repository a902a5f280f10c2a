// The panel about the person at the other side: who they are, where they were on the site, what is known of them, their other
// conversations; changing that, and blocking them.
//
// Guarantees: what stands in an open form is the agent's until they save or leave it, whatever events say meanwhile; blocking asks first and
// says what is lost. It offers what the API of contacts has, and nothing else.

import { contactName, contactOf, fullTime } from "../state/format.js";
import { attributesOf, visitOf } from "../state/contact.js";
import { may } from "../state/permissions.js";
import { wasStopped, wordsFor } from "../state/problems.js";
import { openRow } from "../state/select.js";
import { t } from "../locale/index.js";
import { sure } from "./channels/sure.js";
import { makeContactForm } from "./contact/form.js";
import { makeOthers } from "./contact/others.js";
import { h, say, set, show } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, iconButton } from "./parts.js";
import { onPress } from "./webhooks/parts.js";

/** @typedef {import("../net/wire.js").Contact} Contact */

const DIALPAD = "dialpad:";
const ADDRESS_KINDS = /** @type {const} */ (["email", "phone", "whatsapp", "messenger", "instagram", "slack", "visitor", "external"]);

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 * @param {() => void} on_close
 */
export function makeContact(scope, desk, on_close) {
  const close = iconButton("close", t("contact_close"), { class: "contact-close" });
  const face = h("div", { class: "contact-face" });
  const blocked = h("p", { class: "contact-blocked" }, [icon("block"), t("contact_blocked")]);
  const edit = h("button", { type: "button", class: "button small", text: t("contact_edit") });
  const block = h("button", { type: "button", class: "button small quiet" });
  const actions = h("div", { class: "contact-actions" }, [edit, block]);
  const place = h("div", { class: "contact-form" });
  const facts = h("div", { class: "contact-facts" });
  const others = makeOthers(scope, desk);
  const element = h("aside", { class: "contact", "aria-label": t("contact_label") }, [
    h("header", { class: "contact-head" }, [h("h2", { text: t("contact_label") }), close]),
    h("div", { class: "contact-scroll", tabindex: "0", role: "region", "aria-label": t("head_details") }, [face, blocked, actions, place, facts, others.element]),
  ]);

  /** @type {string|null} */
  let shown_id = null;
  /** @type {Contact|null} */
  let shown = null;
  /** The form that is open, if one is. */
  let editing = scope.child();

  /** @param {boolean} focus */
  const leave = (focus) => {
    editing.stop();
    place.replaceChildren();
    show(actions, true);
    if (focus) edit.focus();
  };
  scope.listen(close, "click", on_close);
  scope.listen(edit, "click", () => {
    if (shown === null) return;
    editing.stop();
    editing = scope.child();
    const form = makeContactForm(editing, desk, shown, leave);
    place.replaceChildren(form.element);
    show(actions, false);
    form.focus();
  });
  scope.listen(place, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    leave(true);
  });
  onPress(scope, block, async () => {
    const contact = shown;
    if (contact === null) return;
    const on = contact.blocked !== true;
    if (on && !(await sure(scope, { title: t("contact_block_title", { name: contactName(contact) }), lead: t("contact_block_lead"), submit: t("contact_block"), danger: true }))) return;
    try {
      desk.store.dispatch({ type: "contact_loaded", contact: await desk.api.updateContact(contact.id, { blocked: on }, scope.signal) });
      desk.reports.on_notice(t(on ? "contact_blocked_notice" : "contact_unblocked_notice"));
    } catch (error) {
      if (!scope.stopped && !wasStopped(error)) desk.reports.on_notice(wordsFor(error));
    }
  });

  return {
    element,
    close,
    /** @param {import("../state/model.js").State} state */
    render(state) {
      const row = openRow(state);
      if (!row) return;
      /** @type {Contact} */
      const contact = state.contacts[row.contact.id] ?? row.contact;
      if (contact.id !== shown_id) leave(false);
      others.render(state, contact.id, row.id, !element.hidden);
      if (contact === shown) return;
      shown_id = contact.id;
      shown = contact;
      const may_write = may(state.me.role, "contacts:write");
      for (const button of [edit, block]) set(button, "disabled", !may_write);
      say(block, t(contact.blocked ? "contact_unblock" : "contact_block"));
      set(block, "class", `button small quiet ${contact.blocked ? "" : "danger-text"}`);
      show(blocked, contact.blocked === true);
      const title = contactName(contactOf({ ...row, contact }));
      face.replaceChildren(
        avatar(title, contact.id, "large"),
        h("p", { class: "contact-name", dir: "auto", text: title }),
        ...(contact.email && contact.email !== title ? [h("p", { class: "contact-mail" }, [h("bdi", { text: contact.email })])] : []),
        ...(contact.verified ? [h("p", { class: "contact-verified" }, [icon("verified"), t("contact_verified")])] : []),
      );
      facts.replaceChildren(...factsOf(contact));
    },
  };
}

/** @typedef {[string, string|Node]} Row */

/**
 * @param {Contact} contact
 * @returns {HTMLElement[]}
 */
function factsOf(contact) {
  /** @type {Row[]} */
  const basic = [
    ...(contact.phone ? [/** @type {Row} */ ([t("contact_phone"), h("bdi", { dir: "ltr", text: contact.phone })])] : []),
    ...(contact.country ? [/** @type {Row} */ ([t("contact_country"), contact.country])] : []),
    ...(contact.created_at ? [/** @type {Row} */ ([t("contact_since"), fullTime(contact.created_at)])] : []),
  ];
  const visit = visitOf(contact).map(({ label, text, href }) => /** @type {Row} */ ([
    label,
    href === null ? text : h("a", { href, target: "_blank", rel: "noopener noreferrer", class: "contact-link", dir: "ltr", text: text.replace(/^https?:\/\//, "") }),
  ]));
  const addresses = (contact.addresses ?? []).map(({ kind, value }) => {
    // Dialpad's own id of somebody is no id of ours, though it is kept as one.
    if (kind === "external" && value.startsWith(DIALPAD)) return /** @type {Row} */ ([t("kind_dialpad"), value.slice(DIALPAD.length)]);
    const known = ADDRESS_KINDS.find((name) => name === kind);
    return /** @type {Row} */ ([known ? t(`address_${known}`) : kind, value]);
  });
  const attributes = attributesOf(contact).map(({ name, value }) => /** @type {Row} */ ([name, value]));
  return [
    ...(basic.length > 0 ? [pairs(basic)] : []),
    ...section(t("contact_where"), visit),
    ...section(t("contact_addresses"), addresses),
    ...section(t("contact_attributes"), attributes),
  ];
}

/** @param {string} title @param {Row[]} rows */
function section(title, rows) {
  return rows.length === 0 ? [] : [h("h3", { text: title }), pairs(rows)];
}

/** @param {Row[]} rows */
function pairs(rows) {
  return h("dl", {}, rows.map(([label, value]) => h("div", {}, [h("dt", { text: label }), h("dd", { dir: "auto" }, [value])])));
}
