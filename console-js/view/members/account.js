// One's own account: name, picture, password, and signing out everywhere.
//
// Guarantees: what is wrong stands at its field; a password leaves the page as soon as the server has it. A new password ends all one's
// sign-ins, this one too, which the page says before it asks for it.

import { writeSettings } from "../../app/router.js";
import { mayChange, profileChanges, profileForm, roleWords } from "../../state/members.js";
import { t } from "../../locale/index.js";
import { askSignOut } from "../dialogs.js";
import { h } from "../dom.js";
import { avatar } from "../parts.js";
import { makeEdit, spot } from "../settings/edit.js";
import { settingsBack } from "../settings/nav.js";
import { field, load, onPress, pageHead, standingMark } from "../webhooks/parts.js";
import { passwordField, passwordTrouble } from "./member.js";

/** @typedef {import("../webhooks/index.js").Context} Context */
/** @typedef {import("../../net/settings-wire.js").Member} Member */

const NAME_CHARS_MAX = 200;
const URL_CHARS_MAX = 2048;

/** @param {Context} context */
export function openAccount(context) {
  const { settings: api, desk, body } = context;
  body.append(pageHead(t("account_title"), settingsBack()).element);
  void load(context, (signal) => api.member(desk.session.agent.id, signal), (member) => draw(context, member));
}

/** @param {Context} context @param {Member} member */
function draw(context, member) {
  const { scope, settings: api, desk, notify, body } = context;
  const name = field(t("member_name"), h("input", { id: "account-name", value: member.name, maxlength: NAME_CHARS_MAX, required: true, autocomplete: "name", dir: "auto" }), t("member_name_hint"));
  const picture = field(t("account_picture"), h("input", { id: "account-picture", type: "url", value: member.avatar_url ?? "", maxlength: URL_CHARS_MAX, autocomplete: "off", spellcheck: "false", dir: "ltr", placeholder: "https://" }), t("account_picture_hint"));
  const read = () => ({ name: name.input.value.trim(), picture: picture.input.value.trim() });
  const profile = makeEdit(context, {
    elements: [name.element, picture.element],
    spots: () => ({ "/name": spot(name), "/avatar_url": spot(picture) }),
    check: () => (name.input.value.trim() === "" ? { "/name": t("connect_fill") } : {}),
    submit: t("form_save"),
    send: async (base) => {
      const changes = base === null ? null : profileChanges(base, read());
      if (base === null || changes === null) return notify(t("form_nothing"));
      const after = await api.updateMember(base, changes, scope.signal);
      notify(t("account_saved"));
      desk.session.agent.name = after.name;
      void desk.loader.loadAgents();
      return after;
    },
    shared: {
      base: member,
      form: profileForm,
      read,
      fill(form) {
        name.input.value = form.name;
        picture.input.value = form.picture;
      },
      latest: () => api.member(member.id, scope.signal),
      labels: { name: t("member_name"), picture: t("account_picture") },
    },
  });
  body.append(
    h("div", { class: "account-face" }, [
      avatar(member.name, member.id, "large"),
      h("div", {}, [h("p", { class: "hook-name", dir: "auto", text: member.name }), h("p", { class: "field-hint" }, [h("bdi", { text: member.email })]), standingMark("", roleWords(member.role))]),
      mayChange(member, member) ? h("a", { class: "button small account-role", href: writeSettings("member", member.id), text: t("account_role") }) : null,
    ]),
    h("section", { class: "card" }, [profile.form]),
    passwordCard(context, () => profile.base ?? member),
    sessionsCard(context),
  );
}

/** @param {Context} context @param {() => Member} now */
function passwordCard(context, now) {
  const { scope, settings: api } = context;
  const current = passwordField(t("account_current_password"), "current-password", "", "current-password");
  const fresh = passwordField(t("member_new_password"), "new-password", t("account_new_password_hint"));
  const edit = makeEdit(context, {
    elements: [current.element, fresh.element],
    spots: () => ({ "/current_password": spot(current), "/password": spot(fresh) }),
    check: () => ({
      ...(current.input.value === "" ? { "/current_password": t("connect_fill") } : {}),
      ...(passwordTrouble(fresh.input.value) === "" ? {} : { "/password": passwordTrouble(fresh.input.value) }),
    }),
    submit: t("account_change_password"),
    quiet: true,
    send: async () => {
      // The session ends with it: the server says so by the socket, and the page goes to its door.
      await api.updateMember({ id: now().id }, { current_password: current.input.value, password: fresh.input.value }, scope.signal);
      current.input.value = "";
      fresh.input.value = "";
    },
  });
  return h("section", { class: "card", "aria-labelledby": "own-password-title" }, [
    h("h3", { id: "own-password-title", text: t("account_password_title") }),
    h("p", { class: "field-hint", text: t("account_password_lead") }),
    edit.form,
  ]);
}

/** @param {Context} context */
function sessionsCard({ scope, desk }) {
  const everywhere = h("button", { type: "button", class: "button", text: t("rail_signout_everywhere") });
  onPress(scope, everywhere, async () => {
    if (await askSignOut(scope, true, desk.outbox.items.length)) await desk.signOut(true);
  });
  return h("section", { class: "card", "aria-labelledby": "sessions-title" }, [
    h("h3", { id: "sessions-title", text: t("account_sessions") }),
    h("p", { class: "field-hint", text: t("account_sessions_lead") }),
    h("div", { class: "hook-actions" }, [everywhere]),
  ]);
}
