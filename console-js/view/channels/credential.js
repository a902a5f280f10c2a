// One account at a provider: whether it works, its secrets by their ends, and changing them without a gap.
//
// Guarantees: a value that was entered leaves the page as soon as the server has it.

import { goOn, writeSettings } from "../../app/router.js";
import { fullTime } from "../../state/format.js";
import { fieldsOf, inLines, kindWords, providerWords, sentence, standingFor, stateWords } from "../../state/channels.js";
import { t } from "../../locale/index.js";
import { h, say, set, show } from "../dom.js";
import { attempt, field, load, once, onPress, pageHead, standingMark, troubleLine } from "../webhooks/parts.js";
import { makeCopy } from "./copy.js";
import { sure } from "./sure.js";

/** @typedef {import("../webhooks/index.js").Context} Context */
/** @typedef {import("../../net/channel-wire.js").Credential} Credential */
/** @typedef {import("../../net/channel-wire.js").CredentialField} CredentialField */

/**
 * @param {Context} context
 * @param {string} id
 */
export function openCredential(context, id) {
  const mark = h("span");
  const head = pageHead(t("channels_accounts"), { href: writeSettings("channels"), label: t("channels_back") }, [mark]);
  context.body.append(head.element);
  const { channels: api } = context;
  const read = (/** @type {AbortSignal} */ signal) => Promise.all([api.credential(id, signal), api.providers(signal), api.channels(signal)]);
  void load(context, read, ([credential, providers, channels]) => {
    const users = channels.filter((channel) => channel.credential_id === id);
    draw(context, { credential, fields: fieldsOf(providers, credential), users, head, mark });
  });
}

/**
 * @param {Context} context
 * @param {{credential: Credential, fields: CredentialField[], users: import("../../net/channel-wire.js").Channel[],
 *   head: ReturnType<typeof pageHead>, mark: HTMLElement}} on
 */
function draw(context, { credential, fields, users, head, mark }) {
  const { scope, channels: api, body, notify } = context;
  const { id } = credential;
  const lead = h("p", { class: "settings-lead", dir: "auto" });
  const state = h("p", { class: "hook-state", role: "status", dir: "auto" });
  const trouble = troubleLine();
  const said = h("p", { class: "panel-said", role: "status" });
  const complain = (/** @type {string} */ words) => say(trouble, words);
  const check = h("button", { type: "button", class: "button", text: t("account_check") });
  const remove = h("button", { type: "button", class: "button quiet danger-text", text: t("account_delete") });
  const rows = fields.map((one) => makeField(context, id, one, { reread: () => reread(), complain }));

  /** @param {Credential} now */
  const render = (now) => {
    say(head.heading, now.name);
    mark.replaceChildren(standingMark(standingFor(now.status), stateWords(now.status)));
    const asked = now.checked_at === null ? t("account_never_checked") : t("account_checked_at", { at: fullTime(now.checked_at) });
    say(lead, `${providerWords(now)}. ${asked}`);
    say(state, now.status_detail === null ? "" : sentence(now.status_detail));
    show(state, now.status_detail !== null);
    for (const row of rows) row.render(now);
  };
  const reread = async () => render(await api.credential(id, scope.signal));

  onPress(scope, check, async () => {
    complain("");
    say(said, t("connect_checking"));
    await attempt(context, async () => {
      const checked = await api.check(id, scope.signal);
      await reread();
      say(said, checked.ok ? [t("account_check_ok"), ...checked.accounts.map(({ name, address }) => `${name} (${address})`)].join(" ") : "");
      if (!checked.ok) complain(checked.detail ?? "");
    }, (words) => {
      say(said, "");
      complain(words);
    });
  });
  onPress(scope, remove, async () => {
    if (!(await sure(scope, { title: t("account_delete_title"), lead: t("account_delete_lead"), submit: t("account_delete"), danger: true }))) return;
    complain("");
    await attempt(context, async () => {
      await api.removeCredential(id, scope.signal);
      notify(t("account_deleted_notice"));
      goOn(writeSettings("channels"));
    }, complain);
  });
  body.append(
    lead,
    state,
    h("div", { class: "hook-actions" }, [check, remove]),
    trouble,
    said,
    h("section", { class: "card" }, [makeCopy(scope, "credential-webhook", t("hook_address"), credential.webhook_url, t("hook_address_hint"))]),
    h("section", { class: "card", "aria-labelledby": "secrets-title" }, [
      h("h3", { id: "secrets-title", text: t("account_secrets") }),
      h("p", { class: "field-hint", text: t("account_secrets_hint") }),
      h("ul", { class: "secret-rows" }, rows.map(({ element }) => element)),
    ]),
  );
  if (users.length > 0) {
    body.append(h("section", { class: "card" }, [
      h("h3", { text: t("account_channels") }),
      h("ul", { class: "account-users" }, users.map((channel) => h("li", {}, [h("a", { href: writeSettings("channel", channel.id), text: channel.name }), ` · ${kindWords(channel.kind)}`]))),
    ]));
  }
  render(credential);
}

