// What came of connecting an account by consent: where the provider, by way of the server, leads the browser back to.
//
// Guarantees: what is said comes from the server, asked by the install's id; nothing of the address is shown.

import { writeSettings } from "../../app/router.js";
import { Problem } from "../../net/api.js";
import { sentence } from "../../state/channels.js";
import { t } from "../../locale/index.js";
import { h } from "../dom.js";
import { load, pageHead } from "../webhooks/parts.js";

/** @typedef {import("../webhooks/index.js").Context} Context */
/** @typedef {import("../../net/channel-wire.js").Channel} Channel */
/** @typedef {import("../../net/channel-wire.js").Install} Install */

/** In place of an id: the way back was not good, and nothing was done. */
const STALE = "stale";
/** Which colour a state has. */
const STANDINGS = { connected: "enabled", failed: "failing", begun: "pending" };

/**
 * @param {Context} context
 * @param {string} id
 */
export function openInstall(context, id) {
  const head = pageHead(t("install_title"), { href: writeSettings("channels"), label: t("channels_back") });
  context.body.append(head.element);
  if (id === STALE) return draw(context, null, t("install_stale"), []);
  const { channels: api } = context;
  void load(context, async (signal) => {
    try {
      const install = await api.install(id, signal);
      const channels = await Promise.all(install.channel_ids.map((channel) => api.channel(channel, signal)));
      return { install, channels };
    } catch (error) {
      if (error instanceof Problem && [400, 404].includes(error.status)) return null;
      throw error;
    }
  }, (found) => (found === null ? draw(context, null, t("install_gone"), []) : draw(context, found.install, detailOf(found.install), found.channels)));
}

/** @param {Install} install */
function detailOf({ status, detail }) {
  if (status === "begun") return t("install_begun");
  return detail === null ? "" : sentence(detail);
}

/**
 * @param {Context} context
 * @param {Install|null} install
 * @param {string} detail
 * @param {Channel[]} channels
 */
function draw({ body }, install, detail, channels) {
  const status = install?.status ?? "failed";
  const title = install === null || status === "begun" ? "" : t(status === "connected" ? "install_connected" : "install_failed");
  body.append(
    h("p", { class: "hook-state", id: "install-outcome", role: "status", dir: "auto", "data-standing": STANDINGS[status], text: [title, detail].filter((words) => words !== "").join(" ") }),
  );
  if (channels.length > 0) {
    body.append(
      h("section", { class: "card", "aria-labelledby": "install-channels" }, [
        h("h3", { class: "settings-subtitle", id: "install-channels", text: t("install_channels") }),
        h("ul", { class: "account-users" }, channels.map(({ id, name }) => h("li", {}, [h("a", { href: writeSettings("channel", id), dir: "auto", text: name })]))),
      ]),
    );
  }
  const again = status === "connected" ? null : h("a", { class: "button primary", href: writeSettings("channel-new"), text: t("install_again") });
  body.append(h("div", { class: "form-actions" }, [h("a", { class: "button", href: writeSettings("channels"), text: t("install_list") }), again]));
}
