// Changing what is known of a contact.
//
// Guarantees: those of view/settings/edit.js. Only what differs is sent; what the widget tells of a visit is not for editing here.

import { contactChanges, contactForm, twice } from "../../state/contact.js";
import { pointerTo } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { h, say, set } from "../dom.js";
import { icon } from "../icons.js";
import { makeEdit, spot } from "../settings/edit.js";
import { field } from "../webhooks/parts.js";

/** @typedef {import("../../net/wire.js").Contact} Contact */
/** @typedef {import("../../state/contact.js").Attribute} Attribute */
/** @typedef {import("../settings/edit.js").Spot} Spot */

const NAME_CHARS_MAX = 200;
const EMAIL_CHARS_MAX = 254;
const PHONE_CHARS_MAX = 40;
const ATTRIBUTE_NAME_CHARS_MAX = 64;
const ATTRIBUTES = "/custom_attributes";

/**
 * @param {import("../../app/scope.js").Scope} scope stops when the form is left
 * @param {import("../../app/desk.js").Desk} desk
 * @param {Contact} contact
 * @param {(focus: boolean) => void} leave
 */
export function makeContactForm(scope, desk, contact, leave) {
  const name = field(t("contact_name"), h("input", { id: "contact-name", autocomplete: "off", maxlength: NAME_CHARS_MAX, dir: "auto" }));
  const email = field(t("contact_email"), h("input", { id: "contact-email", type: "email", autocomplete: "off", maxlength: EMAIL_CHARS_MAX, dir: "ltr" }));
  const phone = field(t("contact_phone"), h("input", { id: "contact-phone", type: "tel", autocomplete: "off", maxlength: PHONE_CHARS_MAX, dir: "ltr" }), t("contact_phone_hint"));
  const attributes = makeAttributes(scope);
  const cancel = h("button", { type: "button", class: "button", text: t("contact_cancel") });
  /** @param {import("../../state/contact.js").ContactForm} form */
  const fill = (form) => {
    name.input.value = form.name;
    email.input.value = form.email;
    phone.input.value = form.phone;
    attributes.fill(form.attributes);
  };
  const read = () => ({ name: name.input.value.trim(), email: email.input.value.trim(), phone: phone.input.value.trim(), attributes: attributes.value() });
  fill(contactForm(contact));
  const edit = makeEdit({ scope }, {
    elements: [name.element, email.element, phone.element, attributes.element],
    spots: () => ({ "/name": spot(name), "/email": spot(email), "/phone": spot(phone), ...attributes.spots() }),
    check: () => attributes.check(),
    beside: [cancel],
    submit: t("contact_save"),
    send: async (base) => {
      const patch = base === null ? null : contactChanges(base, read());
      if (base === null || patch === null) return leave(true);
      const after = await desk.api.updateContact(base.id, patch, scope.signal, base.version);
      desk.store.dispatch({ type: "contact_loaded", contact: after });
      desk.reports.on_notice(t("contact_saved"));
      leave(true);
    },
    shared: {
      base: contact,
      form: contactForm,
      read,
      fill,
      latest: async () => {
        const now = await desk.api.contact(contact.id, scope.signal);
        desk.store.dispatch({ type: "contact_loaded", contact: now });
        return now;
      },
      labels: { name: t("contact_name"), email: t("contact_email"), phone: t("contact_phone"), attributes: t("contact_attributes") },
    },
  });
  scope.listen(cancel, "click", () => leave(true));
  return { element: edit.form, focus: () => name.input.focus() };
}

/** The attributes as rows of name and value. @param {import("../../app/scope.js").Scope} scope */
function makeAttributes(scope) {
  let count = 0;
  /** @type {{name: HTMLInputElement, value: HTMLInputElement, trouble: HTMLElement}[]} */
  let rows = [];
  const list = h("div", { class: "attribute-rows" });
  const trouble = h("p", { class: "form-trouble" });
  const add = h("button", { type: "button", class: "button small" }, [icon("plus"), h("span", { text: t("contact_attribute_add") })]);

  /** @param {Attribute|null} attribute null for a new one */
  const addRow = (attribute) => {
    count += 1;
    const own_trouble = h("p", { class: "form-trouble", id: `attribute-${count}-trouble` });
    const plain = { autocomplete: "off", dir: "auto", "aria-describedby": own_trouble.id };
    const name = h("input", { ...plain, id: `attribute-${count}-name`, "aria-label": t("contact_attribute_name"), placeholder: t("contact_attribute_name"), maxlength: ATTRIBUTE_NAME_CHARS_MAX, readonly: attribute !== null });
    const value = h("input", { ...plain, id: `attribute-${count}-value`, "aria-label": attribute === null ? t("contact_attribute_value") : attribute.name, placeholder: t("contact_attribute_value") });
    const remove = h("button", { type: "button", class: "icon-button" }, [icon("close")]);
    name.value = attribute?.name ?? "";
    value.value = attribute?.value ?? "";
    const label = () => {
      for (const attribute_name of ["title", "aria-label"]) set(remove, attribute_name, t("contact_attribute_remove", { name: name.value }));
    };
    label();
    const element = h("div", { class: "attribute-row field" }, [name, value, remove, own_trouble]);
    const row = { name, value, trouble: own_trouble };
    rows = [...rows, row];
    list.append(element);
    scope.listen(name, "input", label);
    scope.listen(remove, "click", () => {
      rows = rows.filter((one) => one !== row);
      element.remove();
      add.focus();
    });
    return row;
  };
  scope.listen(add, "click", () => addRow(null).name.focus());
  const filled = () => rows.filter(({ name, value }) => name.value.trim() !== "" || value.value !== "");

  return {
    element: h("fieldset", { class: "attributes" }, [h("legend", { text: t("contact_attributes") }), list, trouble, h("div", {}, [add])]),
    /** @param {Attribute[]} attributes */
    fill(attributes) {
      rows = [];
      list.replaceChildren();
      for (const attribute of attributes) addRow(attribute);
    },
    /** @returns {Attribute[]} */
    value: () => filled().map(({ name, value }) => ({ name: name.value.trim(), value: value.value })),
    /** @returns {Record<string, Spot>} */
    spots: () => ({
      ...Object.fromEntries(rows.map((row) => [pointerTo(ATTRIBUTES, row.name.value.trim()), rowSpot(row)])),
      [ATTRIBUTES]: { complain: (words) => say(trouble, words), focus: () => (rows.find(({ name }) => name.value.trim() === "")?.name ?? add).focus() },
    }),
    /** @returns {Record<string, string>} */
    check() {
      const attributes = filled().map(({ name, value }) => ({ name: name.value.trim(), value: value.value }));
      const doubled = twice(attributes);
      if (attributes.some(({ name }) => name === "")) return { [ATTRIBUTES]: t("contact_attribute_nameless") };
      return doubled === null ? {} : { [ATTRIBUTES]: t("contact_attribute_twice", { name: doubled }) };
    },
  };
}

/** @param {{name: HTMLInputElement, trouble: HTMLElement}} row @returns {Spot} */
function rowSpot({ name, trouble }) {
  return {
    complain(words) {
      say(trouble, words);
      set(name, "aria-invalid", words === "" ? null : "true");
    },
    focus: () => name.focus(),
  };
}
