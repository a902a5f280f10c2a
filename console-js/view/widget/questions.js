// What is asked before the chat: a list of questions to add, change, order and remove.
//
// Guarantees: all of it works by keyboard (buttons, and Alt with an arrow anywhere in a question), the focus follows the question, and where
// it stands now is said. A new question is kept under a name that its words suggest; one that is there keeps its name, because answers
// are kept under it.

import { isQuestionName, moved, QUESTION_TYPES, questionName, QUESTIONS_MAX } from "../../state/widget.js";
import { t } from "../../locale/index.js";
import { h, say, set, show } from "../dom.js";
import { icon } from "../icons.js";
import { fillSelect } from "../parts.js";
import { choice } from "../webhooks/parts.js";

/** @typedef {import("../settings/edit.js").Spot} Spot */
/** @typedef {import("../../net/settings-wire.js").Question} Question */
/** @typedef {ReturnType<typeof makeRow>} Row */

const POINTER = "/settings/pre_chat_form";
const LABEL_CHARS_MAX = 200;

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {() => void} on_change
 */
export function makeQuestions(scope, on_change) {
  let count = 0;
  /** @type {Row[]} */
  let rows = [];
  const list = h("ol", { class: "questions" });
  const none = h("p", { class: "field-hint", text: t("questions_none") });
  const add = h("button", { type: "button", class: "button small" }, [icon("plus"), h("span", { text: t("question_add") })]);
  const trouble = h("p", { class: "form-trouble" });
  const said = h("p", { class: "unseen", role: "status" });

  const render = () => {
    rows.forEach((row, place) => row.place(place, rows.length));
    show(none, rows.length === 0);
    show(add, rows.length < QUESTIONS_MAX);
  };
  /** @param {Row} row @param {-1|1} step @param {HTMLElement} focused */
  const move = (row, step, focused) => {
    const before = rows;
    rows = moved(rows, rows.indexOf(row), step);
    if (rows === before) return;
    list.replaceChildren(...rows.map(({ element }) => element));
    render();
    // A button that has come to its end gives the focus to the other one.
    (focused instanceof HTMLButtonElement && focused.disabled ? row.other(focused) : focused).focus();
    say(said, t("question_moved", { place: rows.indexOf(row) + 1, count: rows.length }));
    on_change();
  };
  /** @param {Row} row */
  const remove = (row) => {
    const place = rows.indexOf(row);
    rows = rows.filter((one) => one !== row);
    row.element.remove();
    render();
    const next = rows[place] ?? rows[place - 1];
    if (next) next.label.focus();
    else add.focus();
    say(said, t("question_removed"));
    on_change();
  };
  /** @param {Question|null} question null for a new one */
  const addRow = (question) => {
    count += 1;
    const row = makeRow(scope, count, question, { move, remove, taken: (own) => rows.filter((one) => one !== own).map((one) => one.name.value.trim()) });
    rows = [...rows, row];
    list.append(row.element);
    render();
    return row;
  };
  scope.listen(add, "click", () => {
    addRow(null).label.focus();
    on_change();
  });

  return {
    element: h("div", { class: "question-form" }, [h("p", { class: "field-hint", text: t("questions_hint") }), none, list, trouble, said, h("div", {}, [add])]),
    /** @param {Question[]} questions */
    fill(questions) {
      rows = [];
      list.replaceChildren();
      for (const question of questions) addRow(question);
      say(trouble, "");
      render();
    },
    value: () => rows.map((row) => row.value()),
    /** @returns {Record<string, Spot>} */
    spots() {
      const own = rows.flatMap((row, place) => [
        /** @type {[string, Spot]} */ ([`${POINTER}/${place}/label`, row.spots.label]),
        /** @type {[string, Spot]} */ ([`${POINTER}/${place}/name`, row.spots.name]),
      ]);
      return { ...Object.fromEntries(own), [POINTER]: { complain: (words) => say(trouble, words), focus: () => (rows[0]?.label ?? add).focus() } };
    },
    /** What the page itself can tell is wrong, by pointer. @returns {Record<string, string>} */
    check: () =>
      Object.fromEntries(rows.flatMap((row, place) => {
        const { label, name } = row.value();
        return [
          ...(label === "" ? [[`${POINTER}/${place}/label`, t("connect_fill")]] : []),
          ...(isQuestionName(name) ? [] : [[`${POINTER}/${place}/name`, t("question_name_wrong")]]),
        ];
      })),
  };
}

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {number} number
 * @param {Question|null} question
 * @param {{move: (row: Row, step: -1|1, focused: HTMLElement) => void, remove: (row: Row) => void, taken: (row: Row) => string[]}} on
 */
