// The door: e-mail and password, and the choice of a workspace where there are several.

import { Problem } from "../net/api.js";
import { t } from "../locale/index.js";
import { wasStopped, wordsFor } from "../state/problems.js";
import { h, say, set, show } from "./dom.js";
import { icon } from "./icons.js";

/**
 * Shows the form until somebody is signed in; ends with its scope.
 * @param {import("../app/scope.js").Scope} scope
 * @param {HTMLElement} root
 * @param {import("../net/api.js").Api} api
 * @param {{notice: string|null, on_session: (session: import("../net/api.js").Session) => void}} how
 */
export function mountSignIn(scope, root, api, { notice, on_session }) {
  const email = h("input", { id: "email", type: "email", name: "email", autocomplete: "username", required: true });
  const password = h("input", { id: "password", type: "password", name: "password", autocomplete: "current-password", required: true });
  const submit = h("button", { type: "submit", class: "button primary wide", text: t("signin_submit") });
  const trouble = h("p", { class: "form-trouble", role: "alert", hidden: true });
  const form = h("form", { class: "signin-form", novalidate: true }, [
    field(t("signin_email"), email),
    field(t("signin_password"), password),
    trouble,
    submit,
  ]);
  const choice = h("div", { class: "signin-choice", hidden: true });
  const page = h("main", { class: "signin" }, [
    h("div", { class: "signin-card" }, [
      h("span", { class: "brand-mark", "aria-hidden": "true" }, [icon("open")]),
      h("h1", { text: t("signin_title") }),
      h("p", { class: "signin-lead", text: notice ?? t("signin_lead") }),
      form,
      choice,
    ]),
  ]);
  root.replaceChildren(page);
  scope.own(() => page.remove());
  email.focus();

  /** @param {string} text */
  const complain = (text) => {
    say(trouble, text);
    show(trouble, text !== "");
    for (const input of [email, password]) set(input, "aria-invalid", text !== "" ? "true" : null);
  };

  /** @param {string} [workspace_id] */
  const signIn = async (workspace_id) => {
    complain("");
    set(submit, "disabled", true);
    say(submit, t("signin_busy"));
    try {
      const proof = { email: email.value.trim(), password: password.value, ...(workspace_id ? { workspace_id } : {}) };
      on_session(await api.login(proof, scope.signal));
    } catch (error) {
      if (wasStopped(error)) return;
      if (error instanceof Problem && error.code === "workspace_required") return offer(error.body?.workspaces ?? []);
      leaveChoice();
      complain(error instanceof Problem && error.status === 401 ? t("signin_wrong") : wordsFor(error));
      password.select();
    } finally {
      set(submit, "disabled", false);
      say(submit, t("signin_submit"));
    }
  };

  /** @param {{id: string, name: string}[]} workspaces */
  const offer = (workspaces) => {
    const buttons = workspaces.map(({ id, name }) => h("button", { type: "button", class: "button wide", "data-workspace": id, text: name }));
    const back = h("button", { type: "button", class: "button quiet wide", "data-back": "yes", text: t("signin_back") });
    choice.replaceChildren(h("p", { text: t("signin_workspace_lead") }), ...buttons, back);
    show(form, false);
    show(choice, true);
    (buttons[0] ?? back).focus();
  };

  const leaveChoice = () => {
    show(choice, false);
    show(form, true);
  };

  scope.listen(form, "submit", (event) => {
    event.preventDefault();
    if (email.value.trim() === "") email.focus();
    else if (password.value === "") password.focus();
    else void signIn();
  });
  scope.listen(choice, "click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button?.dataset["workspace"]) void signIn(button.dataset["workspace"]);
    else if (button?.dataset["back"]) leaveChoice();
  });
}

/**
 * A field with its label.
 * @param {string} label
 * @param {HTMLInputElement} input
 */
export function field(label, input) {
  return h("div", { class: "field" }, [h("label", { for: input.id, text: label }), input]);
}
