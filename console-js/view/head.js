// The head of a conversation: whose it is, its ticket, and what an agent can do with it.

import { contactName, contactOf, joinNames } from "../state/format.js";
import { whenWords } from "../state/later.js";
import { coloursOf, ownFirst } from "../state/prepared.js";
import { openRow } from "../state/select.js";
import { isTrashed } from "../state/views.js";
import { t } from "../locale/index.js";
import { dataAt, h, reconcile, say, set, show } from "./dom.js";
import { icon } from "./icons.js";
import { fillSelect, iconButton, paint } from "./parts.js";

const PRIORITIES = /** @type {const} */ (["none", "low", "normal", "high", "urgent"]);
const MINUTE_MS = 60_000;
/** The longest label the server takes. */
const LABEL_CHARS_MAX = 50;

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 * @param {{on_back: () => void, on_details: () => void, on_macro: () => void, on_snooze: () => void, on_trash: () => void, on_restore: () => void}} on
 */
export function makeHead(scope, desk, { on_back, on_details, on_macro, on_snooze, on_trash, on_restore }) {
  const back = iconButton("back", t("head_back"), { class: "only-phone" });
  const name = h("h2", { class: "head-name" });
  const ticket = h("p", { class: "head-ticket" });
  const resolve = h("button", { type: "button", class: "button" });
  const macro = iconButton("macro", t("macro_open"), { class: "head-macro", "aria-haspopup": "dialog" });
  const snooze = iconButton("snoozed", t("snooze_title"), { class: "head-snooze", "aria-haspopup": "dialog", "aria-keyshortcuts": "Z" });
  const trash = iconButton("trash", t("trash_put"), { class: "head-trash", "aria-keyshortcuts": "#" });
  const details = iconButton("panel", t("head_details"), { class: "head-details", "aria-expanded": "false" });
  const assignee = h("select", { "aria-label": t("head_assignee") });
  const team = h("select", { "aria-label": t("head_team") });
  const team_box = wrapSelect(team);
  const priority = h("select", { "aria-label": t("head_priority") });
  const labels = h("ul", { class: "labels", "aria-label": t("head_labels") });
  const label_input = h("input", { class: "label-input", "aria-label": t("head_label_add"), placeholder: t("head_label_add"), maxlength: LABEL_CHARS_MAX });
  const label_form = h("form", { class: "label-form" }, [label_input]);
  const snoozed_text = h("span");
  const wake = h("button", { type: "button", class: "link-button", text: t("snooze_wake") });
  const snoozed = h("p", { class: "head-line head-snoozed", hidden: true }, [icon("snoozed"), snoozed_text, wake]);
  const trashed_text = h("span");
  const restore = h("button", { type: "button", class: "link-button", text: t("trash_restore"), "aria-keyshortcuts": "Shift+R" });
  const erase = h("button", { type: "button", class: "link-button danger", text: t("trash_delete"), "aria-keyshortcuts": "#" });
  const trashed = h("p", { class: "head-line head-trashed", hidden: true }, [icon("trash"), trashed_text, restore, erase]);
  const viewers_text = h("span");
  const viewers = h("p", { class: "viewers", role: "status" }, [icon("eye"), viewers_text]);
  const element = h("header", { class: "head" }, [
    h("div", { class: "head-main" }, [back, h("div", { class: "head-title" }, [name, ticket]), trash, macro, snooze, resolve, details]),
    trashed,
    snoozed,
    h("div", { class: "head-fields" }, [wrapSelect(assignee), team_box, wrapSelect(priority), labels, label_form]),
    viewers,
  ]);
  const row = () => openRow(desk.store.get());

  scope.listen(back, "click", on_back);
  scope.listen(details, "click", on_details);
  scope.listen(resolve, "click", () => toggleResolved(desk));
  scope.listen(macro, "click", on_macro);
  scope.listen(snooze, "click", on_snooze);
  for (const button of [trash, erase]) scope.listen(button, "click", on_trash);
  scope.listen(restore, "click", on_restore);
  scope.listen(wake, "click", () => {
    const open = row();
    if (open) void desk.changeConversation(open.id, { status: "open" });
  });
  // "Tomorrow" becomes "today" although nothing happened.
  scope.every(MINUTE_MS, () => tellSnooze(row()));
  scope.listen(assignee, "change", () => {
    const open = row();
    if (open) void desk.changeConversation(open.id, { assignee_id: assignee.value === "" ? null : assignee.value });
    assignee.blur();
  });
  scope.listen(team, "change", () => {
    const open = row();
    if (open) void desk.changeConversation(open.id, { team_id: team.value === "" ? null : team.value });
    team.blur();
  });
  scope.listen(priority, "change", () => {
    const open = row();
    if (open) void desk.changeConversation(open.id, { priority: priority.value });
    priority.blur();
  });
  scope.listen(label_form, "submit", (event) => {
    event.preventDefault();
    const open = row();
    const label = label_input.value.trim();
    label_input.value = "";
    if (open && label !== "" && !open.labels.includes(label)) void desk.setLabel(open.id, label, true);
  });
  scope.listen(labels, "click", (event) => {
    const open = row();
    const gone = dataAt(event, "label");
    if (open && gone !== null) void desk.setLabel(open.id, gone, false);
  });

  /** @param {import("../net/wire.js").Conversation|undefined} open */
  function tellSnooze(open) {
    const is_snoozed = open?.status === "snoozed";
    show(snoozed, is_snoozed);
    if (is_snoozed) say(snoozed_text, open.snoozed_until ? t("snooze_until", { when: whenWords(open.snoozed_until, Date.now()) }) : t("snooze_writes"));
  }

  return {
    element,
    details,
    /** @param {import("../state/model.js").State} state */
    render(state) {
      const open = openRow(state);
      if (!open) return;
      const may_write = state.me.role !== "viewer";
      say(name, contactName(contactOf(open)));
      const over = open.remote ? `${t(/** @type {import("../locale/index.js").Key} */ (`kind_${open.remote.kind}`))} · ` : "";
      say(ticket, over + (open.ticket ? `${t("head_ticket", { number: open.ticket.number })}${open.ticket.subject ? ` · ${open.ticket.subject}` : ""}` : t("head_no_ticket")));
      tellSnooze(open);
      const is_trashed = isTrashed(open);
      show(trashed, is_trashed);
      if (is_trashed) say(trashed_text, t("trash_in", { when: whenWords(open.trashed_at ?? "", Date.now()) }));
      show(trash, !is_trashed);
      const is_resolved = open.status === "resolved";
      say(resolve, t(is_resolved ? "head_reopen" : "head_resolve"));
      set(resolve, "class", is_resolved ? "button" : "button primary");
      fillSelect(assignee, assigneeOptions(state, open.assignee_id), open.assignee_id ?? "");
      show(team_box, state.prepared.teams.length > 0 || (open.team_id ?? null) !== null);
      fillSelect(team, teamOptions(state, open.team_id ?? null), open.team_id ?? "");
      fillSelect(priority, PRIORITIES.map((value) => ({ value, label: t(`priority_${value}`) })), open.priority);
      set(assignee.parentElement ?? assignee, "data-set", open.assignee_id === null ? null : "yes");
      set(priority.parentElement ?? priority, "data-priority", open.priority);
      const colours = coloursOf(state.prepared.labels);
      reconcile(labels, open.labels.map((label) => ({ label, color: colours[label] })), { key: ({ label }) => label, make: makeLabel, update: (chip, { color }) => paint(chip, color), same: (one, other) => one.color === other.color });
      show(labels, open.labels.length > 0);
      for (const control of [resolve, macro, snooze, trash, restore, erase, wake, assignee, team, priority, label_input]) set(control, "disabled", !may_write);
      const others = (state.viewers[open.id] ?? []).map((agent) => agent.name);
      show(viewers, others.length > 0);
      say(viewers_text, others.length > 0 ? t("head_viewers", { names: joinNames(others), count: others.length }) : "");
    },
  };
}