function makeRow(scope, number, question, { move, remove: removeRow, taken }) {
  const id = `question-${number}`;
  const label = h("input", { id: `${id}-label`, maxlength: LABEL_CHARS_MAX, autocomplete: "off", dir: "auto", "aria-describedby": `${id}-label-trouble` });
  const type = h("select", { id: `${id}-type` });
  const name = h("input", { id: `${id}-name`, autocomplete: "off", spellcheck: "false", dir: "ltr", "aria-describedby": `${id}-name-trouble ${id}-name-hint` });
  const required = h("input", { type: "checkbox", id: `${id}-required` });
  const label_trouble = h("p", { class: "form-trouble", id: `${id}-label-trouble` });
  const name_trouble = h("p", { class: "form-trouble", id: `${id}-name-trouble` });
  const up = h("button", { type: "button", class: "icon-button" }, [icon("up")]);
  const down = h("button", { type: "button", class: "icon-button" }, [icon("down")]);
  const remove = h("button", { type: "button", class: "icon-button" }, [icon("close")]);
  const legend = h("span", { class: "question-place" });
  const more = h("details", { class: "question-more" }, [
    h("summary", { text: t("question_name") }),
    h("div", { class: "field" }, [h("label", { for: name.id, text: t("question_name") }), name, name_trouble, h("p", { class: "field-hint", id: `${id}-name-hint`, text: t("question_name_hint") })]),
  ]);
  label.value = question?.label ?? "";
  name.value = question?.name ?? "";
  required.checked = question?.required ?? false;
  fillSelect(type, typesFor(question?.type ?? "text"), question?.type ?? "text");
  /** A name that nobody wrote follows the words. */
  let follows = question === null;

  const element = h("li", { class: "question", "data-place": "" }, [
    h("div", { class: "question-head" }, [legend, up, down, remove]),
    h("div", { class: "question-fields" }, [
      h("div", { class: "field" }, [h("label", { for: label.id, text: t("question_label") }), label, label_trouble]),
      h("div", { class: "field" }, [h("label", { for: type.id, text: t("question_type") }), h("span", { class: "select" }, [type])]),
    ]),
    choice(required, t("question_required")),
    more,
  ]);
  const row = {
    element,
    label,
    name,
    /** @param {number} place @param {number} of */
    place(place, of) {
      say(legend, t("question_place", { place: place + 1 }));
      up.disabled = place === 0;
      down.disabled = place === of - 1;
      const what = label.value.trim() || t("question_place", { place: place + 1 });
      for (const [button, key] of /** @type {const} */ ([[up, "question_up"], [down, "question_down"], [remove, "question_remove"]])) {
        for (const attribute of ["title", "aria-label"]) set(button, attribute, t(key, { what }));
      }
      set(element, "data-place", place);
    },
    /** @param {HTMLButtonElement} button */
    other: (button) => (button === up ? down : up),
    /** @returns {Question} */
    value: () => ({ name: name.value.trim() || questionName(label.value, taken(row)), label: label.value.trim(), type: type.value, required: required.checked }),
    spots: {
      label: placeSpot(label, label_trouble, () => {}),
      name: placeSpot(name, name_trouble, () => (more.open = true)),
    },
  };
  scope.listen(label, "input", () => {
    if (follows) name.value = questionName(label.value, taken(row));
  });
  scope.listen(name, "input", () => (follows = false));
  scope.listen(up, "click", () => move(row, -1, up));
  scope.listen(down, "click", () => move(row, 1, down));
  scope.listen(remove, "click", () => removeRow(row));
  scope.listen(element, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    if (event.target instanceof HTMLElement) move(row, event.key === "ArrowUp" ? -1 : 1, event.target);
  });
  return row;
}

/** The kinds that can be chosen; one that a later server knows stays. @param {string} now */
function typesFor(now) {
  const known = QUESTION_TYPES.map((type) => ({ value: /** @type {string} */ (type), label: t(`question_type_${type}`) }));
  return known.some(({ value }) => value === now) ? known : [...known, { value: now, label: now }];
}

/**
 * @param {HTMLInputElement} input
 * @param {HTMLElement} trouble
 * @param {() => void} reveal
 * @returns {Spot}
 */
function placeSpot(input, trouble, reveal) {
  return {
    complain(words) {
      say(trouble, words);
      set(input, "aria-invalid", words === "" ? null : "true");
      if (words !== "") reveal();
    },
    focus: () => input.focus(),
  };
}
