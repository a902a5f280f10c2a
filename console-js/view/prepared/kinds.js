// What each kind of prepared things has of its own on the settings' pages: its words, its row, its fields.
//
// Guarantees: what the server refuses finds its field by the pointer; a form reads and fills plain values, so that two people's changes can be
// laid over each other (view/settings/edit.js).

import { freshAction, macroWords } from "../../state/macros.js";
import { freshColour, isShortcut, PLACEHOLDERS, SHORTCUT_CHARS_MAX } from "../../state/prepared.js";
import { filterWords } from "../../state/saved.js";
import { t } from "../../locale/index.js";
import { h } from "../dom.js";
import { paint } from "../parts.js";
import { groupSpot, spot } from "../settings/edit.js";
import { choice, facts, field } from "../webhooks/parts.js";
import { makeActions } from "./actions.js";

/** @typedef {import("../../net/prepared-wire.js").Kind} Kind */
/** @typedef {import("../../net/prepared-wire.js").CannedResponse} CannedResponse */
/** @typedef {import("../../net/prepared-wire.js").WorkspaceLabel} WorkspaceLabel */
/** @typedef {import("../../net/prepared-wire.js").SavedView} SavedView */
/** @typedef {Record<string, string>} Form */
/**
 * @typedef {{elements: Node[], spots: () => Record<string, import("../settings/edit.js").Spot>, read: () => Form, fill: (form: Form) => void,
 *   check: () => Record<string, string>, body: (form: Form) => Record<string, unknown>}} Fields
 * @typedef {{pages: {all: "canned"|"labels"|"views"|"macros"|"teams", one: "canned-one"|"label-one"|"view-one"|"macro-one"|"team", make: "canned-new"|"label-new"|"macro-new"|"team-new"|null}, shared_only: boolean,
 *   icon: import("../icons.js").IconName, words: Record<"title"|"lead"|"back"|"empty_title"|"empty_hint"|"remove_title"|"remove_lead", import("../../locale/index.js").Key>,
 *   make: import("../../locale/index.js").Key|null,
 *   row: (thing: any, desk: import("../../app/desk.js").Desk) => {name: (Node|string)[], more: string}, called: (thing: any) => string, form: (thing: any) => Form,
 *   fields: (thing: any, desk: import("../../app/desk.js").Desk, scope: import("../../app/scope.js").Scope) => Fields, labels: () => Record<string, string>}} About
 */

const NAME_CHARS_MAX = 200;
const TEXT_CHARS_MAX = 10_000;
const LABEL_CHARS_MAX = 64;
const DESCRIPTION_CHARS_MAX = 500;

/** @param {string} id @param {string} value @param {number} max @param {boolean} [required] */
function line(id, value, max, required = true) {
  return h("input", { id, value, maxlength: max, required, autocomplete: "off", dir: "auto" });
}

/** @param {HTMLInputElement|HTMLTextAreaElement|HTMLSelectElement} input */
function missing({ value }) {
  return value.trim() === "" ? t("connect_fill") : "";
}

/** @param {Record<string, string>} complaints @returns {Record<string, string>} those that say something */
function said(complaints) {
  return Object.fromEntries(Object.entries(complaints).filter(([, words]) => words !== ""));
}

/** @param {CannedResponse|null} one @returns {Fields} */
function cannedFields(one) {
  const shortcut = field(t("canned_shortcut"), h("input", { id: "canned-shortcut", value: one?.shortcut ?? "", maxlength: SHORTCUT_CHARS_MAX, required: true, autocomplete: "off", spellcheck: "false", autocapitalize: "none", dir: "ltr" }), t("canned_shortcut_hint"));
  const name = field(t("prepared_name"), line("canned-name", one?.name ?? "", NAME_CHARS_MAX), t("canned_name_hint"));
  const area = h("textarea", { id: "canned-text", class: "prepared-text", maxlength: TEXT_CHARS_MAX, required: true, dir: "auto", rows: "6" });
  area.value = one?.content_text ?? "";
  const text = field(t("canned_text"), area, t("canned_text_hint", { names: PLACEHOLDERS.map((placeholder) => `{{${placeholder}}}`).join(", ") }));
  return {
    elements: [shortcut.element, name.element, text.element],
    spots: () => ({ "/shortcut": spot(shortcut), "/name": spot(name), "/text": spot(text) }),
    read: () => ({ shortcut: shortcut.input.value.trim(), name: name.input.value.trim(), text: area.value.trim() }),
    fill(form) {
      shortcut.input.value = form["shortcut"] ?? "";
      name.input.value = form["name"] ?? "";
      area.value = form["text"] ?? "";
    },
    check: () => said({ "/shortcut": missing(shortcut.input) || (isShortcut(shortcut.input.value.trim()) ? "" : t("canned_shortcut_bad")), "/name": missing(name.input), "/text": missing(area) }),
    // A text that nobody touched keeps its document, with what is formatted in it.
    body: (form) => ({ shortcut: form["shortcut"], name: form["name"], ...(one !== null && form["text"] === one.content_text ? {} : { text: form["text"] }) }),
  };
}

