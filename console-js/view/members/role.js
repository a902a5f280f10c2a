// The choice of a role, each with what it means.

import { roleHint, roleWords } from "../../state/members.js";
import { t } from "../../locale/index.js";
import { h } from "../dom.js";
import { groupSpot } from "../settings/edit.js";
import { choice } from "../webhooks/parts.js";

/**
 * @param {string[]} roles
 * @param {string} chosen
 */
export function makeRoles(roles, chosen) {
  const trouble = h("p", { class: "form-trouble", id: "member-role-trouble" });
  const inputs = roles.map((role) => h("input", { type: "radio", name: "member-role", id: `role-${role}`, value: role }));
  const element = h("fieldset", { class: "roles", "aria-describedby": trouble.id }, [
    h("legend", { text: t("member_role") }),
    ...inputs.map((input) => choice(input, roleWords(input.value), [roleHint(input.value)])),
    trouble,
  ]);
  /** @param {string} role */
  const fill = (role) => {
    for (const input of inputs) input.checked = input.value === role;
  };
  fill(chosen);
  return {
    element,
    fill,
    value: () => inputs.find(({ checked }) => checked)?.value ?? chosen,
    spot: groupSpot(element, trouble, () => inputs.find(({ checked }) => checked) ?? inputs[0] ?? null),
  };
}
