// One channel: how it stands in words, what it can do, what it sends with, and the address to enter at the provider.

import { goOn, writeSettings } from "../../app/router.js";
import { fullTime } from "../../state/format.js";
import { abilitiesOf, kindWords, standingFor, stateWords, troubleOf } from "../../state/channels.js";
import { t } from "../../locale/index.js";
import { h, say, set, show } from "../dom.js";
import { attempt, facts, field, load, once, onPress, pageHead, standingMark, troubleLine } from "../webhooks/parts.js";
import { makeCopy } from "./copy.js";
import { sure } from "./sure.js";

/** @typedef {import("../webhooks/index.js").Context} Context */
/** @typedef {import("../../net/channel-wire.js").Channel} Channel */
/** @typedef {import("../../net/channel-wire.js").Credential} Credential */

const NAME_CHARS_MAX = 200;

/**
 * @param {Context} context
 * @param {string} id
 */
export function openChannel(context, id) {
  const mark = h("span");
  const head = pageHead(t("channels_title"), { href: writeSettings("channels"), label: t("channels_back") }, [mark]);
  context.body.append(head.element);
  const { channels: api } = context;
  const read = async (/** @type {AbortSignal} */ signal) => {
    const [channel, providers] = await Promise.all([api.channel(id, signal), api.providers(signal)]);
    const credential = channel.credential_id === null ? null : await api.credential(channel.credential_id, signal);
    return { channel, providers, credential };
  };
  void load(context, read, (found) => draw(context, { ...found, head, mark }));
}

/**
 * @param {Context} context
 * @param {{channel: Channel, providers: import("../../net/channel-wire.js").Provider[], credential: Credential|null,
 *   head: ReturnType<typeof pageHead>, mark: HTMLElement}} on
 */
function draw(context, { channel, providers, credential, head, mark }) {
  const { scope, body } = context;
  let now = channel;
  const state = h("p", { class: "hook-state", role: "status", dir: "auto" });
  const trouble = troubleLine();
  const actions = makeActions(context, () => now, (after) => render(after), (words) => say(trouble, words));
  /** @param {Channel} after */
  const render = (after) => {
    now = after;
    say(head.heading, after.name);
    mark.replaceChildren(standingMark(standingFor(after.status), stateWords(after.status)));
    say(state, troubleOf(after));
    show(state, after.status !== "connected");
    set(state, "data-standing", after.status === "disconnected" ? "disabled" : "failing");
    actions.render(after);
  };
  /** @type {[string, Node|string][]} */
  const rows = [[t("channel_kind"), kindWords(channel.kind)]];
  if (channel.address !== null) rows.push([t("channel_address"), h("bdi", { text: channel.address })]);
  if (credential !== null) rows.push([t("channel_account"), h("a", { href: writeSettings("credential", credential.id), text: credential.name })]);
  const key = channel.settings["api_key"];
  if (typeof key === "string") rows.push([t("channel_key"), h("code", { text: key })]);
  rows.push([t("channel_since"), fullTime(channel.created_at)]);
  const can = abilitiesOf(providers, channel.kind);
  if (can.length > 0) rows.push([t("channel_can"), h("span", {}, can.flatMap((line, place) => (place === 0 ? [line] : [h("br"), line])))]);
  body.append(state, trouble, actions.element, h("section", { class: "card" }, [facts(rows)]));
  if (credential !== null) body.append(h("section", { class: "card" }, [makeCopy(scope, "channel-webhook", t("hook_address"), credential.webhook_url, t("hook_address_hint"))]));
  body.append(renaming(context, () => now, render));
  render(channel);
}

/**
 * @param {Context} context
 * @param {() => Channel} now
 * @param {(after: Channel) => void} render
 * @param {(words: string) => void} complain
 */
function makeActions(context, now, render, complain) {
  const { scope, channels: api, notify } = context;
  const connect = h("button", { type: "button", class: "button primary", text: t("channel_connect") });
  const disconnect = h("button", { type: "button", class: "button", text: t("channel_disconnect") });
  const remove = h("button", { type: "button", class: "button quiet danger-text", text: t("channel_delete") });
  onPress(scope, connect, () => {
    complain("");
    return attempt(context, async () => {
      render(await api.setConnected(now().id, true, scope.signal));
      notify(t("channel_connected_notice"));
    }, complain);
  });
  onPress(scope, disconnect, async () => {
    if (!(await sure(scope, { title: t("channel_disconnect_title"), lead: t("channel_disconnect_lead"), submit: t("channel_disconnect") }))) return;
    complain("");
    await attempt(context, async () => {
      render(await api.setConnected(now().id, false, scope.signal));
      notify(t("channel_disconnected_notice"));
    }, complain);
  });
  onPress(scope, remove, async () => {
    if (!(await sure(scope, { title: t("channel_delete_title"), lead: t("channel_delete_lead"), submit: t("channel_delete"), danger: true }))) return;
    complain("");
    await attempt(context, async () => {
      await api.removeChannel(now().id, scope.signal);
      notify(t("channel_deleted_notice"));
      goOn(writeSettings("channels"));
    }, complain);
  });
  return {
    element: h("div", { class: "hook-actions", role: "group", "aria-label": t("channel_actions") }, [connect, disconnect, remove]),
    /** @param {Channel} after */
    render(after) {
      show(connect, after.credential_id !== null && after.status !== "connected");
      show(disconnect, after.credential_id !== null && after.status !== "disconnected");
    },
  };
}

/**
 * @param {Context} context
 * @param {() => Channel} now
 * @param {(after: Channel) => void} render
 */
function renaming(context, now, render) {
  const { scope, channels: api, notify } = context;
  const name = field(t("channel_name"), h("input", { id: "channel-name", value: now().name, maxlength: NAME_CHARS_MAX, required: true, autocomplete: "off", dir: "auto" }), t("channel_name_hint"));
  const submit = h("button", { type: "submit", class: "button", text: t("channel_rename") });
  const form = h("form", { class: "settings-form", novalidate: true }, [name.element, h("div", { class: "form-actions" }, [submit])]);
  scope.listen(form, "submit", (event) => {
    event.preventDefault();
    void once(submit, async () => {
      name.complain(name.input.value.trim() === "" ? t("connect_fill") : "");
      if (name.input.value.trim() === "") return name.input.focus();
      await attempt(context, async () => {
        render(await api.updateChannel(now(), { name: name.input.value.trim() }, scope.signal));
        notify(t("channel_renamed_notice"));
      }, (words) => name.complain(words));
    });
  });
  return form;
}
