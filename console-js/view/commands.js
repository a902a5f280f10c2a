// What each shortcut does, with the parts of the screen that it concerns.
//
// Guarantees: a change concerns what is chosen, else the row that has the focus, else the conversation that is open; a viewer changes nothing. Which key does it
// stands in app/shortcuts.js.

import { go } from "../app/router.js";
import { assigneeChoices, LABEL_CHARS_MAX, labelChoices, newLabel, priorityChoices, statusChoices, STATUSES, viewChoices } from "../state/choices.js";
import { whenWords } from "../state/later.js";
import { rowAt } from "../state/rows.js";
import { selectedIds } from "../state/selection.js";
import { agentName, neighbour } from "../state/select.js";
import { FIXED_VIEWS, isTrashed, readView } from "../state/views.js";
import { t } from "../locale/index.js";
import { askDelete, showKeys } from "./dialogs.js";
import { runMacro } from "./macros.js";
import { pick } from "./picker.js";
import { saveView } from "./saved.js";
import { askWhen } from "./when.js";

/** @typedef {import("../net/wire.js").Conversation} Conversation */

/** What can be answered to "until when" beside a time. */
const WAKE = "wake";
const WRITES = "writes";

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 * @param {{
 *   list: ReturnType<typeof import("./list.js").makeList>,
 *   timeline: ReturnType<typeof import("./timeline.js").makeTimeline>,
 *   write: (kind: "message"|"note") => void,
 *   canned: () => void,
 *   toggle_details: () => void,
 *   escape: () => void,
 *   find: () => void,
 * }} parts
 * @returns {import("../app/keyboard.js").Actions & {status: (key: string) => Promise<void>, save_view: (key: string) => Promise<void>, macroOpen: () => Promise<void>, snoozeOpen: () => Promise<void>, trashOpen: () => Promise<void>, restoreOpen: () => Promise<void>}} these have no keys of their own
 */
