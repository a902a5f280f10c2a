// The settings: which of their pages is on the screen, and what one page leaves for the next.
//
// Guarantees: one page at a time; leaving it stops its requests, timers and listeners. A secret that was just made is handed to the page
// that shows it and kept nowhere else. Start reading here, then list.js, form.js, page.js and delivery.js, and in view/settings/ what the
// other parts are made of.

import { ChannelsApi } from "../../net/channels.js";
import { SettingsApi } from "../../net/settings.js";
import { WebhooksApi } from "../../net/webhooks.js";
import { areaOf } from "../../state/permissions.js";
import { t } from "../../locale/index.js";
import { openChannel } from "../channels/channel.js";
import { openConnect } from "../channels/connect.js";
import { openCredential } from "../channels/credential.js";
import { openInstall } from "../channels/install.js";
import { openChannels } from "../channels/list.js";
import { h, show } from "../dom.js";
import { openArea } from "../settings/index.js";
import { makeNav } from "../settings/nav.js";
import { openDelivery } from "./delivery.js";
import { openForm } from "./form.js";
import { openList } from "./list.js";
import { openWebhook } from "./page.js";

/** @typedef {Extract<import("../../state/model.js").Action, {type: "webhooks_loaded"|"webhook_loaded"|"webhook_removed"}>} Heard */
/** @typedef {{secret: string, previous_secret_until: string|null, rotated: boolean}} FreshSecret */
/**
 * What a page stands on. `heard` is told what was read of webhooks, so that the inbox knows; `kept` outlives the page: secrets and tokens (by id) to
 * show, and the filter of each webhook's deliveries.
 * @typedef {{scope: import("../../app/scope.js").Scope, desk: import("../../app/desk.js").Desk, api: WebhooksApi, channels: ChannelsApi, settings: SettingsApi,
 *   body: HTMLElement, notify: (text: string) => void, heard: (action: Heard) => void,
 *   kept: {secrets: Map<string, FreshSecret>, tokens: Map<string, string>, filters: Map<string, {status: string, event: string}>}}} Context
 */

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {import("../../app/desk.js").Desk} desk
 * @param {(text: string) => void} notify
 */
export function makeSettings(scope, desk, notify) {
  const element = h("section", { class: "settings", "aria-label": t("settings_label"), hidden: true });
  const api = new WebhooksApi(desk.api);
  const channels = new ChannelsApi(desk.api);
  const settings = new SettingsApi(desk.api, desk.session.workspace_id);
  const nav = makeNav(desk.session.agent.role);
  const kept = { secrets: new Map(), tokens: new Map(), filters: new Map() };
  /** @type {import("../../app/scope.js").Scope|null} */
  let page = null;

  return {
    element,
    get open() {
      return page !== null;
    },
    /** @param {import("../../app/router.js").SettingsPlace} place */
    show(place) {
      page?.stop();
      page = scope.child();
      const body = h("div", { class: "settings-page", "data-page": place.page });
      nav.render(areaOf(place.page), desk.store.get().list.view);
      element.replaceChildren(nav.element, body);
      element.scrollTop = 0;
      show(element, true);
      const context = { scope: page, desk, api, channels, settings, body, notify, kept, heard: desk.store.dispatch };
      openPage(context, place);
      body.querySelector("h2")?.focus();
    },
    hide() {
      page?.stop();
      page = null;
      show(element, false);
      element.replaceChildren();
    },
  };
}

/**
 * @param {Context} context
 * @param {import("../../app/router.js").SettingsPlace} place
 */
function openPage(context, place) {
  switch (place.page) {
    case "list":
      return openList(context);
    case "new":
    case "edit":
      return openForm(context, place.id);
    case "webhook":
      return openWebhook(context, place.id);
    case "delivery":
      return openDelivery(context, place.id, place.delivery_id);
    case "channels":
      return openChannels(context);
    case "channel-new":
      return openConnect(context);
    case "channel":
      return openChannel(context, place.id);
    case "credential":
      return openCredential(context, place.id);
    case "install":
      return openInstall(context, place.id);
    default:
      return openArea(context, place);
  }
}
