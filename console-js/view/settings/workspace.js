// The workspace: its name, and what its plan allows.

import { fullTime } from "../../state/format.js";
import { number } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { h } from "../dom.js";
import { facts, field, load, pageHead } from "../webhooks/parts.js";
import { makeEdit, spot } from "./edit.js";
import { settingsBack } from "./nav.js";

/** @typedef {import("../../net/settings-wire.js").Workspace} Workspace */

const NAME_CHARS_MAX = 200;

/** @param {import("../webhooks/index.js").Context} context */
export function openWorkspace(context) {
  context.body.append(pageHead(t("workspace_title"), settingsBack()).element, h("p", { class: "settings-lead", text: t("workspace_lead") }));
  void load(context, (signal) => context.settings.workspace(signal), (workspace) => draw(context, workspace));
}

/** @param {import("../webhooks/index.js").Context} context @param {Workspace} workspace */
function draw(context, workspace) {
  const { scope, settings: api, notify, body } = context;
  const { limits } = workspace;
  const name = field(t("workspace_name"), h("input", { id: "workspace-name", value: workspace.name, maxlength: NAME_CHARS_MAX, required: true, autocomplete: "off", dir: "auto" }), t("workspace_name_hint"));
  const read = () => ({ name: name.input.value.trim() });
  const edit = makeEdit(context, {
    elements: [name.element],
    spots: () => ({ "/name": spot(name) }),
    check: () => (name.input.value.trim() === "" ? { "/name": t("connect_fill") } : {}),
    submit: t("form_save"),
    send: async (base) => {
      if (base === null) return;
      const after = await api.updateWorkspace(base, read(), scope.signal);
      notify(t("workspace_saved"));
      return after;
    },
    shared: {
      base: workspace,
      form: (/** @type {Workspace} */ one) => ({ name: one.name }),
      read,
      fill: (form) => void (name.input.value = form.name),
      latest: () => api.workspace(scope.signal),
      labels: { name: t("workspace_name") },
    },
  });
  body.append(
    h("section", { class: "card" }, [edit.form]),
    h("section", { class: "card", "aria-labelledby": "plan-title" }, [
      h("h3", { id: "plan-title", text: t("plan_title") }),
      facts([
        [t("plan_name"), workspace.plan],
        [t("plan_members"), number(limits.agents)],
        [t("plan_webhooks"), number(limits.webhooks)],
        [t("plan_token_rate"), number(limits.requests_per_minute_token)],
        [t("plan_workspace_rate"), number(limits.requests_per_minute_workspace)],
        [t("plan_since"), fullTime(workspace.created_at)],
      ]),
    ]),
  );
}
