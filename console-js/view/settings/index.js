// Which page of the settings' other parts is opened: account, canned responses, labels, saved views, widgets, members, tokens, workspace, audit log.

import { openAudit } from "../audit/page.js";
import { openAccount } from "../members/account.js";
import { openMembers } from "../members/list.js";
import { openMember, openNewMember } from "../members/member.js";
import { openNewPrepared, openOnePrepared, openPrepared } from "../prepared/page.js";
import { openTokens } from "../tokens/list.js";
import { openNewToken } from "../tokens/make.js";
import { openToken } from "../tokens/token.js";
import { openNewWidget, openWidgets } from "../widget/list.js";
import { openWidget } from "../widget/page.js";
import { openHome } from "./nav.js";
import { openRouting } from "./routing.js";
import { openWorkspace } from "./workspace.js";

/**
 * @param {import("../webhooks/index.js").Context} context
 * @param {import("../../app/settings-places.js").AreaPlace} place
 */
export function openArea(context, place) {
  switch (place.page) {
    case "home":
      return openHome(context);
    case "account":
      return openAccount(context);
    case "workspace":
      return openWorkspace(context);
    case "routing":
      return openRouting(context);
    case "audit":
      return openAudit(context);
    case "canned":
      return openPrepared(context, "canned-responses");
    case "canned-new":
      return openNewPrepared(context, "canned-responses");
    case "canned-one":
      return openOnePrepared(context, "canned-responses", place.id);
    case "labels":
      return openPrepared(context, "labels");
    case "label-new":
      return openNewPrepared(context, "labels");
    case "label-one":
      return openOnePrepared(context, "labels", place.id);
    case "views":
      return openPrepared(context, "views");
    case "view-one":
      return openOnePrepared(context, "views", place.id);
    case "macros":
      return openPrepared(context, "macros");
    case "macro-new":
      return openNewPrepared(context, "macros");
    case "macro-one":
      return openOnePrepared(context, "macros", place.id);
    case "teams":
      return openPrepared(context, "teams");
    case "team-new":
      return openNewPrepared(context, "teams");
    case "team":
      return openOnePrepared(context, "teams", place.id);
    case "widgets":
      return openWidgets(context);
    case "widget-new":
      return openNewWidget(context);
    case "widget":
      return openWidget(context, place.id);
    case "members":
      return openMembers(context);
    case "member-new":
      return openNewMember(context);
    case "member":
      return openMember(context, place.id);
    case "tokens":
      return openTokens(context);
    case "token-new":
      return openNewToken(context);
    case "token":
      return openToken(context, place.id);
  }
}
