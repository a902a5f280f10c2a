// The panel about the person at the other side.

import { contactName, fullTime } from "../state/format.js";
import { openRow } from "../state/select.js";
import { t } from "../locale/index.js";
import { h, say, set, show } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, iconButton } from "./parts.js";

/** @typedef {import("../net/wire.js").Contact} Contact */

const ADDRESS_KINDS = /** @type {const} */ (["email", "phone", "whatsapp", "messenger", "instagram", "slack", "visitor", "external"]);

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 * @param {() => void} on_close
 */
export function makeContact(scope, desk, on_close) {
  const close = iconButton("close", t("contact_close"), { class: "contact-close" });
  const face = h("div", { class: "contact-face" });
  const edit = h("button", { type: "button", class: "button small", text: t("contact_edit") });
  const facts = h("div", { class: "contact-facts" });
  const name = h("input", { id: "contact-name", autocomplete: "off", maxlength: "200" });
  const email = h("input", { id: "contact-email", type: "email", autocomplete: "off", maxlength: "320" });
  const trouble = h("p", { class: "form-trouble", role: "alert" });
  const cancel = h("button", { type: "button", class: "button", text: t("contact_cancel") });
  const form = h("form", { class: "contact-form", hidden: true, novalidate: true }, [
    h("div", { class: "field" }, [h("label", { for: name.id, text: t("contact_name") }), name]),
    h("div", { class: "field" }, [h("label", { for: email.id, text: t("contact_email") }), email]),
    trouble,
    h("div", { class: "form-actions" }, [cancel, h("button", { type: "submit", class: "button primary", text: t("contact_save") })]),
  ]);
  const element = h("aside", { class: "contact", "aria-label": t("contact_label") }, [
    h("header", { class: "contact-head" }, [h("h2", { text: t("contact_label") }), close]),
    h("div", { class: "contact-scroll", tabindex: "0", role: "region", "aria-label": t("head_details") }, [face, edit, form, facts]),
  ]);

  /** @type {string|null} */
  let shown_id = null;
  /** @type {Contact|null} */
  let shown = null;

  /** @param {boolean} editing */
  function setEditing(editing) {
    show(form, editing);
    show(edit, !editing);
    say(trouble, "");
  }

  scope.listen(close, "click", on_close);
  scope.listen(edit, "click", () => {
    name.value = shown?.name ?? "";
    email.value = shown?.email ?? "";
    setEditing(true);
    name.focus();
  });
  scope.listen(cancel, "click", () => {
    setEditing(false);
    edit.focus();
  });
  scope.listen(form, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    setEditing(false);
    edit.focus();
  });
  scope.listen(form, "submit", async (event) => {
    event.preventDefault();
    const id = shown_id;
    if (id === null) return;
    const words = await desk.changeContact(id, { name: name.value.trim() || null, email: email.value.trim() || null });
    if (id !== shown_id) return;
    if (words !== null) return say(trouble, words);
    setEditing(false);
    edit.focus();
    desk.reports.on_notice(t("contact_saved"));
  });

  return {
    element,
    close,
    /** @param {import("../state/model.js").State} state */
    render(state) {
      const brief = openRow(state)?.contact;
      if (!brief) return;
      /** @type {Contact} */
      const contact = state.contacts[brief.id] ?? brief;
      if (brief.id !== shown_id) setEditing(false);
      if (contact === shown) return;
      shown_id = brief.id;
      shown = contact;
      set(edit, "disabled", state.me.role === "viewer");
      const title = contactName(contact);
      face.replaceChildren(
        avatar(title, contact.id, "large"),
        h("p", { class: "contact-name", text: title }),
        ...(contact.email && contact.email !== title ? [h("p", { class: "contact-mail", text: contact.email })] : []),
        ...(contact.verified ? [h("p", { class: "contact-verified" }, [icon("verified"), t("contact_verified")])] : []),
      );
      facts.replaceChildren(...factsOf(contact));
    },
  };
}

/**
 * @param {Contact} contact
 * @returns {HTMLElement[]}
 */
function factsOf(contact) {
  const basic = [
    ...(contact.phone ? [[t("contact_phone"), contact.phone]] : []),
    ...(contact.country ? [[t("contact_country"), contact.country]] : []),
    ...(contact.created_at ? [[t("contact_since"), fullTime(contact.created_at)]] : []),
  ];
  const addresses = (contact.addresses ?? []).map(({ kind, value }) => {
    const known = ADDRESS_KINDS.find((name) => name === kind);
    return [known ? t(`address_${known}`) : kind, value];
  });
  const attributes = Object.entries(contact.custom_attributes ?? {}).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
  return [
    ...(basic.length > 0 ? [pairs(basic)] : []),
    ...section(t("contact_addresses"), addresses),
    ...section(t("contact_attributes"), attributes),
  ];
}

/**
 * @param {string} title
 * @param {string[][]} rows
 */
function section(title, rows) {
  return rows.length === 0 ? [] : [h("h3", { text: title }), pairs(rows)];
}

/** @param {string[][]} rows */
function pairs(rows) {
  return h("dl", {}, rows.map(([label = "", value = ""]) => h("div", {}, [h("dt", { text: label }), h("dd", { text: value, dir: "auto" })])));
}