/** @param {WorkspaceLabel|null} one @param {import("../../app/desk.js").Desk} desk @returns {Fields} */
function labelFields(one, desk) {
  const name = field(t("prepared_name"), line("label-name", one?.name ?? "", LABEL_CHARS_MAX), t("label_name_hint"));
  const color = field(t("label_color"), h("input", { id: "label-color", type: "color", class: "label-color", value: one?.color ?? freshColour(desk.store.get().prepared.labels) }));
  const about = field(t("label_description"), line("label-description", one?.description ?? "", DESCRIPTION_CHARS_MAX, false));
  const inputs = /** @type {const} */ ([["name", name.input], ["color", color.input], ["description", about.input]]);
  return {
    elements: [name.element, color.element, about.element],
    spots: () => ({ "/name": spot(name), "/color": spot(color), "/description": spot(about) }),
    read: () => Object.fromEntries(inputs.map(([key, input]) => [key, input.value.trim()])),
    fill(form) {
      for (const [key, input] of inputs) input.value = form[key] ?? "";
    },
    check: () => said({ "/name": missing(name.input) }),
    body: (form) => form,
  };
}

/** What a view shows is set in the inbox; here it is called otherwise, or given to everybody. @param {SavedView} one @param {import("../../app/desk.js").Desk} desk @returns {Fields} */
function viewFields(one, desk) {
  const name = field(t("prepared_name"), line("saved-name", one.name, NAME_CHARS_MAX));
  return {
    elements: [facts([[t("views_filter"), filterWords(desk.store.get(), one.filter)], [t("list_sort"), t(`list_sort_${one.sort}`)]]), name.element],
    spots: () => ({ "/name": spot(name) }),
    read: () => ({ name: name.input.value.trim() }),
    fill: (form) => void (name.input.value = form["name"] ?? ""),
    check: () => said({ "/name": missing(name.input) }),
    body: (form) => form,
  };
}

/** @param {import("../../net/prepared-wire.js").Macro|null} one @param {import("../../app/desk.js").Desk} desk @param {import("../../app/scope.js").Scope} scope @returns {Fields} */
function macroFields(one, desk, scope) {
  const name = field(t("prepared_name"), line("macro-name", one?.name ?? "", NAME_CHARS_MAX));
  const actions = makeActions(scope, desk, one?.actions ?? [freshAction("send_message")]);
  return {
    elements: [name.element, actions.element],
    spots: () => ({ "/name": spot(name), ...actions.spots() }),
    read: () => ({ name: name.input.value.trim(), actions: JSON.stringify(actions.read()) }),
    fill(form) {
      name.input.value = form["name"] ?? "";
      actions.fill(JSON.parse(form["actions"] ?? "[]"));
    },
    check: () => ({ ...said({ "/name": missing(name.input) }), ...actions.check() }),
    body: (form) => ({ name: form["name"], actions: JSON.parse(form["actions"] ?? "[]") }),
  };
}

/** @param {import("../../net/prepared-wire.js").Team|null} one @param {import("../../app/desk.js").Desk} desk @returns {Fields} */
function teamFields(one, desk) {
  const name = field(t("prepared_name"), line("team-name", one?.name ?? "", NAME_CHARS_MAX));
  const about = field(t("label_description"), line("team-description", one?.description ?? "", DESCRIPTION_CHARS_MAX, false));
  const members = Object.values(desk.store.get().agents)
    .filter(({ id, disabled }) => !disabled || one?.member_ids.includes(id))
    .sort((first, other) => first.name.localeCompare(other.name))
    .map((agent) => ({ agent, box: h("input", { type: "checkbox", id: `team-${agent.id}` }) }));
  const trouble = h("p", { class: "form-trouble", id: "team-members-trouble" });
  const group = h("fieldset", { class: "roles", "aria-describedby": trouble.id }, [h("legend", { text: t("team_members") }), ...members.map(({ agent, box }) => choice(box, agent.name)), trouble]);
  /** @param {string} ids divided by commas */
  const fill = (ids) => {
    for (const { agent, box } of members) box.checked = ids.split(",").includes(agent.id);
  };
  fill((one?.member_ids ?? []).join(","));
  return {
    elements: [name.element, about.element, group],
    spots: () => ({ "/name": spot(name), "/description": spot(about), "/member_ids": groupSpot(group, trouble, () => members[0]?.box ?? null) }),
    read: () => ({ name: name.input.value.trim(), description: about.input.value.trim(), members: members.filter(({ box }) => box.checked).map(({ agent }) => agent.id).sort().join(",") }),
    fill(form) {
      name.input.value = form["name"] ?? "";
      about.input.value = form["description"] ?? "";
      fill(form["members"] ?? "");
    },
    check: () => said({ "/name": missing(name.input) }),
    body: (form) => ({ name: form["name"], description: form["description"], member_ids: (form["members"] ?? "").split(",").filter((id) => id !== "") }),
  };
}

