// The list of channels, each with how it stands, and of the accounts behind them.

import { writeSettings } from "../../app/router.js";
import { kindWords, providerWords, sentence, standingFor, stateWords, troubleOf } from "../../state/channels.js";
import { t } from "../../locale/index.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { settingsBack } from "../settings/nav.js";
import { load, pageHead, standingMark } from "../webhooks/parts.js";

/** @typedef {import("../../net/channel-wire.js").Channel} Channel */
/** @typedef {import("../../net/channel-wire.js").Credential} Credential */

/** @param {import("../webhooks/index.js").Context} context */
export function openChannels(context) {
  const make = h("a", { class: "button primary", href: writeSettings("channel-new") }, [icon("plus"), h("span", { text: t("channels_new") })]);
  const head = pageHead(t("channels_title"), settingsBack(), [make]);
  context.body.append(head.element, h("p", { class: "settings-lead", text: t("channels_lead") }));
  const { channels: api } = context;
  void load(context, (signal) => Promise.all([api.channels(signal), api.credentials(signal)]), ([channels, credentials]) => {
    context.body.append(h("ul", { class: "hooks channels-list" }, channels.map(channelRow)));
    if (credentials.length === 0) return;
    context.body.append(
      h("section", { class: "accounts", "aria-labelledby": "accounts-title" }, [
        h("h3", { class: "settings-subtitle", id: "accounts-title", text: t("channels_accounts") }),
        h("p", { class: "field-hint", text: t("channels_accounts_hint") }),
        h("ul", { class: "hooks" }, credentials.map((credential) => accountRow(credential, channels.filter(({ credential_id: id }) => id === credential.id)))),
      ]),
    );
  });
}

/** @param {Channel} channel */
function channelRow(channel) {
  const trouble = troubleOf(channel);
  return h("li", {}, [
    h("a", { class: "hook-row", href: writeSettings(channel.kind === "widget" ? "widget" : "channel", channel.id), "data-id": channel.id }, [
      h("span", { class: "hook-row-top" }, [
        h("span", { class: "hook-name", dir: "auto", text: channel.name }),
        standingMark(standingFor(channel.status), stateWords(channel.status)),
      ]),
      h("span", { class: "hook-events" }, [kindWords(channel.kind), channel.address === null ? null : " · ", channel.address === null ? null : h("bdi", { text: channel.address })]),
      trouble === "" ? null : h("span", { class: "channel-trouble", dir: "auto", text: trouble }),
    ]),
  ]);
}

/** @param {Credential} credential @param {Channel[]} users */
function accountRow(credential, users) {
  return h("li", {}, [
    h("a", { class: "hook-row", href: writeSettings("credential", credential.id), "data-id": credential.id }, [
      h("span", { class: "hook-row-top" }, [
        h("span", { class: "hook-name", dir: "auto", text: credential.name }),
        standingMark(standingFor(credential.status), stateWords(credential.status)),
      ]),
      h("span", { class: "hook-events", dir: "auto", text: [providerWords(credential), users.length === 0 ? t("channels_unused") : users.map(({ name }) => name).join(", ")].join(" · ") }),
      credential.status_detail === null ? null : h("span", { class: "channel-trouble", dir: "auto", text: sentence(credential.status_detail) }),
    ]),
  ]);
}
