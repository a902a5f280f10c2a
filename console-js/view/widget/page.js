// One widget: its look with a preview, its words, where it may stand, what it asks, who may use it, and the code for a site.
//
// Guarantees: what the server refuses stands at its field; nothing that was entered is lost by that, nor by somebody who changed the widget
// meanwhile. The preview shows what stands in the form, before it is saved.

import { goOn, writeSettings } from "../../app/router.js";
import { embedCode, fullColor, identifyCode, settingsOf, widgetChanges, widgetForm } from "../../state/widget.js";
import { t } from "../../locale/index.js";
import { h, say } from "../dom.js";
import { sure } from "../channels/sure.js";
import { makeEdit, spot } from "../settings/edit.js";
import { makeCode } from "../settings/once.js";
import { attempt, choice, field, load, onPress, pageHead, troubleLine } from "../webhooks/parts.js";
import { makeLook } from "./look.js";
import { makeOrigins } from "./origins.js";
import { makePreview } from "./preview.js";
import { makeQuestions } from "./questions.js";
import { makeSecrets } from "./secrets.js";

/** @typedef {import("../webhooks/index.js").Context} Context */
/** @typedef {import("../../net/channel-wire.js").Channel} Channel */
/** @typedef {import("../../state/widget.js").WidgetForm} WidgetForm */

const NAME_CHARS_MAX = 200;

/** @param {Context} context @param {string} id */
export function openWidget(context, id) {
  const head = pageHead(t("widgets_title"), { href: writeSettings("widgets"), label: t("widgets_back") });
  context.body.append(head.element);
  void load(context, (signal) => context.channels.channel(id, signal), (widget) => {
    // An address of the other kinds, written by hand or kept from before.
    if (widget.kind !== "widget") return goOn(writeSettings("channel", id));
    draw(context, widget, head);
  });
}

/** @param {Context} context @param {Channel} widget @param {ReturnType<typeof pageHead>} head */
function draw(context, widget, head) {
  const { scope, channels: api, notify, body } = context;
  const api_key = settingsOf(widget).api_key;
  const fields = makeFields(scope, widgetForm(widget));
  const preview = makePreview(scope, api_key);
  const paint = () => preview.render(fields.read());
  const submit_hint = h("p", { class: "save-hint", role: "status" });
  const edit = makeEdit(context, {
    id: "widget-form",
    elements: fields.elements,
    spots: fields.spots,
    check: fields.check,
    beside: [submit_hint],
    submit: t("form_save"),
    send: async (base) => {
      const changes = base === null ? null : widgetChanges(base, fields.read());
      if (base === null || changes === null) return notify(t("form_nothing"));
      const after = await api.updateChannel(base, changes, scope.signal);
      // As the server keeps it: an origin without its slash, a text without its spaces.
      fields.fill(widgetForm(after));
      notify(t("widget_saved"));
      render(after);
      return after;
    },
    shared: {
      base: widget,
      form: widgetForm,
      read: fields.read,
      fill(form) {
        fields.fill(form);
        paint();
      },
      latest: () => api.channel(widget.id, scope.signal),
      labels: fields.labels,
    },
  });
  /** @param {Channel} after */
  const render = (after) => {
    say(head.heading, after.name);
    paint();
    watch(after);
  };
  /** @param {Channel|null} base */
  const watch = (base) => say(submit_hint, base !== null && widgetChanges(base, fields.read()) !== null ? t("form_unsaved") : "");
  fields.onChange(() => {
    paint();
    watch(edit.base);
  });
  const secrets = makeSecrets(context, widget, async () => edit.rebase(await api.channel(widget.id, scope.signal)));
  body.append(
    h("div", { class: "widget-sides" }, [
      h("div", { class: "widget-main" }, [edit.form, secrets, embedCard(scope, api_key), deleteCard(context, widget)]),
      preview.element,
    ]),
  );
  render(widget);
}

/**
 * All that is saved together.
 * @param {import("../../app/scope.js").Scope} scope
 * @param {WidgetForm} first
 */
