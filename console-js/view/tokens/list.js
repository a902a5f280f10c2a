// The tokens of the workspace, each with its service account: what it may do, when it was last used, when it ends.

import { writeSettings } from "../../app/router.js";
import { ago, fullTime } from "../../state/format.js";
import { may } from "../../state/permissions.js";
import { scopesWords, TOKEN_COLOURS, tokensByLife, tokenStanding } from "../../state/tokens.js";
import { t } from "../../locale/index.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { emptyState } from "../parts.js";
import { settingsBack } from "../settings/nav.js";
import { load, pageHead, standingMark } from "../webhooks/parts.js";

/** @typedef {import("../../net/settings-wire.js").Token} Token */
/** @typedef {import("../../net/settings-wire.js").ServiceAccount} ServiceAccount */

/** @param {import("../webhooks/index.js").Context} context */
export function openTokens(context) {
  const { settings: api, desk, body } = context;
  const make = may(desk.session.agent.role, "tokens:write") ? h("a", { class: "button primary", href: writeSettings("token-new") }, [icon("plus"), h("span", { text: t("token_new") })]) : null;
  body.append(pageHead(t("tokens_title"), settingsBack(), [make]).element, h("p", { class: "settings-lead", text: t("tokens_lead") }));
  void load(context, (signal) => Promise.all([api.tokens(signal), api.serviceAccounts(signal)]), ([tokens, accounts]) => {
    const now_ms = Date.now();
    const { living, ended } = tokensByLife(tokens, now_ms);
    const rows = (/** @type {Token[]} */ some) => h("ul", { class: "hooks" }, some.map((token) => tokenRow(token, accounts.find(({ id }) => id === token.service_account_id), now_ms)));
    if (living.length === 0) body.append(emptyState("key", t("tokens_empty_title"), t("tokens_empty_hint")));
    else body.append(rows(living));
    if (ended.length > 0) body.append(h("details", { class: "replays-past" }, [h("summary", { text: t("tokens_ended", { count: ended.length }) }), rows(ended)]));
  });
}

/**
 * @param {Token} token
 * @param {ServiceAccount|undefined} account
 * @param {number} now_ms
 */
function tokenRow(token, account, now_ms) {
  const standing = tokenStanding(token, now_ms);
  const used = token.last_used_at ? t("token_used", { ago: ago(token.last_used_at, now_ms) }) : t("token_unused");
  const ends = standing === "revoked" || !token.expires_at ? null : t(standing === "expired" ? "token_ended_at" : "token_ends_at", { at: fullTime(token.expires_at) });
  const shown = account?.disabled ? standingMark("disabled", t("account_disabled")) : standingMark(TOKEN_COLOURS[standing], t(`token_${standing}`));
  return h("li", {}, [
    h("a", { class: "hook-row", href: writeSettings("token", token.id), "data-id": token.id }, [
      h("span", { class: "hook-row-top" }, [
        h("span", { class: "hook-name" }, [h("bdi", { text: account?.name ?? token.name }), h("code", { class: "token-hint", dir: "ltr", text: ` …${token.hint}` })]),
        shown,
      ]),
      h("span", { class: "hook-events", dir: "auto", text: scopesWords(token.scopes) }),
      h("span", { class: "hook-events", text: [used, ends].filter((part) => part !== null).join(" · ") }),
    ]),
  ]);
}
