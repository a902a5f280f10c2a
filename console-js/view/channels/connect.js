// Connecting a channel, step by step: what, with which account, and which of its numbers, pages or teams.
//
// Guarantees: a step opens when the one before is done; what the server or the provider refuses stands at its field or below the step, in
// their words. Secrets are read from their fields once and kept nowhere.

import { goOn, writeSettings } from "../../app/router.js";
import { Problem } from "../../net/api.js";
import { addressHint, choicesOf, consentOf, credentialBody, fieldsOf, inLines, kindWords, providerWords } from "../../state/channels.js";
import { complaintsOf, pointerTo } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { h, say, show } from "../dom.js";
import { fillSelect } from "../parts.js";
import { attempt, choice as box, field, load, once, onPress, pageHead, troubleLine } from "../webhooks/parts.js";

/** @typedef {import("../webhooks/index.js").Context} Context */
/** @typedef {import("../../net/channel-wire.js").Provider} Provider */
/** @typedef {import("../../net/channel-wire.js").Credential} Credential */
/** @typedef {import("../../net/channel-wire.js").FoundAccount} FoundAccount */
/** @typedef {import("../../state/channels.js").Choice} Choice */

const NAME_CHARS_MAX = 200;
const NEW = "new";
const OTHER = "other";

/** @param {Context} context */
export function openConnect(context) {
  const head = pageHead(t("connect_title"), { href: writeSettings("channels"), label: t("channels_back") });
  context.body.append(head.element);
  const { channels: api } = context;
  void load(context, (signal) => Promise.all([api.providers(signal), api.credentials(signal)]), ([providers, credentials]) => draw(context, providers, credentials));
}

/**
 * @param {Context} context
 * @param {Provider[]} providers
 * @param {Credential[]} credentials
 */
function draw(context, providers, credentials) {
  const choices = choicesOf(providers);
  const kind = h("select", { id: "connect-kind" });
  fillSelect(kind, [{ value: "", label: t("connect_choose") }, ...choices.map(({ label }, place) => ({ value: String(place), label }))], "");
  const place = h("div", { class: "connect-steps" });
  let step = context.scope.child();
  context.scope.listen(kind, "change", () => {
    step.stop();
    place.replaceChildren();
    const chosen = choices[Number(kind.value)];
    if (kind.value === "" || !chosen) return;
    step = context.scope.child();
    const own = credentials.filter(({ provider, vendor }) => provider === chosen.provider && vendor === chosen.vendor);
    const consent = consentOf(providers, chosen);
    if (consent !== null) place.append(consentStep(chosen, consent));
    place.append(accountStep({ ...context, scope: step }, { providers, chosen, own }, (credential, found) => {
      place.replaceChildren(addressStep({ ...context, scope: step }, { chosen, credential, found }));
      place.querySelector("select, input")?.scrollIntoView({ block: "nearest" });
    }));
  });
  context.body.append(h("div", { class: "settings-form" }, [field(t("connect_kind"), kind).element, place]));
}

/**
 * The way by consent: the browser goes to the provider, and comes back to the page of what came of it.
 * @param {Choice} chosen
 * @param {string} path
 */
function consentStep(chosen, path) {
  return h("section", { class: "connect-consent" }, [
    h("a", { class: "button primary", id: "connect-consent", href: path, text: t("connect_consent", { provider: kindWords(chosen.kind) }) }),
    h("p", { class: "field-hint", text: t("connect_consent_hint", { provider: kindWords(chosen.kind) }) }),
    h("p", { class: "quiet-line", text: t("connect_by_hand") }),
  ]);
}

/**
 * @param {Context} context
 * @param {{providers: Provider[], chosen: Choice, own: Credential[]}} on
 * @param {(credential: Credential, found: FoundAccount[]) => void} on_done
 */
function accountStep(context, { providers, chosen, own }, on_done) {
  const { scope, channels: api } = context;
  const account = h("select", { id: "connect-account" });
  fillSelect(account, [...own.map(({ id, name }) => ({ value: id, label: name })), { value: NEW, label: t("connect_account_new") }], own[0]?.id ?? NEW);
  const fresh = freshAccount(providers, chosen);
  const submit = h("button", { type: "submit", class: "button primary", text: t("connect_check") });
  const without = h("button", { type: "button", class: "button quiet", text: t("connect_without"), hidden: true });
  const trouble = troubleLine();
  const said = h("p", { class: "panel-said", role: "status" });
  const form = h("form", { class: "settings-form", novalidate: true }, [
    own.length === 0 ? null : field(t("connect_account"), account).element,
    fresh.element,
    trouble,
    said,
    h("div", { class: "form-actions" }, [without, submit]),
  ]);
  const reveal = () => show(fresh.element, account.value === NEW);
  reveal();
  scope.listen(account, "change", reveal);

  /** @param {boolean} check */
  const send = async (check) => {
    say(trouble, "");
    show(without, false);
    const known = own.find(({ id }) => id === account.value);
    if (!known && !fresh.calm()) return say(trouble, t("form_trouble"));
    say(said, check ? t("connect_checking") : "");
    await attempt(context, async () => {
      if (known) {
        const checked = await api.check(known.id, scope.signal);
        if (!checked.ok) return say(trouble, checked.detail ?? "");
        return on_done(known, checked.accounts);
      }
      const { accounts, ...made } = await api.createCredential(credentialBody(chosen, fresh.name(), fresh.values(), check), scope.signal);
      on_done(made, accounts);
    }, (words, error) => {
      if (!(error instanceof Problem) || error.errors.length === 0) {
        // The provider's own words are in the detail; who knows better may go on without asking it.
        show(without, error instanceof Problem && ["credential_refused", "provider_unreachable"].includes(error.code));
        return say(trouble, words);
      }
      const { rest } = fresh.complain(error);
      say(trouble, [t("form_trouble"), ...rest].join(" "));
    });
    say(said, "");
  };
  scope.listen(form, "submit", (event) => {
    event.preventDefault();
    void once(submit, () => send(true));
  });
  onPress(scope, without, () => send(false));
  return form;
}

