// Choosing a template and filling in its places, with what the customer will read beside them.
//
// Guarantees: nothing is sent while a place has no words, or words that the provider refuses; what the server says against it stays in the
// dialog, and a template that is sent again after that makes no second message. Text is only ever set as text.

import { approvedTemplates, sendTemplate, templateKey } from "../net/templates.js";
import { wasStopped, wordsFor } from "../state/problems.js";
import { rowAt } from "../state/rows.js";
import { choiceOf, faultsOf, firstWords, fitting, previewOf } from "../state/templates.js";
import { t } from "../locale/index.js";
import { dataAt, h, say, set, show } from "./dom.js";
import { iconButton } from "./parts.js";

/** @typedef {import("../net/wire.js").Template} Template */

let count = 0;

/**
 * The button that opens the picker; it shows only where there can be templates.
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 * @param {() => void} on_sent
 */
export function makeTemplateButton(scope, desk, on_sent) {
  const button = h("button", { type: "button", class: "button templates-open", text: t("templates_open"), hidden: true });
  scope.listen(button, "click", () => {
    const { open_id, conversations } = desk.store.get();
    const row = open_id === null ? undefined : rowAt(conversations, open_id);
    if (row) void pickTemplate(scope, desk, { id: row.id, channel_id: row.channel_id }).then((sent) => (sent ? on_sent() : undefined));
  });
  return {
    element: button,
    /** @param {boolean} shown */
    render: (shown) => show(button, shown),
  };
}

/**
 * Opens the picker; true if a template was sent.
 * @param {import("../app/scope.js").Scope} owner
 * @param {import("../app/desk.js").Desk} desk
 * @param {{id: string, channel_id: string}} where
 * @returns {Promise<boolean>}
 */
export function pickTemplate(owner, desk, where) {
  const scope = owner.child();
  count += 1;
  const title_id = `templates-title-${count}`;
  const close = iconButton("close", t("dialog_close"), { class: "dialog-close" });
  const seek = h("input", { type: "search", class: "templates-search", "aria-label": t("templates_search"), placeholder: t("templates_search") });
  const state = h("p", { role: "status", text: t("templates_loading") });
  const list = h("ul", { class: "templates-list", "aria-label": t("templates_list") });
  const all = h("section", {}, [h("p", { text: t("templates_lead") }), seek, state, list]);
  const one = h("section", { hidden: true });
  const trouble = h("p", { class: "composer-trouble", role: "alert" });
  const back = h("button", { type: "button", class: "button", text: t("templates_back"), hidden: true });
  const send = h("button", { type: "submit", class: "button primary", text: t("templates_send"), hidden: true });
  const form = h("form", { novalidate: true }, [
    h("header", { class: "dialog-head" }, [h("h2", { id: title_id, text: t("templates_title") }), close]),
    h("div", { class: "dialog-body" }, [all, one, trouble]),
    h("footer", { class: "dialog-actions" }, [back, send]),
  ]);
  const dialog = h("dialog", { "aria-labelledby": title_id, class: "wide templates" }, [form]);

  let templates = /** @type {Template[]} */ ([]);
  let filling = /** @type {ReturnType<typeof makeFilling>|null} */ (null);
  let client_id = templateKey();
  let sent = false;

  function renderList() {
    const found = fitting(templates, seek.value);
    list.replaceChildren(...found.map((template) => makeRow(template, templates.indexOf(template))));
    if (templates.length === 0) say(state, t("templates_none"));
    else say(state, found.length === 0 ? t("templates_none_found") : "");
  }

  /** @param {Template|null} template */
  function choose(template) {
    filling = template === null ? null : makeFilling(scope, template);
    client_id = templateKey();
    say(trouble, "");
    one.replaceChildren(...(filling === null ? [] : [filling.element]));
    show(all, filling === null);
    for (const element of [one, back, send]) show(element, filling !== null);
    if (filling === null) seek.focus();
    else filling.focus(send);
  }

  async function load() {
    try {
      const answer = await approvedTemplates(desk.api, where.channel_id, scope.signal);
      templates = answer.templates;
      renderList();
      if (answer.sync_error !== null) say(trouble, t("templates_sync_failed", { reason: answer.sync_error }));
    } catch (error) {
      if (wasStopped(error)) return;
      say(state, "");
      say(trouble, wordsFor(error));
    }
  }

  async function submit() {
    if (filling === null || send.disabled || !filling.check()) return;
    set(send, "disabled", true);
    say(send, t("templates_sending"));
    say(trouble, "");
    try {
      await sendTemplate(desk.api, where.id, filling.choice(), client_id, scope.signal);
      sent = true;
      dialog.close();
    } catch (error) {
      if (!wasStopped(error)) say(trouble, wordsFor(error));
    } finally {
      set(send, "disabled", false);
      say(send, t("templates_send"));
    }
  }

  scope.listen(seek, "input", renderList);
  scope.listen(list, "click", (event) => {
    const place = dataAt(event, "template");
    const template = place === null ? undefined : templates[Number(place)];
    if (template && template.unsupported === null) choose(template);
  });
  scope.listen(back, "click", () => choose(null));
  scope.listen(close, "click", () => dialog.close());
  scope.listen(form, "submit", (event) => {
    event.preventDefault();
    void submit();
  });
  document.body.append(dialog);
  scope.own(() => dialog.remove());
  dialog.showModal();
  seek.focus();
  void load();
  return new Promise((resolve) => {
    scope.listen(dialog, "close", () => {
      scope.stop();
      resolve(sent);
    });
  });
}

