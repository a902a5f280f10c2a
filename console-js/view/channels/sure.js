// A question before something is done that is felt.

import { t } from "../../locale/index.js";
import { ask } from "../dialogs.js";
import { h } from "../dom.js";

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {{title: string, lead: string, submit: string, danger?: boolean}} what
 * @returns {Promise<boolean>}
 */
export async function sure(scope, { title, lead, submit, danger = false }) {
  const answer = await ask(scope, {
    title,
    body: [h("p", { text: lead })],
    actions: [
      { value: "", label: t("dialog_cancel") },
      { value: "yes", label: submit, kind: danger ? "danger" : "primary" },
    ],
  });
  return answer === "yes";
}
