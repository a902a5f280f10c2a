// Making a token, and with it the service account that it speaks for.
//
// Guarantees: only what the member may do themselves can be given; the token is handed to its page, which shows it once, and not kept here.

import { goOn, writeSettings } from "../../app/router.js";
import { may } from "../../state/permissions.js";
import { EXPIRY_DAYS, EXPIRY_DAYS_USUAL, scopeGroups, scopeWords, tokenBody } from "../../state/tokens.js";
import { t } from "../../locale/index.js";
import { h } from "../dom.js";
import { fillSelect } from "../parts.js";
import { groupSpot, makeEdit, spot } from "../settings/edit.js";
import { choice, field, pageHead } from "../webhooks/parts.js";

/** @typedef {import("../webhooks/index.js").Context} Context */

const NAME_CHARS_MAX = 200;

/** @param {Context} context */
export function openNewToken(context) {
  const { scope, settings: api, kept, desk, body } = context;
  const back = { href: writeSettings("tokens"), label: t("tokens_back") };
  const name = field(t("token_name"), h("input", { id: "token-name", maxlength: NAME_CHARS_MAX, required: true, autocomplete: "off", dir: "auto" }), t("token_name_hint"));
  const days = field(t("token_days"), h("select", { id: "token-days" }), t("token_days_hint"));
  if (days.input instanceof HTMLSelectElement) fillSelect(days.input, EXPIRY_DAYS.map((count) => ({ value: String(count), label: count === 0 ? t("token_days_never") : t("token_days_count", { count }) })), String(EXPIRY_DAYS_USUAL));
  const scopes = makeScopes(desk.session.agent.role);
  const edit = makeEdit(context, {
    elements: [name.element, scopes.element, days.element],
    spots: () => ({ "/name": spot(name), "/scopes": scopes.spot, "/expires_in_days": spot(days) }),
    check: () => ({
      ...(name.input.value.trim() === "" ? { "/name": t("connect_fill") } : {}),
      ...(scopes.value().length === 0 ? { "/scopes": t("token_scopes_none") } : {}),
    }),
    beside: [h("a", { class: "button", href: back.href, text: t("settings_cancel") })],
    submit: t("token_make"),
    send: async () => {
      const made = await api.createToken(tokenBody({ name: name.input.value, scopes: scopes.value(), days: Number(days.input.value) }), scope.signal);
      kept.tokens.set(made.id, made.token);
      goOn(writeSettings("token", made.id));
    },
  });
  body.append(pageHead(t("token_new"), back).element, h("p", { class: "settings-lead", text: t("token_new_lead") }), edit.form);
}

/** The permissions to choose from. @param {string} role */
function makeScopes(role) {
  const trouble = h("p", { class: "form-trouble", id: "token-scopes-trouble" });
  /** @type {HTMLInputElement[]} */
  const inputs = [];
  const groups = scopeGroups().map(({ resource, scopes }) =>
    h("div", { class: "scope-group" }, [
      h("p", { class: "scope-resource", text: t(/** @type {import("../../locale/index.js").Key} */ (`scopes_${resource}`)) }),
      ...scopes.filter((scope) => may(role, /** @type {import("../../state/permissions.js").Permission} */ (scope))).map((scope) => {
        const input = h("input", { type: "checkbox", id: `scope-${scope}`, value: scope });
        inputs.push(input);
        return choice(input, scopeWords(scope), [h("code", { text: scope })]);
      }),
    ]),
  );
  const element = h("fieldset", { class: "scopes", "aria-describedby": `token-scopes-hint ${trouble.id}` }, [
    h("legend", { text: t("token_scopes") }),
    h("p", { class: "field-hint", id: "token-scopes-hint", text: t("token_scopes_hint") }),
    h("div", { class: "scope-groups" }, groups),
    trouble,
  ]);
  return {
    element,
    value: () => inputs.filter(({ checked }) => checked).map(({ value }) => value),
    spot: groupSpot(element, trouble, () => inputs[0] ?? null),
  };
}
