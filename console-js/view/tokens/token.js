// One token: what it may do, its use, and ending or replacing it.
//
// Guarantees: its text is shown once, right after it was made or rotated, and kept nowhere.

import { writeSettings } from "../../app/router.js";
import { fullTime } from "../../state/format.js";
import { may } from "../../state/permissions.js";
import { OVERLAP_HOURS_MAX, scopeWords, TOKEN_COLOURS, tokenStanding } from "../../state/tokens.js";
import { t } from "../../locale/index.js";
import { h, say, set, show } from "../dom.js";
import { sure } from "../channels/sure.js";
import { emptyState } from "../parts.js";
import { makeEdit, spot } from "../settings/edit.js";
import { makeOnce } from "../settings/once.js";
import { attempt, facts, field, load, onPress, pageHead, standingMark, troubleLine } from "../webhooks/parts.js";

/** @typedef {import("../webhooks/index.js").Context} Context */
/** @typedef {import("../../net/settings-wire.js").Token} Token */
/** @typedef {import("../../net/settings-wire.js").ServiceAccount} ServiceAccount */

const OVERLAP_HOURS_USUAL = 24;

/** @param {Context} context @param {string} id */
export function openToken(context, id) {
  const mark = h("span");
  const head = pageHead(t("tokens_title"), { href: writeSettings("tokens"), label: t("tokens_back") }, [mark]);
  context.body.append(head.element);
  const { settings: api } = context;
  // The API reads one token only in the list.
  void load(context, (signal) => Promise.all([api.tokens(signal), api.serviceAccounts(signal)]), ([tokens, accounts]) => {
    const token = tokens.find((one) => one.id === id);
    if (!token) return context.body.append(emptyState("alert", t("token_missing_title"), t("token_missing_hint")));
    draw(context, { token, account: accounts.find((one) => one.id === token.service_account_id) ?? null, head, mark });
  });
}

/**
 * @param {Context} context
 * @param {{token: Token, account: ServiceAccount|null, head: ReturnType<typeof pageHead>, mark: HTMLElement}} on
 */
function draw(context, { token, account, head, mark }) {
  const { scope, kept, body, desk } = context;
  let now = token;
  const fresh = h("div", { class: "hook-secret" });
  const about = h("section", { class: "card" });
  /** @param {string} text @param {string} [more] */
  const reveal = (text, more) => {
    const own = scope.child();
    const once = makeOnce(own, { title: t("token_fresh_title"), lead: t("token_fresh_lead"), text, ...(more === undefined ? {} : { more }) }, () => {
      own.stop();
      fresh.replaceChildren();
      head.heading.focus();
    });
    fresh.replaceChildren(once.element);
    once.heading.focus();
  };
  const actions = may(desk.session.agent.role, "tokens:write") ? makeActions(context, () => now, { render: (after) => render(after), reveal }) : null;
  /** @param {Token} after */
  const render = (after) => {
    now = after;
    const standing = tokenStanding(after, Date.now());
    say(head.heading, account?.name ?? after.name);
    mark.replaceChildren(standingMark(TOKEN_COLOURS[standing], t(`token_${standing}`)));
    about.replaceChildren(facts(factsOf(after, account)));
    if (actions) show(actions, standing === "active" || standing === "ending");
  };
  body.append(fresh, about);
  if (actions) body.append(actions);
  render(token);
  const made = kept.tokens.get(token.id);
  kept.tokens.delete(token.id);
  if (made !== undefined) reveal(made);
}

/** @param {Token} token @param {ServiceAccount|null} account @returns {[string, Node|string][]} */
function factsOf(token, account) {
  const when = (/** @type {string|null|undefined} */ at, /** @type {string} */ otherwise) => (at ? fullTime(at) : otherwise);
  return [
    ...(account === null ? [] : /** @type {[string, Node|string][]} */ ([[t("token_account"), account.disabled ? `${account.name} (${t("account_disabled")})` : account.name]])),
    [t("token_hint"), h("code", { dir: "ltr", text: `…${token.hint}` })],
    [t("token_scopes"), h("ul", { class: "scope-list" }, token.scopes.map((scope) => h("li", {}, [scopeWords(scope)])))],
    [t("token_last_used"), when(token.last_used_at, t("token_unused"))],
    [t("token_expires"), when(token.expires_at, t("token_days_never"))],
    ...(token.previous_until ? /** @type {[string, Node|string][]} */ ([[t("token_previous"), t("token_previous_until", { at: fullTime(token.previous_until) })]]) : []),
    ...(token.revoked_at ? /** @type {[string, Node|string][]} */ ([[t("token_revoked"), fullTime(token.revoked_at)]]) : []),
    [t("token_since"), fullTime(token.created_at)],
  ];
}

/**
 * Replacing it, and ending it.
 * @param {Context} context
 * @param {() => Token} now
 * @param {{render: (after: Token) => void, reveal: (text: string, more?: string) => void}} on
 */
function makeActions(context, now, { render, reveal }) {
  const { scope, settings: api, notify } = context;
  const opener = h("button", { type: "button", class: "button", "aria-expanded": "false", text: t("token_rotate") });
  const revoke = h("button", { type: "button", class: "button quiet danger-text", text: t("token_revoke") });
  const trouble = troubleLine();
  const hours = field(t("token_overlap"), h("input", { id: "token-overlap", type: "number", min: 0, max: OVERLAP_HOURS_MAX, step: 1, inputmode: "numeric", value: OVERLAP_HOURS_USUAL }), t("token_overlap_hint"));
  const edit = makeEdit(context, {
    elements: [h("p", { class: "panel-lead", text: t("token_rotate_lead") }), hours.element],
    spots: () => ({ "/overlap_hours": spot(hours) }),
    check: () => (hours.input.validity.valid && hours.input.value !== "" ? {} : { "/overlap_hours": t("rotate_hours_wrong") }),
    submit: t("token_rotate"),
    send: async () => {
      const { token, ...after } = await api.rotateToken(now().id, Number(hours.input.value), scope.signal);
      open(false);
      render(after);
      reveal(token, after.previous_until ? t("token_old_until", { at: fullTime(after.previous_until) }) : t("token_old_ended"));
    },
  });
  const panel = h("section", { class: "card panel", hidden: true }, [edit.form]);
  /** @param {boolean} on */
  const open = (on) => {
    show(panel, on);
    set(opener, "aria-expanded", on ? "true" : "false");
    if (on) hours.input.focus();
  };
  scope.listen(opener, "click", () => open(panel.hidden === true));
  onPress(scope, revoke, async () => {
    if (!(await sure(scope, { title: t("token_revoke_title", { name: now().name }), lead: t("token_revoke_lead"), submit: t("token_revoke"), danger: true }))) return;
    say(trouble, "");
    await attempt(context, async () => {
      await api.revokeToken(now().id, scope.signal);
      const after = (await api.tokens(scope.signal)).find(({ id }) => id === now().id);
      notify(t("token_revoked_notice"));
      if (after) render(after);
    }, (words) => say(trouble, words));
  });
  return h("div", { class: "token-actions" }, [h("div", { class: "hook-actions", role: "group", "aria-label": t("token_actions") }, [opener, revoke]), trouble, panel]);
}
