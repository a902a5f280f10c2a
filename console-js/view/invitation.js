// The door for the invited: a name, a password, and one is a member.
//
// Guarantees: the password leaves the page as soon as the server has it. Does not: keep the link's token; whoever mounts it clears the address.

import { t } from "../locale/index.js";
import { Problem } from "../net/api.js";
import { wasStopped, wordsFor } from "../state/problems.js";
import { h, say, set, show } from "./dom.js";
import { icon } from "./icons.js";
import { field } from "./signin.js";

const NAME_CHARS_MAX = 200;
const PASSWORD_CHARS_MIN = 8;
const PASSWORD_CHARS_MAX = 1024;

/**
 * Shows what the invitation is to, and the form that accepts it; ends with its scope.
 * @param {import("../app/scope.js").Scope} scope
 * @param {HTMLElement} root
 * @param {import("../net/api.js").Api} api
 * @param {{token: string, on_session: (session: import("../net/api.js").Session) => void, on_leave: () => void}} how
 */
export function mountInvitation(scope, root, api, { token, on_session, on_leave }) {
  const title = h("h1", { text: t("app_name") });
  const lead = h("p", { class: "signin-lead", hidden: true });
  const trouble = h("p", { class: "form-trouble", role: "alert", hidden: true });
  const email = h("input", { id: "email", type: "email", name: "email", autocomplete: "username", readonly: true });
  const name = h("input", { id: "name", type: "text", name: "name", autocomplete: "name", maxlength: NAME_CHARS_MAX, required: true });
  const password = h("input", {
    id: "password", type: "password", name: "password", autocomplete: "new-password", maxlength: PASSWORD_CHARS_MAX, required: true,
    "aria-describedby": "password-hint",
  });
  const submit = h("button", { type: "submit", class: "button primary wide", text: t("invitation_submit") });
  const form = h("form", { class: "signin-form", novalidate: true, hidden: true }, [
    field(t("signin_email"), email),
    field(t("invitation_name"), name),
    field(t("signin_password"), password),
    h("p", { id: "password-hint", class: "field-hint", text: t("invitation_hint") }),
    submit,
  ]);
  const leave = h("button", { type: "button", class: "button quiet wide", hidden: true, text: t("invitation_signin") });
  const page = h("main", { class: "signin" }, [
    h("div", { class: "signin-card" }, [
      h("span", { class: "brand-mark", "aria-hidden": "true" }, [icon("open")]), title, lead, trouble, form, leave,
    ]),
  ]);
  root.replaceChildren(page);
  scope.own(() => page.remove());

  /** @param {string} text */
  const complain = (text) => {
    say(trouble, text);
    show(trouble, text !== "");
  };

  /** @param {unknown} error */
  const failed = (error) => {
    if (wasStopped(error)) return;
    const over = error instanceof Problem && error.status === 404;
    complain(over ? t("invitation_over") : wordsFor(error));
    show(leave, true);
    if (over) show(form, false);
  };

  const look = async () => {
    try {
      const found = await api.invitation(token, scope.signal);
      say(title, t("invitation_title", { workspace: found.workspace_name }));
      say(lead, t("invitation_lead"));
      show(lead, true);
      show(form, true);
      email.value = found.email;
      name.value = found.name ?? "";
      (name.value === "" ? name : password).focus();
    } catch (error) {
      failed(error);
    }
  };

  const join = async () => {
    complain("");
    set(submit, "disabled", true);
    say(submit, t("invitation_busy"));
    try {
      on_session(await api.acceptInvitation({ token, name: name.value, password: password.value }, scope.signal));
    } catch (error) {
      failed(error);
    } finally {
      set(submit, "disabled", false);
      say(submit, t("invitation_submit"));
    }
  };

  scope.listen(form, "submit", (event) => {
    event.preventDefault();
    if (name.value.trim() === "") return name.focus();
    if ([...password.value].length < PASSWORD_CHARS_MIN) {
      complain(t("invitation_hint"));
      return password.focus();
    }
    void join();
  });
  scope.listen(leave, "click", on_leave);
  void look();
}