/**
 * One field: its living values, and a form that opens for another one.
 * @param {Context} context
 * @param {string} id
 * @param {CredentialField} one
 * @param {{reread: () => Promise<void>, complain: (words: string) => void}} on
 */
function makeField(context, id, one, { reread, complain }) {
  const { scope, channels: api, notify } = context;
  const living = h("ul", { class: "living" });
  const opener = h("button", { type: "button", class: "button", "aria-expanded": "false" });
  const plain = { id: `secret-${one.name}`, autocomplete: one.secret ? "new-password" : "off", spellcheck: "false", dir: "ltr" };
  const input = inLines(one) ? h("textarea", { ...plain, rows: 3 }) : h("input", { ...plain, type: one.secret ? "password" : "text" });
  const value = field(t("account_value", { label: one.label }), input, one.hint);
  const submit = h("button", { type: "submit", class: "button primary", text: t("account_save") });
  const form = h("form", { class: "panel-form", novalidate: true, hidden: true }, [value.element, h("div", { class: "form-actions" }, [submit])]);
  const open = (/** @type {boolean} */ on) => {
    show(form, on);
    set(opener, "aria-expanded", on ? "true" : "false");
    value.input.value = "";
    value.complain("");
    if (on) value.input.focus();
  };
  scope.listen(opener, "click", () => open(form.hidden === true));
  scope.listen(form, "submit", (event) => {
    event.preventDefault();
    void once(submit, async () => {
      value.complain(value.input.value.trim() === "" ? t("connect_fill") : "");
      if (value.input.value.trim() === "") return value.input.focus();
      await attempt(context, async () => {
        await api.addSecret(id, one.name, value.input.value, scope.signal);
        open(false);
        notify(t("account_saved_notice"));
        await reread();
      }, (words) => value.complain(words));
    });
  });
  /** @param {string} secret_id */
  const end = async (secret_id) => {
    if (!(await sure(scope, { title: t("account_end_title"), lead: t("account_end_lead"), submit: t("account_end"), danger: true }))) return;
    complain("");
    await attempt(context, async () => {
      await api.endSecret(id, one.name, secret_id, scope.signal);
      notify(t("account_ended_notice"));
      await reread();
    }, complain);
  };
  let drawn = scope.child();
  return {
    element: h("li", { class: "secret-row", "data-name": one.name }, [
      h("div", { class: "secret-row-top" }, [h("span", { class: "secret-label", text: one.label }), opener]),
      living,
      form,
    ]),
    /** @param {Credential} now */
    render(now) {
      drawn.stop();
      const own = (drawn = scope.child());
      const values = now.secrets[one.name]?.living ?? [];
      say(opener, t(values.length === 0 ? "account_set" : one.verifies ? "account_add_verifying" : "account_replace"));
      const may_end = values.length > 1 || !one.required;
      living.replaceChildren(...(values.length === 0 ? [h("li", { class: "field-hint", text: t("account_unset") })] : values.map((living_one) => {
        const button = h("button", { type: "button", class: "button quiet danger-text", text: t("account_end"), "aria-label": t("account_end_label", { label: one.label, hint: living_one.hint }), hidden: !may_end });
        onPress(own, button, () => end(living_one.id));
        return h("li", {}, [h("code", { dir: "ltr", text: living_one.hint }), h("span", { class: "field-hint", text: t("account_added_at", { at: fullTime(living_one.created_at) }) }), button]);
      })));
    },
  };
}
