// The list of webhooks.

import { writeSettings } from "../../app/router.js";
import { eventsWords, hookName, standingOf } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { emptyState } from "../parts.js";
import { settingsBack } from "../settings/nav.js";
import { load, pageHead, standingMark } from "./parts.js";

/** @param {import("./index.js").Context} context */
export function openList(context) {
  const make = h("a", { class: "button primary", href: writeSettings("new") }, [icon("plus"), h("span", { text: t("webhooks_new") })]);
  const head = pageHead(t("webhooks_title"), settingsBack(), [make]);
  context.body.append(head.element, h("p", { class: "settings-lead", text: t("webhooks_lead") }));
  void load(context, (signal) => context.api.list(signal), (hooks) => {
    context.heard({ type: "webhooks_loaded", webhooks: hooks });
    if (hooks.length === 0) context.body.append(emptyState("webhook", t("webhooks_empty_title"), t("webhooks_empty_hint")));
    else context.body.append(h("ul", { class: "hooks" }, hooks.map(rowOf)));
  });
}

/** @param {import("../../net/webhook-wire.js").Webhook} hook */
function rowOf(hook) {
  const standing = standingOf(hook);
  return h("li", {}, [
    h("a", { class: "hook-row", href: writeSettings("webhook", hook.id), "data-id": hook.id }, [
      h("span", { class: "hook-row-top" }, [
        h("span", { class: "hook-name", dir: "auto", text: hookName(hook) }),
        standingMark(standing, t(`hook_standing_${standing}`)),
      ]),
      h("span", { class: "hook-url", dir: "ltr", text: hook.url }),
      h("span", { class: "hook-events", dir: "auto", text: eventsWords(hook.events) }),
    ]),
  ]);
}
