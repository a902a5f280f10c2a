// What a saved view shows, in words.
//
// Guarantees: pure; a member or a channel that is not there any more is called unknown, not left out.

import { t } from "../locale/index.js";

/** @typedef {import("./model.js").State} State */

/**
 * @param {Pick<State, "agents"|"channels"|"prepared">} state
 * @param {import("./views.js").Filter} filter
 */
export function filterWords({ agents, channels, prepared }, { status, assignee_id, channel_id, label, priority, team_id }) {
  const key = (/** @type {string} */ name) => t(/** @type {import("../locale/index.js").Key} */ (name));
  const parts = [
    status === undefined ? t("filter_any") : key(`status_${status}`),
    assignee_id === undefined ? null : assignee_id === "me" ? t("filter_me") : assignee_id === "none" ? t("filter_none") : t("filter_agent", { name: agents[assignee_id]?.name ?? t("contact_unknown") }),
    channel_id === undefined ? null : t("filter_channel", { name: channels.find(({ id }) => id === channel_id)?.name ?? t("contact_unknown") }),
    team_id === undefined ? null : t("filter_team", { name: prepared.teams.find(({ id }) => id === team_id)?.name ?? t("contact_unknown") }),
    label === undefined ? null : t("filter_label", { label }),
    priority === undefined ? null : t("filter_priority", { priority: key(`priority_${priority}`) }),
  ];
  return parts.filter((part) => part !== null).join(", ");
}