/**
 * The fields of a new account.
 * @param {Provider[]} providers
 * @param {Choice} chosen
 */
function freshAccount(providers, chosen) {
  const name = field(t("connect_account_name"), h("input", { id: "account-name", value: providerWords(chosen), maxlength: NAME_CHARS_MAX, required: true, autocomplete: "off", dir: "auto" }), t("connect_account_name_hint"));
  const asked = fieldsOf(providers, chosen).map((one) => {
    const id = `account-${one.name}`;
    const plain = { id, required: one.required, autocomplete: "off", spellcheck: "false", dir: "ltr" };
    const input = inLines(one) ? h("textarea", { ...plain, rows: 3 }) : h("input", { ...plain, type: one.secret ? "password" : "text", ...(one.secret ? { autocomplete: "new-password" } : {}) });
    return { one, at: field(one.required ? one.label : t("connect_optional", { label: one.label }), input, one.hint) };
  });
  const element = h("fieldset", { class: "connect-fields" }, [h("legend", { text: t("connect_fields") }), name.element, ...asked.map(({ at }) => at.element)]);
  /** @type {Record<string, typeof name>} */
  const by_pointer = { "/name": name, ...Object.fromEntries(asked.map(({ one, at }) => [pointerTo("/secrets", one.name), at])) };
  /** @param {Record<string, string>} complaints */
  const mark = (complaints) => {
    for (const [pointer, one] of Object.entries(by_pointer)) one.complain(complaints[pointer] ?? "");
    Object.values(by_pointer).find(({ input }) => input.getAttribute("aria-invalid") === "true")?.input.focus();
  };
  return {
    element,
    name: () => name.input.value,
    values: () => Object.fromEntries(asked.map(({ one, at }) => [one.name, at.input.value])),
    calm() {
      const empty = Object.entries(by_pointer).filter(([, { input }]) => input.required && input.value.trim() === "");
      mark(Object.fromEntries(empty.map(([pointer]) => [pointer, t("connect_fill")])));
      return empty.length === 0;
    },
    /** @param {Problem} problem */
    complain(problem) {
      const complaints = complaintsOf(problem, Object.keys(by_pointer));
      mark(complaints.byField);
      return complaints;
    },
  };
}

/**
 * @param {Context} context
 * @param {{chosen: Choice, credential: Credential, found: FoundAccount[]}} on
 */
function addressStep(context, { chosen, credential, found }) {
  const { scope, channels: api, notify } = context;
  const radios = found.map(({ address, name }, place) => {
    const input = h("input", { type: "radio", name: "connect-address", id: `address-${place}`, value: address });
    input.checked = place === 0;
    return { input, element: box(input, name === address ? address : `${name} · ${address}`) };
  });
  const other = h("input", { type: "radio", name: "connect-address", id: "address-other", value: OTHER });
  other.checked = found.length === 0;
  const typed = field(t("connect_address_label"), h("input", { id: "connect-address", maxlength: NAME_CHARS_MAX, autocomplete: "off", spellcheck: "false", dir: "ltr" }), addressHint(chosen.kind));
  const name = field(t("channel_name"), h("input", { id: "connect-name", value: found[0]?.name ?? kindWords(chosen.kind), maxlength: NAME_CHARS_MAX, autocomplete: "off", dir: "auto" }), t("channel_name_hint"));
  const submit = h("button", { type: "submit", class: "button primary", text: t("connect_submit") });
  const trouble = troubleLine();
  const form = h("form", { class: "settings-form", novalidate: true }, [
    h("p", { class: "panel-said", role: "status", text: t("connect_checked"), hidden: credential.status === "unchecked" }),
    h("fieldset", {}, [h("legend", { text: t("connect_address") }), ...radios.map(({ element }) => element), found.length === 0 ? null : box(other, t("connect_address_other"))]),
    typed.element,
    name.element,
    trouble,
    h("div", { class: "form-actions" }, [h("a", { class: "button", href: writeSettings("channels"), text: t("settings_cancel") }), submit]),
  ]);
  const reveal = () => {
    show(typed.element, other.checked);
    const chosen_one = found.find(({ address }) => radios.some(({ input }) => input.checked && input.value === address));
    if (chosen_one && found.some((one) => one.name === name.input.value)) name.input.value = chosen_one.name;
  };
  reveal();
  scope.listen(form, "change", reveal);
  scope.listen(form, "submit", (event) => {
    event.preventDefault();
    void once(submit, async () => {
      say(trouble, "");
      const picked = radios.find(({ input }) => input.checked)?.input.value;
      const address = other.checked ? typed.input.value.trim() : (picked ?? "");
      typed.complain(address === "" ? t("connect_fill") : "");
      if (address === "") return typed.input.focus();
      await attempt(context, async () => {
        const made = await api.createChannel({ kind: chosen.kind, name: name.input.value.trim(), address, credential_id: credential.id }, scope.signal);
        notify(t("connect_done"));
        goOn(writeSettings("channel", made.id));
      }, (words, error) => {
        if (!(error instanceof Problem) || error.errors.length === 0) return say(trouble, words);
        const { byField, rest } = complaintsOf(error, ["/address", "/name"]);
        typed.complain(byField["/address"] ?? "");
        name.complain(byField["/name"] ?? "");
        say(trouble, [t("form_trouble"), ...rest].join(" "));
      });
    });
  });
  return form;
}