/** @type {Record<Kind, About>} */
export const KINDS = {
  "canned-responses": {
    pages: { all: "canned", one: "canned-one", make: "canned-new" },
    shared_only: false,
    icon: "canned",
    words: { title: "canned_title", lead: "canned_lead", back: "canned_back", empty_title: "canned_empty_title", empty_hint: "canned_empty_hint", remove_title: "canned_remove_title", remove_lead: "canned_remove_lead" },
    make: "canned_new",
    row: (/** @type {CannedResponse} */ { shortcut, name, content_text }) => ({ name: [h("code", { class: "token-hint", dir: "ltr", text: `/${shortcut}` }), " ", h("bdi", { text: name })], more: content_text }),
    called: ({ shortcut }) => shortcut,
    form: (/** @type {CannedResponse} */ { shortcut, name, content_text }) => ({ shortcut, name, text: content_text }),
    fields: cannedFields,
    labels: () => ({ shortcut: t("canned_shortcut"), name: t("prepared_name"), text: t("canned_text"), whose: t("prepared_whose") }),
  },
  labels: {
    pages: { all: "labels", one: "label-one", make: "label-new" },
    shared_only: true,
    icon: "label",
    words: { title: "labels_title", lead: "labels_lead", back: "labels_back", empty_title: "labels_empty_title", empty_hint: "labels_empty_hint", remove_title: "labels_remove_title", remove_lead: "labels_remove_lead" },
    make: "labels_new",
    row: (/** @type {WorkspaceLabel} */ { name, color, description }) => ({ name: [paint(h("span", { class: "label-dot" }), color), h("bdi", { text: name })], more: description }),
    called: ({ name }) => name,
    form: (/** @type {WorkspaceLabel} */ { name, color, description }) => ({ name, color, description }),
    fields: labelFields,
    labels: () => ({ name: t("prepared_name"), color: t("label_color"), description: t("label_description") }),
  },
  macros: {
    pages: { all: "macros", one: "macro-one", make: "macro-new" },
    shared_only: false,
    icon: "macro",
    words: { title: "macros_title", lead: "macros_lead", back: "macros_back", empty_title: "macros_empty_title", empty_hint: "macros_empty_hint", remove_title: "macros_remove_title", remove_lead: "macros_remove_lead" },
    make: "macros_new",
    row: (/** @type {import("../../net/prepared-wire.js").Macro} */ macro, desk) => ({ name: [h("bdi", { text: macro.name })], more: macroWords(desk.store.get(), macro) }),
    called: ({ name }) => name,
    form: (/** @type {import("../../net/prepared-wire.js").Macro} */ { name, actions }) => ({ name, actions: JSON.stringify(actions) }),
    fields: macroFields,
    labels: () => ({ name: t("prepared_name"), actions: t("macro_does"), whose: t("prepared_whose") }),
  },
  teams: {
    pages: { all: "teams", one: "team", make: "team-new" },
    shared_only: true,
    icon: "members",
    words: { title: "teams_title", lead: "teams_lead", back: "teams_back", empty_title: "teams_empty_title", empty_hint: "teams_empty_hint", remove_title: "teams_remove_title", remove_lead: "teams_remove_lead" },
    make: "teams_new",
    row: (/** @type {import("../../net/prepared-wire.js").Team} */ { name, description, member_ids }, desk) => ({
      name: [h("bdi", { text: name })],
      more: [description, member_ids.map((id) => desk.store.get().agents[id]?.name ?? t("contact_unknown")).join(", ")].filter((words) => words !== "").join(" · "),
    }),
    called: ({ name }) => name,
    form: (/** @type {import("../../net/prepared-wire.js").Team} */ { name, description, member_ids }) => ({ name, description, members: [...member_ids].sort().join(",") }),
    fields: teamFields,
    labels: () => ({ name: t("prepared_name"), description: t("label_description"), members: t("team_members") }),
  },
  views: {
    pages: { all: "views", one: "view-one", make: null },
    shared_only: false,
    icon: "save",
    words: { title: "views_title", lead: "views_lead", back: "views_back", empty_title: "views_empty_title", empty_hint: "views_empty_hint", remove_title: "views_remove_title", remove_lead: "views_remove_lead" },
    make: null,
    row: (/** @type {SavedView} */ { name, filter }, desk) => ({ name: [h("bdi", { text: name })], more: filterWords(desk.store.get(), filter) }),
    called: ({ name }) => name,
    form: (/** @type {SavedView} */ { name }) => ({ name }),
    fields: viewFields,
    labels: () => ({ name: t("prepared_name"), whose: t("prepared_whose") }),
  },
};
