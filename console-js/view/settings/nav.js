// The way through the settings: beside their pages, and on a phone as their first page.

import { writePlace, writeSettings } from "../../app/router.js";
import { areasFor } from "../../state/permissions.js";
import { t } from "../../locale/index.js";
import { h, set } from "../dom.js";
import { icon } from "../icons.js";

/** @typedef {import("../../state/permissions.js").Area} Area */

/** @type {Record<Area, {page: import("../../app/router.js").SettingsPlace["page"], icon: import("../icons.js").IconName, title: import("../../locale/index.js").Key, hint: import("../../locale/index.js").Key}>} */
const LINKS = {
  account: { page: "account", icon: "mine", title: "account_title", hint: "account_hint" },
  canned: { page: "canned", icon: "canned", title: "canned_title", hint: "canned_hint" },
  labels: { page: "labels", icon: "label", title: "labels_title", hint: "labels_hint" },
  macros: { page: "macros", icon: "macro", title: "macros_title", hint: "macros_hint" },
  views: { page: "views", icon: "save", title: "views_title", hint: "views_hint" },
  widgets: { page: "widgets", icon: "open", title: "widgets_title", hint: "widgets_hint" },
  channels: { page: "channels", icon: "channels", title: "channels_title", hint: "area_channels_hint" },
  webhooks: { page: "list", icon: "webhook", title: "webhooks_title", hint: "area_webhooks_hint" },
  members: { page: "members", icon: "members", title: "members_title", hint: "members_hint" },
  teams: { page: "teams", icon: "members", title: "teams_title", hint: "teams_hint" },
  routing: { page: "routing", icon: "routing", title: "routing_title", hint: "routing_hint" },
  tokens: { page: "tokens", icon: "key", title: "tokens_title", hint: "tokens_hint" },
  workspace: { page: "workspace", icon: "building", title: "workspace_title", hint: "workspace_hint" },
  audit: { page: "audit", icon: "log", title: "audit_title", hint: "audit_hint" },
};

/** @param {string} role */
export function makeNav(role) {
  const areas = areasFor(role);
  const inbox = h("a", { class: "settings-back" }, [icon("back"), h("span", { text: t("settings_inbox") })]);
  const links = areas.map((area) => h("a", { class: "settings-link", href: writeSettings(LINKS[area].page), "data-view": area }, [icon(LINKS[area].icon), h("span", { text: t(LINKS[area].title) })]));
  return {
    element: h("nav", { class: "settings-nav", "aria-label": t("settings_label") }, [inbox, ...links]),
    /** @param {Area|null} area @param {import("../../state/views.js").ViewName} view where the inbox was left */
    render(area, view) {
      set(inbox, "href", writePlace({ view, id: null }));
      for (const link of links) set(link, "aria-current", link.dataset["view"] === area ? "page" : null);
    },
  };
}

/** The settings' first page. @param {import("../webhooks/index.js").Context} context */
export function openHome({ body, desk }) {
  const rows = areasFor(desk.session.agent.role).map((area) =>
    h("li", {}, [
      h("a", { class: "home-row", href: writeSettings(LINKS[area].page), "data-area": area }, [
        h("span", { class: "home-icon" }, [icon(LINKS[area].icon)]),
        h("span", { class: "home-text" }, [h("span", { class: "home-title", text: t(LINKS[area].title) }), h("span", { class: "home-hint", text: t(LINKS[area].hint) })]),
      ]),
    ]),
  );
  body.append(
    h("header", { class: "settings-head" }, [h("div", { class: "settings-title" }, [h("h2", { tabindex: "-1", text: t("settings_label") })])]),
    h("ul", { class: "home-rows" }, rows),
  );
}

/** The way back from the first page of a part, for phones: elsewhere the way stands beside the page. */
export function settingsBack() {
  return { href: writeSettings("home"), label: t("settings_label"), top: true };
}