/**
 * @param {Template} template
 * @param {number} place
 */
function makeRow(template, place) {
  const known = ["utility", "marketing", "authentication"].includes(template.category) ? template.category : "other";
  const category = t(/** @type {import("../locale/index.js").Key} */ (`templates_category_${known}`));
  const words = template.unsupported === null ? firstWords(template) : t("templates_unsupported", { reason: template.unsupported });
  const button = h("button", { type: "button", class: "templates-row", "data-template": place, disabled: template.unsupported !== null }, [
    h("strong", { text: template.name }),
    h("span", { class: "templates-about", text: `${template.language} · ${category}` }),
    h("span", { class: "templates-words", text: words }),
  ]);
  return h("li", {}, [button]);
}

/**
 * The fields of one template, and what they make of it.
 * @param {import("../app/scope.js").Scope} scope
 * @param {Template} template
 */
function makeFilling(scope, template) {
  /** @type {Record<string, string>} */
  const values = {};
  const preview = h("div", { class: "templates-preview", role: "group", "aria-label": t("templates_preview") });
  const fields = template.variables.map((variable, at) => {
    const id = `template-variable-${count}-${at}`;
    const input = h("input", { id, type: "text", autocomplete: "off", "aria-describedby": `${id}-about` });
    const about = h("span", { id: `${id}-about`, class: "templates-about", text: variable.example === null ? "" : t("templates_example", { example: variable.example }) });
    scope.listen(input, "input", () => {
      values[variable.key] = input.value;
      renderPreview();
      if (input.getAttribute("aria-invalid") === "true") check(false);
    });
    return { variable, input, about, element: h("div", { class: "templates-field" }, [h("label", { for: id, text: labelOf(variable) }), input, about]) };
  });

  function renderPreview() {
    preview.replaceChildren(...previewOf(template, values).map(({ kind, pieces }) => h("p", { class: `templates-part ${kind}` }, pieces.map(makePiece))));
  }

  /** Says what is wrong; true if nothing is. @param {boolean} lead whether the first bad field gets the focus */
  function check(lead) {
    const faults = faultsOf(template, values);
    for (const { variable, input, about } of fields) {
      const fault = faults[variable.key];
      set(input, "aria-invalid", fault === undefined ? null : "true");
      const example = variable.example === null ? "" : t("templates_example", { example: variable.example });
      say(about, fault === undefined ? example : t(/** @type {import("../locale/index.js").Key} */ (`templates_${fault.kind}`), { count: fault.count }));
    }
    const first = fields.find(({ variable }) => faults[variable.key] !== undefined);
    if (lead) first?.input.focus();
    return first === undefined;
  }

  renderPreview();
  return {
    element: h("div", { class: "templates-filling" }, [
      h("h3", { text: `${template.name} (${template.language})` }),
      ...(fields.length === 0 ? [] : [h("fieldset", {}, [h("legend", { text: t("templates_variables") }), ...fields.map((field) => field.element)])]),
      h("p", { class: "templates-about", text: t("templates_preview") }),
      preview,
    ]),
    check: () => check(true),
    choice: () => choiceOf(template, values),
    /** @param {HTMLElement} otherwise */
    focus: (otherwise) => (fields[0]?.input ?? otherwise).focus(),
  };
}

/** @param {{text: string, place: string|null}} piece */
function makePiece({ text, place }) {
  return h("span", { class: place === null ? null : "templates-place", text });
}

/** @param {import("../net/wire.js").TemplateVariable} variable */
function labelOf({ key, component }) {
  const name = key.split(".").slice(-1)[0] ?? key;
  if (key === "header.link") return t("templates_label_link");
  if (component === "header") return t("templates_label_header", { name });
  if (component === "button") return t("templates_label_button", { name: Number(name) + 1 });
  return t("templates_label_body", { name: key });
}
