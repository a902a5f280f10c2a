// The actions of a macro, one below the other: what is done, and with what; put in order, added, removed.
//
// Guarantees: by keyboard alone; what the server refuses of one stands at that one (`/actions/3/…`).

import { ACTION_TYPES, ACTIONS_MAX, freshAction, isBare, labelsOf } from "../../state/macros.js";
import { ownFirst } from "../../state/prepared.js";
import { STATUSES } from "../../state/choices.js";
import { t } from "../../locale/index.js";
import { h, say, set } from "../dom.js";
import { icon } from "../icons.js";
import { iconButton } from "../parts.js";

/** @typedef {import("../../net/prepared-wire.js").MacroAction} MacroAction */

const PRIORITIES = /** @type {const} */ (["urgent", "high", "normal", "low", "none"]);
const TEXT_CHARS_MAX = 10_000;

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {import("../../app/desk.js").Desk} desk
 * @param {MacroAction[]} first
 */
export function makeActions(scope, desk, first) {
  /** @type {{action: MacroAction, trouble: HTMLElement, input: HTMLElement|null}[]} */
  let rows = [];
  const list = h("ol", { class: "macro-actions" });
  const trouble = h("p", { class: "form-trouble" });
  const add = h("button", { type: "button", class: "button small" }, [icon("plus"), h("span", { text: t("macro_action_add") })]);
  const element = h("fieldset", { class: "macro-fieldset" }, [h("legend", { text: t("macro_does") }), list, trouble, add]);

  /** @param {MacroAction} action */
  const rowOf = (action) => ({ action, trouble: h("p", { class: "form-trouble" }), input: /** @type {HTMLElement|null} */ (null) });

  function draw() {
    list.replaceChildren(...rows.map((row, at) => drawRow(row, at)));
    set(add, "disabled", rows.length >= ACTIONS_MAX);
  }

  /** @param {typeof rows[number]} row @param {number} at */
  function drawRow(row, at) {
    const types = h("select", { "aria-label": t("macro_action", { number: at + 1 }) }, ACTION_TYPES.map((type) => h("option", { value: type, text: t(`macro_type_${type}`) })));
    types.value = row.action.type;
    const value = valueOf(desk, row.action, at + 1, (patch) => (row.action = { ...row.action, ...patch }));
    row.input = value;
    const up = iconButton("up", t("macro_action_up", { number: at + 1 }), { disabled: at === 0 });
    const down = iconButton("down", t("macro_action_down", { number: at + 1 }), { disabled: at === rows.length - 1 });
    const remove = iconButton("close", t("macro_action_remove", { number: at + 1 }));
    types.addEventListener("change", () => {
      row.action = freshAction(types.value);
      draw();
      list.children[at]?.querySelector("select")?.focus();
    });
    up.addEventListener("click", () => move(at, at - 1));
    down.addEventListener("click", () => move(at, at + 1));
    remove.addEventListener("click", () => {
      rows = rows.filter((_row, place) => place !== at);
      draw();
      add.focus();
    });
    const box = value instanceof HTMLSelectElement ? h("span", { class: "select" }, [value]) : value;
    return h("li", { class: "macro-action" }, [h("span", { class: "select" }, [types]), h("span", { class: "macro-action-tools" }, [up, down, remove]), box, row.trouble]);
  }

  /** @param {number} from @param {number} to */
  function move(from, to) {
    const [row] = rows.splice(from, 1);
    if (row) rows.splice(to, 0, row);
    draw();
    list.children[to]?.querySelector("select")?.focus();
  }

  scope.listen(add, "click", () => {
    rows.push(rowOf(freshAction("send_message")));
    draw();
    list.lastElementChild?.querySelector("select")?.focus();
  });
  rows = first.map(rowOf);
  draw();

  return {
    element,
    read: () => rows.map(({ action }) => action),
    /** @param {MacroAction[]} actions */
    fill(actions) {
      rows = actions.map(rowOf);
      draw();
    },
    /** What the page itself can tell is missing, by pointer. @returns {Record<string, string>} */
    check() {
      if (rows.length === 0) return { "/actions": t("macro_nothing") };
      return Object.fromEntries(rows.flatMap(({ action }, at) => (isBare(action) ? [[`/actions/${at}`, t("connect_fill")]] : [])));
    },
    /** @returns {Record<string, import("../settings/edit.js").Spot>} */
    spots: () => ({
      "/actions": { complain: (words) => say(trouble, words), focus: () => add.focus() },
      ...Object.fromEntries(rows.map((row, at) => [`/actions/${at}`, { complain: (/** @type {string} */ words) => say(row.trouble, words), focus: () => row.input?.focus() }])),
    }),
  };
}

/**
 * What an action is done with.
 * @param {import("../../app/desk.js").Desk} desk
 * @param {MacroAction} action
 * @param {number} number
 * @param {(patch: Partial<MacroAction>) => void} change
 * @returns {HTMLInputElement|HTMLTextAreaElement|HTMLSelectElement}
 */
function valueOf(desk, action, number, change) {
  const label = t("macro_with", { number });
  if (action.type === "send_message" || action.type === "note") {
    const area = h("textarea", { "aria-label": label, maxlength: TEXT_CHARS_MAX, rows: "3", dir: "auto", placeholder: t("macro_text_hint") });
    area.value = action.text ?? "";
    area.addEventListener("input", () => change({ text: area.value }));
    return area;
  }
  if (action.type === "add_labels" || action.type === "remove_labels") {
    const input = h("input", { "aria-label": label, dir: "auto", autocomplete: "off", placeholder: t("macro_labels_hint"), value: (action.labels ?? []).join(", ") });
    input.addEventListener("input", () => change({ labels: labelsOf(input.value) }));
    return input;
  }
  const { agents, prepared } = desk.store.get();
  const key = (/** @type {string} */ name) => t(/** @type {import("../../locale/index.js").Key} */ (name));
  const answering = Object.values(agents).filter(({ role, disabled, id }) => id === action.assignee_id || (role !== "viewer" && !disabled)).sort((one, other) => one.name.localeCompare(other.name));
  /** @type {[string, string][]} */
  const options = action.type === "assign" ? [["", t("head_unassigned")], ...answering.map(({ id, name }) => /** @type {[string, string]} */ ([id, name]))]
    : action.type === "set_team" ? [["", t("head_no_team")], ...ownFirst(prepared.teams).map(({ id, name }) => /** @type {[string, string]} */ ([id, name]))]
    : action.type === "set_status" ? STATUSES.map((status) => [status, key(`status_${status}`)])
      : PRIORITIES.map((priority) => [priority, key(`priority_${priority}`)]);
  const select = h("select", { "aria-label": label }, options.map(([value, text]) => h("option", { value, text })));
  select.value = action.type === "assign" ? (action.assignee_id ?? "") : action.type === "set_team" ? (action.team_id ?? "") : (action.status ?? action.priority ?? "");
  select.addEventListener("change", () => change(changeOf(action.type, select.value)));
  return select;
}

/**
 * What a choice changes of an action. Another status ends a snooze that had a time.
 * @param {string} type
 * @param {string} value
 * @returns {Partial<MacroAction>}
 */
function changeOf(type, value) {
  if (type === "assign") return { assignee_id: value || null };
  if (type === "set_team") return { team_id: value || null };
  return type === "set_status" ? /** @type {any} */ ({ status: value, snoozed_for_s: undefined }) : { priority: value };
}