export function makeCommands(scope, desk, { list, timeline, write, canned, toggle_details, escape, find }) {
  const { store } = desk;
  /** What a change concerns: what is chosen, else one conversation. @returns {Conversation[]} */
  const targets = () => {
    const state = store.get();
    if (state.me.role === "viewer") return [];
    const chosen = selectedIds(state);
    const one = list.focusedRow() ?? state.open_id;
    const ids = chosen.length > 0 ? chosen : one === null ? [] : [one];
    return ids.flatMap((id) => rowAt(state.conversations, id) ?? []);
  };
  /**
   * @param {Conversation[]} rows
   * @param {string} words
   * @param {(row: Conversation) => import("../net/api.js").ConversationPatch|null} patch null: it is so already
   * @param {{type: string} & Record<string, unknown>} [action] how the server is told, where it is to do it with many
   */
  const change = async (rows, words, patch, action) => {
    const [row] = rows;
    if (selectedIds(store.get()).length > 0) return void (await desk.bulk.run(rows.map(({ id }) => id), { words, patch, action }));
    const one = row ? patch(row) : null;
    if (row && one) await desk.changeConversation(row.id, one);
  };
  /** @param {Conversation[]} rows @param {import("../net/wire.js").ConversationStatus} status */
  const setStatus = (rows, status) => change(rows, t("bulk_do_status", { status: t(`status_${status}`) }), (row) => (row.status === status ? null : { status }), { type: "set_status", status });
  /** Asks until when, and lets them sleep; or wakes them. @param {Conversation[]} rows */
  const snooze = async (rows) => {
    if (rows.length === 0) return;
    const asleep = rows.every(({ status }) => status === "snoozed");
    const wake = { value: WAKE, label: t("snooze_wake"), hint: "", chosen: false };
    const writes = { value: WRITES, label: t("when_choice_writes"), hint: "", chosen: false };
    const until = await askWhen(scope, { title: t("snooze_title"), first: asleep ? [wake] : [], last: [writes] });
    if (until === null) return;
    if (until === WAKE) return setStatus(rows, "open");
    const snoozed_until = until === WRITES ? null : until;
    const words = snoozed_until === null ? t("snooze_do_writes") : t("snooze_do", { when: whenWords(snoozed_until, Date.now()) });
    return change(rows, words, (row) => (row.status === "snoozed" && (row.snoozed_until ?? null) === snoozed_until ? null : { status: "snoozed", snoozed_until }));
  };
  /** Sets a status, or takes it back where all have it. @param {"resolved"} status */
  const toggleStatus = (status) => {
    const rows = targets();
    return setStatus(rows, rows.every((row) => row.status === status) ? "open" : status);
  };
  /** @param {Conversation[]} rows @param {string|null} id */
  const assignTo = (rows, id) => {
    const words = id === null ? t("bulk_do_unassign") : t("bulk_do_assign", { name: agentName(store.get(), id) ?? t("contact_unknown") });
    return change(rows, words, (row) => (row.assignee_id === id ? null : { assignee_id: id }), { type: "assign", assignee_id: id });
  };
  /** @param {Conversation[]} rows @param {"trash"|"restore"} action */
  const move_to = async (rows, action) => {
    const [row] = rows;
    if (selectedIds(store.get()).length > 0) return void (await desk.bulk.run(rows.map(({ id }) => id), { words: t(`bulk_do_${action}`), move: action, action: { type: action } }));
    if (row) await desk.moveConversation(row.id, action);
  };
  /** Puts them in the trash; what is there is deleted for good, if one is sure. @param {Conversation[]} rows */
  const trash = async (rows) => {
    const there = rows.filter(isTrashed);
    if (there.length < rows.length) return move_to(rows.filter((row) => !isTrashed(row)), "trash");
    if (there.length === 0 || !(await askDelete(scope, there.length))) return;
    for (const { id } of there) await desk.moveConversation(id, "delete");
  };
  /** @param {Conversation[]} rows */
  const restore = (rows) => move_to(rows.filter(isTrashed), "restore");
  /** The one that is open, whatever is chosen. @returns {Conversation|undefined} */
  const opened = () => {
    const { open_id, conversations, me } = store.get();
    return open_id === null || me.role === "viewer" ? undefined : rowAt(conversations, open_id);
  };
  /** @template T @param {T[]} values the value that all have */
  const common = (values) => (values.every((value) => value === values[0]) ? values[0] : undefined);
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
    async any_view() {
      const choice = await pick(scope, { title: t("pick_view"), choices: viewChoices(store.get()) });
      const view = readView(choice?.value ?? null);
      if (view) go({ view, id: null });
    },
    search: () => list.focusSearch(),
    find,
    first_unread: () => is_open() && timeline.toFirstUnread(),
    latest: () => is_open() && timeline.toEnd(),
    details: toggle_details,
    reply: () => is_open() && write("message"),
    note: () => is_open() && write("note"),
    canned: () => is_open() && canned(),
    save_view: () => saveView(scope, desk),
    resolve: () => toggleStatus("resolved"),
    snooze: () => snooze(targets()),
    snoozeOpen() {
      const { open_id, conversations, me } = store.get();
      const row = open_id === null ? undefined : rowAt(conversations, open_id);
      return snooze(row === undefined || me.role === "viewer" ? [] : [row]);
    },
    trash: () => trash(targets()),
    restore: () => restore(targets()),
    async trashOpen() {
      const row = opened();
      if (row === undefined) return;
      if (!isTrashed(row)) return desk.moveConversation(row.id, "trash");
      if (await askDelete(scope, 1)) await desk.moveConversation(row.id, "delete");
    },
    async restoreOpen() {
      const row = opened();
      if (row) await desk.moveConversation(row.id, "restore");
    },
    assign_me: () => assignTo(targets(), store.get().me.id),
    async assign() {
      const rows = targets();
      if (rows.length === 0) return;
      const choice = await pick(scope, { title: t("pick_assign"), choices: assigneeChoices(store.get(), common(rows.map((row) => row.assignee_id))) });
      if (choice) await assignTo(rows, choice.value === "" ? null : choice.value);
    },
    async status() {
      const rows = targets();
      if (rows.length === 0) return;
      const choice = await pick(scope, { title: t("pick_status"), choices: statusChoices(common(rows.map((row) => row.status))) });
      const status = STATUSES.find((known) => known === choice?.value);
      if (status) await setStatus(rows, status);
    },
    async priority() {
      const rows = targets();
      if (rows.length === 0) return;
      const choice = await pick(scope, { title: t("pick_priority"), choices: priorityChoices(common(rows.map((row) => row.priority))) });
      if (!choice) return;
      await change(rows, t("bulk_do_priority", { priority: choice.label }), (row) => (row.priority === choice.value ? null : { priority: choice.value }), { type: "set_priority", priority: choice.value });
    },
    async label() {
      const rows = targets();
      const [row] = rows;
      if (!row) return;
      const choices = labelChoices(store.get(), rows.map(({ labels }) => labels));
      const choice = await pick(scope, { title: t("pick_label"), choices, chars_max: LABEL_CHARS_MAX, more: (text) => newLabel(choices, text) });
      if (!choice) return;
      const { value, chosen } = choice;
      if (selectedIds(store.get()).length === 0) return desk.setLabel(row.id, value, !chosen);
      await change(rows, t(chosen ? "bulk_do_unlabel" : "bulk_do_label", { label: value }), ({ labels }) => (labels.includes(value) !== chosen ? null : { labels: chosen ? labels.filter((known) => known !== value) : [...labels, value] }), { type: chosen ? "remove_labels" : "add_labels", labels: [value] });
    },
    macro: () => runMacro(scope, desk, targets().map(({ id }) => id)),
    macroOpen() {
      const { open_id, me } = store.get();
      return runMacro(scope, desk, open_id === null || me.role === "viewer" ? [] : [open_id]);
    },
    select() {
      const id = list.focusedRow() ?? store.get().open_id;
      if (id !== null && store.get().me.role !== "viewer") store.dispatch({ type: "selection_toggled", id });
    },
    select_to() {
      const id = list.focusedRow();
      if (id !== null && store.get().me.role !== "viewer") store.dispatch({ type: "selection_reached", id });
    },
    select_all: () => store.get().me.role !== "viewer" && store.dispatch({ type: "all_selected" }),
    help: () => showKeys(scope),
    escape,
  };
}