/** @param {import("../app/desk.js").Desk} desk */
function toggleResolved(desk) {
  const open = openRow(desk.store.get());
  if (!open || desk.store.get().me.role === "viewer") return;
  void desk.changeConversation(open.id, { status: open.status === "resolved" ? "open" : "resolved" });
}

/**
 * @param {import("../state/model.js").State} state
 * @param {string|null} chosen kept in the list even if the member is no longer known
 */
function assigneeOptions(state, chosen) {
  const others = Object.values(state.agents)
    .filter((agent) => agent.id === chosen || (agent.role !== "viewer" && !agent.disabled))
    .filter((agent) => agent.id !== state.me.id)
    .sort((one, other) => one.name.localeCompare(other.name));
  const unknown = chosen !== null && !state.agents[chosen] ? [{ value: chosen, label: t("contact_unknown") }] : [];
  return [
    { value: "", label: t("head_unassigned") },
    { value: state.me.id, label: t("head_me", { name: state.me.name }) },
    ...others.map((agent) => ({ value: agent.id, label: withPresence(agent.name, state.presence[agent.id]) })),
    ...unknown,
  ];
}

/**
 * @param {import("../state/model.js").State} state
 * @param {string|null} chosen kept in the list even if the team is no longer known
 */
function teamOptions(state, chosen) {
  const { teams } = state.prepared;
  const unknown = chosen !== null && teams.every(({ id }) => id !== chosen) ? [{ value: chosen, label: t("contact_unknown") }] : [];
  return [{ value: "", label: t("head_no_team") }, ...ownFirst(teams).map(({ id, name }) => ({ value: id, label: name })), ...unknown];
}

/**
 * Who is not there says so, before something is given to them.
 * @param {string} name
 * @param {import("../net/wire.js").PresenceStatus|undefined} presence
 */
function withPresence(name, presence) {
  return presence === "away" || presence === "offline" ? t("head_agent_absent", { name, presence: t(`presence_${presence}`) }) : name;
}

/** @param {{label: string}} of */
function makeLabel({ label }) {
  const remove = h("button", { type: "button", class: "label-remove", "data-label": label, "aria-label": t("head_label_remove", { label }) }, [icon("close")]);
  return h("li", { class: "label-chip" }, [h("span", { text: label }), remove]);
}

/** @param {HTMLSelectElement} select */
function wrapSelect(select) {
  return h("span", { class: "select" }, [select]);
}
