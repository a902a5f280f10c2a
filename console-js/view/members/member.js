// Adding a member, and one member: name, role, a new password, and whether they may sign in.
//
// Guarantees: a password is read from its field once and leaves the page as soon as the server has it. That an owner must stay is the server's
// rule; its answer stands on the page in its words.

import { goOn, writeSettings } from "../../app/router.js";
import { fullTime } from "../../state/format.js";
import { memberChanges, memberForm, PASSWORD_CHARS_MIN, roleWords, rolesToGive } from "../../state/members.js";
import { capacityTrouble } from "../../state/routing.js";
import { t } from "../../locale/index.js";
import { h, say, set } from "../dom.js";
import { sure } from "../channels/sure.js";
import { makeEdit, spot } from "../settings/edit.js";
import { attempt, facts, field, load, onPress, pageHead, standingMark, troubleLine } from "../webhooks/parts.js";
import { makeRoles } from "./role.js";

/** @typedef {import("../webhooks/index.js").Context} Context */
/** @typedef {import("../../net/settings-wire.js").Member} Member */

const NAME_CHARS_MAX = 200;
const EMAIL_CHARS_MAX = 254;
const PASSWORD_CHARS_MAX = 1024;

/** @param {string} label @param {string} id @param {string} hint */
export function passwordField(label, id, hint, autocomplete = "new-password") {
  return field(label, h("input", { id, type: "password", autocomplete, maxlength: PASSWORD_CHARS_MAX, required: true, dir: "ltr" }), hint);
}

/** @param {string} text @returns {string} what is wrong with it; empty if nothing is */
export function passwordTrouble(text) {
  return [...text].length < PASSWORD_CHARS_MIN ? t("password_short", { count: PASSWORD_CHARS_MIN }) : "";
}

/** @param {Context} context */
export function openNewMember(context) {
  const { scope, settings: api, notify, desk, body } = context;
  const back = { href: writeSettings("members"), label: t("members_back") };
  const name = field(t("member_name"), h("input", { id: "member-name", maxlength: NAME_CHARS_MAX, required: true, autocomplete: "off", dir: "auto" }), t("member_name_hint"));
  const email = field(t("member_email"), h("input", { id: "member-email", type: "email", maxlength: EMAIL_CHARS_MAX, required: true, autocomplete: "off", dir: "ltr" }), t("member_email_hint"));
  const password = passwordField(t("member_password"), "member-password", t("member_password_hint"));
  const roles = makeRoles(rolesToGive(desk.session.agent.role), "agent");
  const edit = makeEdit(context, {
    elements: [name.element, email.element, roles.element, password.element],
    spots: () => ({ "/name": spot(name), "/email": spot(email), "/role": roles.spot, "/password": spot(password) }),
    check: () => ({
      ...(name.input.value.trim() === "" ? { "/name": t("connect_fill") } : {}),
      ...(email.input.value.trim() === "" ? { "/email": t("connect_fill") } : {}),
      ...(passwordTrouble(password.input.value) === "" ? {} : { "/password": passwordTrouble(password.input.value) }),
    }),
    beside: [h("a", { class: "button", href: back.href, text: t("settings_cancel") })],
    submit: t("member_add"),
    send: async () => {
      const made = await api.createMember({ name: name.input.value.trim(), email: email.input.value.trim(), role: roles.value(), password: password.input.value }, scope.signal);
      notify(t("member_added", { name: made.name }));
      void desk.loader.loadAgents();
      goOn(writeSettings("members"));
    },
  });
  body.append(pageHead(t("member_new"), back).element, edit.form);
}

/** @param {Context} context @param {string} id */
export function openMember(context, id) {
  const mark = h("span");
  const head = pageHead(t("members_title"), { href: writeSettings("members"), label: t("members_back") }, [mark]);
  context.body.append(head.element);
  void load(context, (signal) => context.settings.member(id, signal), (member) => draw(context, { member, head, mark }));
}

/**
 * @param {Context} context
 * @param {{member: Member, head: ReturnType<typeof pageHead>, mark: HTMLElement}} on
 */
