// The widgets of the workspace, and making another one.

import { goOn, writeSettings } from "../../app/router.js";
import { settingsOf } from "../../state/widget.js";
import { t } from "../../locale/index.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { emptyState } from "../parts.js";
import { makeEdit, spot } from "../settings/edit.js";
import { settingsBack } from "../settings/nav.js";
import { field, load, pageHead } from "../webhooks/parts.js";

/** @typedef {import("../webhooks/index.js").Context} Context */
/** @typedef {import("../../net/channel-wire.js").Channel} Channel */

const NAME_CHARS_MAX = 200;
/** How many origins a row names. */
const NAMED_MAX = 2;

/** @param {Context} context */
export function openWidgets(context) {
  const make = h("a", { class: "button primary", href: writeSettings("widget-new") }, [icon("plus"), h("span", { text: t("widget_new") })]);
  context.body.append(pageHead(t("widgets_title"), settingsBack(), [make]).element, h("p", { class: "settings-lead", text: t("widgets_lead") }));
  void load(context, (signal) => context.channels.channels(signal), (channels) => {
    const widgets = channels.filter(({ kind }) => kind === "widget");
    if (widgets.length === 0) context.body.append(emptyState("open", t("widgets_empty_title"), t("widgets_empty_hint")));
    else context.body.append(h("ul", { class: "hooks" }, widgets.map(widgetRow)));
  });
}

/** @param {Channel} widget */
function widgetRow(widget) {
  const origins = settingsOf(widget).allowed_origins;
  const named = origins.slice(0, NAMED_MAX).map((origin) => origin.replace(/^https?:\/\//, "")).join(", ");
  const where = origins.length === 0 ? t("widget_anywhere") : origins.length <= NAMED_MAX ? named : t("widget_origins_more", { named, count: origins.length - NAMED_MAX });
  return h("li", {}, [
    h("a", { class: "hook-row", href: writeSettings("widget", widget.id), "data-id": widget.id }, [
      h("span", { class: "hook-name", dir: "auto", text: widget.name }),
      h("span", { class: "hook-events", dir: "auto", text: where }),
    ]),
  ]);
}

/** @param {Context} context */
export function openNewWidget(context) {
  const { scope, channels: api, body } = context;
  const back = { href: writeSettings("widgets"), label: t("widgets_back") };
  const name = field(t("channel_name"), h("input", { id: "widget-name", maxlength: NAME_CHARS_MAX, required: true, autocomplete: "off", dir: "auto" }), t("widget_name_hint"));
  const edit = makeEdit(context, {
    elements: [name.element],
    spots: () => ({ "/name": spot(name) }),
    check: () => (name.input.value.trim() === "" ? { "/name": t("connect_fill") } : {}),
    beside: [h("a", { class: "button", href: back.href, text: t("settings_cancel") })],
    submit: t("widget_make"),
    send: async () => {
      const made = await api.createChannel({ kind: "widget", name: name.input.value.trim() }, scope.signal);
      goOn(writeSettings("widget", made.id));
    },
  });
  body.append(pageHead(t("widget_new"), back).element, h("p", { class: "settings-lead", text: t("widget_new_lead") }), edit.form);
}