function makeFields(scope, first) {
  let told = () => {};
  const tell = () => told();
  const name = field(t("channel_name"), h("input", { id: "widget-name", maxlength: NAME_CHARS_MAX, required: true, autocomplete: "off", dir: "auto" }), t("channel_name_hint"));
  const header = field(t("widget_header"), h("input", { id: "widget-header", maxlength: NAME_CHARS_MAX, autocomplete: "off", dir: "auto" }), t("widget_header_hint"));
  const look = makeLook(scope, tell);
  const origins = makeOrigins(scope, tell);
  const questions = makeQuestions(scope, tell);
  const files = h("input", { type: "checkbox", id: "widget-files" });
  const identity = h("input", { type: "checkbox", id: "widget-identity" });
  const elements = [
    card("look-title", t("widget_look"), [name.element, header.element, look.element, h("p", { class: "field-hint", text: t("widget_languages") })]),
    card("origins-title", t("widget_origins"), [origins.element]),
    card("questions-title", t("widget_questions"), [questions.element]),
    card("visitors-title", t("widget_visitors"), [choice(files, t("widget_files"), [t("widget_files_hint")]), choice(identity, t("widget_identity"), [t("widget_identity_hint")])]),
  ];
  for (const element of elements) {
    scope.listen(element, "input", tell);
    scope.listen(element, "change", tell);
  }
  /** @param {WidgetForm} form */
  const fill = (form) => {
    name.input.value = form.name;
    header.input.value = form.header;
    look.fill(form);
    origins.fill(form.origins);
    questions.fill(form.questions);
    files.checked = form.files;
    identity.checked = form.identity;
  };
  fill(first);
  return {
    elements,
    fill,
    /** @param {() => void} action */
    onChange: (action) => void (told = action),
    /** @returns {WidgetForm} */
    read: () => ({
      name: name.input.value.trim(),
      color: look.color(),
      position: look.position(),
      header: header.input.value.trim(),
      origins: origins.value(),
      questions: questions.value(),
      files: files.checked,
      identity: identity.checked,
    }),
    spots: () => ({
      "/name": spot(name),
      "/settings/header_text": spot(header),
      "/settings/theme/primaryColor": look.spots.color,
      "/settings/theme/position": look.spots.position,
      ...origins.spots(),
      ...questions.spots(),
    }),
    check: () => ({
      ...(name.input.value.trim() === "" ? { "/name": t("connect_fill") } : {}),
      ...(fullColor(look.color()) === null ? { "/settings/theme/primaryColor": t("widget_color_wrong") } : {}),
      ...questions.check(),
    }),
    labels: {
      name: t("channel_name"), header: t("widget_header"), color: t("widget_color"), position: t("widget_position"), origins: t("widget_origins"),
      questions: t("widget_questions"), files: t("widget_files"), identity: t("widget_identity"),
    },
  };
}

/** @param {string} id @param {string} title @param {Node[]} inside */
function card(id, title, inside) {
  return h("section", { class: "card", "aria-labelledby": id }, [h("h3", { id, text: title }), ...inside]);
}

/** @param {import("../../app/scope.js").Scope} scope @param {string} api_key */
function embedCard(scope, api_key) {
  return card("embed-title", t("widget_embed"), [
    makeCode(scope, "widget-embed", t("widget_embed_code"), embedCode(location.origin, api_key), t("widget_embed_hint")),
    h("details", {}, [
      h("summary", { text: t("widget_embed_more") }),
      makeCode(scope, "widget-identify", t("widget_identify_code"), identifyCode(location.origin, api_key), t("widget_identify_hint")),
    ]),
  ]);
}

/** @param {Context} context @param {Channel} widget */
function deleteCard(context, widget) {
  const { scope, channels: api, notify } = context;
  const remove = h("button", { type: "button", class: "button danger", text: t("widget_delete") });
  const trouble = troubleLine();
  onPress(scope, remove, async () => {
    if (!(await sure(scope, { title: t("widget_delete_title", { name: widget.name }), lead: t("widget_delete_lead"), submit: t("widget_delete"), danger: true }))) return;
    say(trouble, "");
    await attempt(context, async () => {
      await api.removeChannel(widget.id, scope.signal);
      notify(t("widget_deleted"));
      goOn(writeSettings("widgets"));
    }, (words) => say(trouble, words));
  });
  return card("delete-title", t("widget_delete_heading"), [h("p", { class: "field-hint", text: t("widget_delete_hint") }), trouble, h("div", { class: "hook-actions" }, [remove])]);
}