function draw(context, { member, head, mark }) {
  const { scope, settings: api, notify, desk, body } = context;
  const name = field(t("member_name"), h("input", { id: "member-name", maxlength: NAME_CHARS_MAX, value: member.name, required: true, autocomplete: "off", dir: "auto" }));
  const roles = makeRoles(rolesToGive(desk.session.agent.role), member.role);
  const capacity = field(t("member_capacity"), h("input", { id: "member-capacity", type: "number", min: "0", max: "1000", step: "1", inputmode: "numeric", value: memberForm(member).capacity }), t("member_capacity_hint"));
  const read = () => ({ name: name.input.value.trim(), role: roles.value(), capacity: capacity.input.value.trim() });
  const about = h("section", { class: "card" });
  let current = member;
  const edit = makeEdit(context, {
    elements: [name.element, roles.element, capacity.element],
    spots: () => ({ "/name": spot(name), "/role": roles.spot, "/capacity": spot(capacity) }),
    check: () => ({
      ...(name.input.value.trim() === "" ? { "/name": t("connect_fill") } : {}),
      ...(capacityTrouble(capacity.input.value.trim()) === "" ? {} : { "/capacity": capacityTrouble(capacity.input.value.trim()) }),
    }),
    submit: t("form_save"),
    send: async (base) => {
      if (base === null) return;
      const changes = memberChanges(base, read());
      if (changes === null) return notify(t("form_nothing"));
      return changed(await api.updateMember(base, changes, scope.signal));
    },
    shared: {
      base: member,
      form: memberForm,
      read,
      fill(form) {
        name.input.value = form.name;
        roles.fill(form.role);
        capacity.input.value = form.capacity;
      },
      latest: () => api.member(member.id, scope.signal),
      labels: { name: t("member_name"), role: t("member_role"), capacity: t("member_capacity") },
    },
  });
  /** @param {Member} after */
  const render = (after) => {
    current = after;
    say(head.heading, after.name);
    mark.replaceChildren(after.disabled ? standingMark("disabled", t("member_disabled")) : standingMark("", roleWords(after.role)));
    about.replaceChildren(facts([[t("member_email"), h("bdi", { text: after.email })], [t("member_since"), fullTime(after.created_at)]]));
  };
  /** @param {Member} after */
  const changed = (after) => {
    render(after);
    notify(t("member_saved"));
    void desk.loader.loadAgents();
    return after;
  };
  /** @param {Member} after */
  const keep = (after) => {
    edit.rebase(after);
    changed(after);
  };
  const own = member.id === desk.session.agent.id;
  body.append(about, h("section", { class: "card" }, [edit.form]), own ? ownPasswordCard() : passwordCard(context, () => current, keep), accessCard(context, () => current, keep));
  render(member);
}

/**
 * @param {Context} context
 * @param {() => Member} now
 * @param {(after: Member) => void} keep
 */
function passwordCard(context, now, keep) {
  const { scope, settings: api } = context;
  const password = passwordField(t("member_new_password"), "member-password", t("member_new_password_hint"));
  const edit = makeEdit(context, {
    elements: [password.element],
    spots: () => ({ "/password": spot(password) }),
    check: () => (passwordTrouble(password.input.value) === "" ? {} : { "/password": passwordTrouble(password.input.value) }),
    submit: t("member_set_password"),
    quiet: true,
    send: async () => {
      if (!(await sure(scope, { title: t("member_password_title", { name: now().name }), lead: t("member_password_lead"), submit: t("member_set_password") }))) return;
      keep(await api.updateMember({ id: now().id }, { password: password.input.value }, scope.signal));
      password.input.value = "";
    },
  });
  return h("section", { class: "card", "aria-labelledby": "password-title" }, [h("h3", { id: "password-title", text: t("member_password_heading") }), edit.form]);
}

/** One's own password needs the present one, which is asked for in one's account. */
function ownPasswordCard() {
  return h("section", { class: "card", "aria-labelledby": "password-title" }, [
    h("h3", { id: "password-title", text: t("member_password_heading") }),
    h("p", { class: "field-hint" }, [h("a", { href: writeSettings("account"), text: t("member_own_password") })]),
  ]);
}

/**
 * @param {Context} context
 * @param {() => Member} now
 * @param {(after: Member) => void} keep
 */
function accessCard(context, now, keep) {
  const { scope, settings: api } = context;
  const lead = h("p", { class: "field-hint" });
  const button = h("button", { type: "button", class: "button" });
  const trouble = troubleLine();
  const render = () => {
    const off = now().disabled;
    say(lead, t(off ? "member_disabled_lead" : "member_enabled_lead"));
    say(button, t(off ? "member_enable" : "member_disable"));
    set(button, "class", off ? "button" : "button danger");
  };
  onPress(scope, button, async () => {
    const disabled = !now().disabled;
    if (disabled && !(await sure(scope, { title: t("member_disable_title", { name: now().name }), lead: t("member_disable_lead"), submit: t("member_disable"), danger: true }))) return;
    say(trouble, "");
    await attempt(context, async () => {
      keep(await api.updateMember({ id: now().id }, { disabled }, scope.signal));
      render();
    }, (words) => say(trouble, words));
  });
  render();
  return h("section", { class: "card", "aria-labelledby": "access-title" }, [h("h3", { id: "access-title", text: t("member_access") }), lead, trouble, h("div", { class: "hook-actions" }, [button])]);
}
