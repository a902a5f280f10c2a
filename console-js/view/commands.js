// What each shortcut does, with the parts of the screen that it concerns.
//
// Guarantees: a change concerns the row that has the focus, else the conversation that is open; a viewer changes nothing. Which key does it
// stands in app/shortcuts.js.

import { go } from "../app/router.js";
import { assigneeChoices, LABEL_CHARS_MAX, labelChoices, newLabel, priorityChoices } from "../state/choices.js";
import { rowAt } from "../state/rows.js";
import { neighbour } from "../state/select.js";
import { FIXED_VIEWS } from "../state/views.js";
import { t } from "../locale/index.js";
import { showKeys } from "./dialogs.js";
import { pick } from "./picker.js";

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 * @param {{
 *   list: ReturnType<typeof import("./list.js").makeList>,
 *   timeline: ReturnType<typeof import("./timeline.js").makeTimeline>,
 *   write: (kind: "message"|"note") => void,
 *   toggle_details: () => void,
 *   escape: () => void,
 * }} parts
 * @returns {import("../app/keyboard.js").Actions}
 */
export function makeCommands(scope, desk, { list, timeline, write, toggle_details, escape }) {
  const { store } = desk;
  const target = () => {
    const { me, open_id, conversations } = store.get();
    const id = list.focusedRow() ?? open_id;
    return id === null || me.role === "viewer" ? undefined : rowAt(conversations, id);
  };
  /** @param {import("../net/api.js").ConversationPatch} patch */
  const change = (patch) => {
    const row = target();
    if (row) void desk.changeConversation(row.id, patch);
  };
  /** @param {1|-1} step */
  const move = (step) => {
    const from = list.focusedRow() ?? store.get().open_id;
    const to = neighbour(store.get(), from, step, list.spotOf(from));
    if (to !== null) list.focusRow(to);
  };
  /** @param {1|-1} step */
  const openBeside = (step) => {
    const state = store.get();
    const from = state.open_id ?? list.focusedRow();
    const to = neighbour(state, from, step, list.spotOf(from));
    if (to === null || to === state.open_id) return;
    if (list.focusedRow() !== null) list.focusRow(to);
    else list.reveal(to);
    go({ view: state.list.view, id: to });
  };
  const is_open = () => store.get().open_id !== null;

  return {
    next: () => move(1),
    previous: () => move(-1),
    open() {
      const id = list.focusedRow() ?? neighbour(store.get(), null, 1);
      if (id !== null) go({ view: store.get().list.view, id });
    },
    open_next: () => openBeside(1),
    open_previous: () => openBeside(-1),
    newer: () => list.showNewer(),
    views(key) {
      const view = FIXED_VIEWS[Number(key) - 1];
      if (view) go({ view, id: null });
    },
    search: () => list.focusSearch(),
    first_unread: () => is_open() && timeline.toFirstUnread(),
    latest: () => is_open() && timeline.toEnd(),
    details: toggle_details,
    reply: () => is_open() && write("message"),
    note: () => is_open() && write("note"),
    resolve: () => change({ status: target()?.status === "resolved" ? "open" : "resolved" }),
    snooze: () => change({ status: target()?.status === "snoozed" ? "open" : "snoozed" }),
    assign_me: () => change({ assignee_id: store.get().me.id }),
    async assign() {
      const row = target();
      if (!row) return;
      const choice = await pick(scope, { title: t("pick_assign"), choices: assigneeChoices(store.get(), row.assignee_id) });
      if (choice) await desk.changeConversation(row.id, { assignee_id: choice.value === "" ? null : choice.value });
    },
    async priority() {
      const row = target();
      if (!row) return;
      const choice = await pick(scope, { title: t("pick_priority"), choices: priorityChoices(row.priority) });
      if (choice) await desk.changeConversation(row.id, { priority: choice.value });
    },
    async label() {
      const row = target();
      if (!row) return;
      const choices = labelChoices(store.get(), [row.labels]);
      const choice = await pick(scope, { title: t("pick_label"), choices, chars_max: LABEL_CHARS_MAX, more: (text) => newLabel(choices, text) });
      if (choice) await desk.setLabel(row.id, choice.value, !choice.chosen);
    },
    help: () => showKeys(scope),
    escape,
  };
}
