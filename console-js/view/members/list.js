// The members of the workspace: who they are, what they may do, and whether they are there.

import { writeSettings } from "../../app/router.js";
import { membersSorted, mayChange, roleWords } from "../../state/members.js";
import { may } from "../../state/permissions.js";
import { t } from "../../locale/index.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { avatar } from "../parts.js";
import { settingsBack } from "../settings/nav.js";
import { load, pageHead, standingMark } from "../webhooks/parts.js";

/** @typedef {import("../../net/settings-wire.js").Member} Member */

/** @param {import("../webhooks/index.js").Context} context */
export function openMembers(context) {
  const me = context.desk.session.agent;
  const make = may(me.role, "agents:write") ? h("a", { class: "button primary", href: writeSettings("member-new") }, [icon("plus"), h("span", { text: t("member_new") })]) : null;
  context.body.append(pageHead(t("members_title"), settingsBack(), [make]).element, h("p", { class: "settings-lead", text: t("members_lead") }));
  void load(context, (signal) => context.settings.members(signal), (members) => {
    context.body.append(h("ul", { class: "hooks members-list" }, membersSorted(members).map((member) => memberRow(me, member))));
  });
}

/** @param {{id: string, role: string}} me @param {Member} member */
function memberRow(me, member) {
  const own = member.id === me.id;
  const inside = [
    h("span", { class: "avatar-frame" }, [avatar(member.name, member.id), member.disabled ? null : h("span", { class: "presence-dot", "data-presence": member.presence })]),
    h("span", { class: "member-text" }, [
      h("span", { class: "hook-name" }, [h("bdi", { text: member.name }), own ? ` ${t("member_you")}` : null]),
      h("span", { class: "hook-events" }, [h("bdi", { text: member.email }), member.disabled ? null : ` · ${t(`presence_${member.presence}`)}`]),
    ]),
    member.disabled ? standingMark("disabled", t("member_disabled")) : standingMark("", roleWords(member.role)),
  ];
  const to = own ? writeSettings("account") : mayChange(me, member) ? writeSettings("member", member.id) : null;
  const attributes = { class: "hook-row member-row", "data-id": member.id };
  return h("li", {}, [to === null ? h("div", attributes, inside) : h("a", { ...attributes, href: to }, inside)]);
}
