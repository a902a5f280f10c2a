// Where an agent writes: a reply or a note, formatted, with files.
//
// Guarantees: nothing typed is lost; each conversation has a draft of its own for replies and one for notes, written down with every
// key press and shared by all tabs. What is sent goes to the outbox at once and the field is free again; a reply can be taken back
// for a moment (docs/decisions/0006).
// Its parts stand in view/composer/: the field with its buttons, the files, the limits.

import { EMPTY_PART, isEmpty } from "../app/drafts.js";
import { Uploads } from "../app/uploads.js";
import { joinNames } from "../state/format.js";
import { showsMarks } from "../state/length.js";
import { NODES_MAX, nodesOf, plainOf, toDocument } from "../state/marks.js";
import { whenWords, zoneOf } from "../state/later.js";
import { wasStopped, wordsFor } from "../state/problems.js";
import { rowAt } from "../state/rows.js";
import { takesTemplates } from "../state/templates.js";
import { isTrashed } from "../state/views.js";
import { t } from "../locale/index.js";
import { makeCanned } from "./composer/canned.js";
import { renderFiles } from "./composer/files.js";
import { makeField } from "./composer/field.js";
import { renderLength, renderWindow } from "./composer/limits.js";
import { messageBody } from "./content.js";
import { dataAt, h, say, set, show } from "./dom.js";
import { icon } from "./icons.js";
import { iconButton } from "./parts.js";
import { makeTemplateButton } from "./templates.js";
import { askWhen } from "./when.js";

/** @typedef {import("../state/model.js").State} State */
/** @typedef {import("../app/drafts.js").Draft} Draft */
/** @typedef {import("../app/drafts.js").Part} Part */

const TEXT_CHARS_MAX = 10_000;
const FILES_MAX = 10;
const FRAME_BYTES_MAX = 65_536;
/** What a frame holds beside the document. */
const FRAME_BYTES_ELSE = 2048;
/** How often the time that is left is told anew. */
const WINDOW_LOOK_MS = 20_000;

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 * @param {{on_sent: () => void, on_undo: (client_id: string) => void}} on
 */
export function makeComposer(scope, desk, { on_sent, on_undo }) {
  const parts = makeParts(scope);
  const { form, field, reply, note, modes, files, trouble, limits, length, others, preview, send } = parts;

  const templates = makeTemplateButton(scope, desk, on_sent);
  parts.attach.after(templates.element);
  const canned = makeCanned(scope, desk, { field: field.field, replace: field.replace });
  parts.attach.before(canned.button);
  const later = iconButton("clock", t("later_open"), { class: "composer-later", "aria-haspopup": "dialog", "aria-keyshortcuts": "Control+Shift+Enter" });
  send.after(later);
  form.append(canned.panel);

  let id = /** @type {string|null} */ (null);
  /** @type {Draft} */
  let draft = { kind: "message", message: EMPTY_PART, note: EMPTY_PART };
  /** What the part's text comes to, worked out when it changes. @type {{text: string, plain: boolean, content: import("../net/wire.js").ContentNode|null}} */
  let read = { text: "", plain: true, content: null };
  const uploads = new Uploads(scope, () => renderState(), (conversation_id, kind, attachment) => {
    const next = desk.drafts.change(conversation_id, kind, ({ attachments }) => ({ attachments: [...attachments, attachment] }));
    if (conversation_id === id) take(next);
  });

  const part = () => draft[draft.kind];
  const row = () => (id === null ? undefined : rowAt(desk.store.get().conversations, id));
  const mayMark = () => draft.kind === "note" || showsMarks(row()?.remote?.kind);

  /** @param {Partial<Part>} patch */
  function change(patch) {
    if (id !== null) take(desk.drafts.change(id, draft.kind, () => patch, draft.kind));
  }
  /** @param {import("../net/wire.js").MessageKind} kind */
  function turn(kind) {
    if (id !== null) take(desk.drafts.change(id, kind, () => ({}), kind));
  }
  /** @param {Draft} next */
  function take(next) {
    draft = next;
    renderDraft();
  }

  function content() {
    const { text } = part();
    const plain = part().plain || !mayMark();
    if (read.text !== text || read.plain !== plain) read = { text, plain, content: plain ? null : toDocument(text.trim()) };
    return read.content;
  }

  function renderDraft() {
    field.put(part().text);
    reply.checked = draft.kind === "message";
    note.checked = draft.kind === "note";
    set(form, "data-kind", draft.kind);
    set(field.field, "placeholder", t(draft.kind === "note" ? "composer_note_placeholder" : "composer_reply_placeholder"));
    say(parts.send_text, t(draft.kind === "note" ? "composer_save_note" : "composer_send"));
    say(trouble, complaint());
    renderPreview();
    renderState();
  }

  /** What keeps this text from being sent, in words. */
  function complaint() {
    const over = [...part().text.trim()].length - limitOf("text_chars_max", TEXT_CHARS_MAX);
    if (over > 0) return t("composer_too_long", { count: over });
    const said = content();
    if (said === null) return "";
    const bytes = new TextEncoder().encode(JSON.stringify(said)).length;
    const too_much = nodesOf(said) > NODES_MAX || bytes > (desk.store.get().limits.frame_bytes_max ?? FRAME_BYTES_MAX) - FRAME_BYTES_ELSE;
    return too_much ? t("composer_too_formatted") : "";
  }

  /** Shows what signs come to, and lets them be letters. */
  function renderPreview() {
    const said = content();
    const signs = said !== null || (part().plain && mayMark() && toDocument(part().text.trim()) !== null);
    show(preview.element, signs);
    if (!signs) return;
    set(preview.element, "data-plain", said === null ? "yes" : null);
    say(preview.label, t(said === null ? "composer_plain" : "composer_preview"));
    say(preview.toggle, t(said === null ? "composer_format_on" : "composer_format_off"));
    preview.body.replaceChildren(...(said === null ? [] : [messageBody({ content: said, content_text: plainOf(said) })]));
  }

  function renderState() {
    const state = desk.store.get();
    const running = id === null ? [] : uploads.of(id, draft.kind);
    renderFiles(files, part().attachments, running);
    const trashed = isTrashed(row() ?? {});
    const may_write = state.me.role !== "viewer" && !trashed;
    const remote = row()?.remote;
    templates.render(may_write && takesTemplates(remote, state.capabilities));
    const shut = renderWindow(limits, remote, Date.now()) && draft.kind === "message";
    renderLength(length, draft.kind === "message" ? remote : undefined, part().text, state.capabilities);
    const empty = part().text.trim() === "" && part().attachments.length === 0;
    set(send, "disabled", !may_write || shut || empty || running.some((upload) => upload.error === null));
    // Whether it may be sent is judged when its time has come: a window that is shut now may be open then.
    set(later, "disabled", !may_write || empty || running.some((upload) => upload.error === null));
    set(parts.hint, "data-kept", state.connection.phase === "live" || state.connection.phase === "connecting" ? null : "yes");
    say(parts.hint, t(parts.hint.dataset["kept"] === "yes" ? "composer_kept" : "composer_hint"));
    field.allow({ write: may_write, mark: mayMark() });
    for (const control of [parts.attach, canned.button, reply, note]) set(control, "disabled", !may_write);
    if (!may_write) set(field.field, "placeholder", t(trashed ? "composer_trashed" : "composer_viewer"));
    const writing = (id === null ? [] : (state.typing[id] ?? [])).filter((typist) => typist.type === "agent");
    say(others, writing.length > 0 ? t("composer_others", { names: joinNames(writing.map(({ name }) => name ?? t("contact_unknown"))), count: writing.length }) : "");
  }

  /** @param {"text_chars_max"|"attachments_max"} name @param {number} otherwise */
  function limitOf(name, otherwise) {
    return desk.store.get().limits[name] ?? otherwise;
  }

  function submit() {
    if (id === null) return;
    if (uploads.of(id, draft.kind).some((upload) => upload.error === null)) return say(trouble, t("composer_upload_first"));
    if (send.disabled || complaint() !== "") return;
    const { kind } = draft;
    if (!desk.say(id, kind, { ...part(), text: part().text.trim() }, content())) {
      say(trouble, t("composer_full"));
      return;
    }
    // A note is an aside: the next thing is an answer again.
    take(desk.drafts.change(id, kind, () => EMPTY_PART, "message"));
    on_sent();
  }

  /** Asks when, and leaves it to the server. */
  async function sendLater() {
    if (id === null || later.disabled || complaint() !== "") return;
    const target = id;
    const { kind } = draft;
    const what = { ...part(), text: part().text.trim() };
    const said = content();
    const contact = row()?.contact.id;
    const zone = kind === "message" && contact !== undefined ? zoneOf(desk.store.get().contacts[contact]) : null;
    const at = await askWhen(scope, { title: t(kind === "note" ? "later_title_note" : "later_title"), zone });
    if (at === null) return field.field.focus();
    set(later, "disabled", true);
    try {
      await desk.schedule(target, kind, what, said, at);
      const next = desk.drafts.change(target, kind, () => EMPTY_PART, "message");
      if (target === id) take(next);
      desk.reports.on_notice(t("later_set", { when: whenWords(at, Date.now()) }));
    } catch (error) {
      if (scope.stopped || wasStopped(error)) return;
      say(trouble, wordsFor(error));
    }
    renderState();
    field.field.focus();
  }

  /** @param {Iterable<File>} chosen */
  function addFiles(chosen) {
    if (id === null || parts.attach.disabled) return;
    const max = limitOf("attachments_max", FILES_MAX);
    for (const file of chosen) {
      if (part().attachments.length + uploads.of(id, draft.kind).length >= max) {
        say(trouble, t("composer_files_many", { count: max }));
        return;
      }
      uploads.add(id, draft.kind, file);
    }
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (id === null || event.isComposing || event.defaultPrevented) return;
    const strong = event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && event.shiftKey && strong) {
      event.preventDefault();
      void sendLater();
      return;
    }
    // While an input method composes, Enter chooses a word.
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      // Pressed once more, it does not wait any longer.
      if (strong && isEmpty(part())) desk.outbox.release(id);
      else submit();
    } else if (strong && !event.shiftKey && event.key.toLowerCase() === "z" && isEmpty(part())) {
      const held = desk.outbox.items.findLast((item) => item.conversation_id === id && item.state === "held");
      if (!held) return;
      event.preventDefault();
      on_undo(held.client_id);
    }
  }

  scope.every(WINDOW_LOOK_MS, renderState);
  scope.listen(later, "click", () => void sendLater());
  scope.listen(field.field, "input", () => {
    change({ text: field.field.value });
    if (id !== null && field.field.value.trim() !== "" && draft.kind === "message") desk.typed(id);
  });
  scope.listen(field.field, "blur", () => desk.stopTyping());
  scope.listen(field.field, "keydown", onKey);
  scope.listen(form, "submit", (event) => {
    event.preventDefault();
    submit();
    field.field.focus();
  });
  scope.listen(modes, "change", () => {
    turn(note.checked ? "note" : "message");
    field.field.focus();
  });
  scope.listen(parts.attach, "click", () => parts.picker.click());
  scope.listen(parts.picker, "change", () => {
    addFiles(parts.picker.files ?? []);
    parts.picker.value = "";
  });
  scope.listen(field.field, "paste", (/** @type {ClipboardEvent} */ event) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (pasted.length === 0) return;
    event.preventDefault();
    addFiles(pasted);
  });
  scope.listen(files, "click", (event) => {
    const again = dataAt(event, "again");
    const gone = dataAt(event, "remove");
    if (again !== null) uploads.retry(again);
    if (gone === null) return;
    uploads.remove(gone);
    if (id !== null) take(desk.drafts.change(id, draft.kind, ({ attachments }) => ({ attachments: attachments.filter((attachment) => attachment.id !== gone) })));
    field.field.focus();
  });
  scope.listen(preview.toggle, "click", () => {
    change({ plain: !part().plain });
    field.field.focus();
  });
  // A file is the one thing that a page cannot keep: the browser asks before it goes.
  scope.listen(window, "beforeunload", (event) => uploads.busy && event.preventDefault());
  // Another tab has written in the same draft: what stands there stands here.
  scope.listen(window, "storage", (/** @type {StorageEvent} */ event) => {
    if (id !== null && desk.drafts.heard(event.key) === id) take(desk.drafts.read(id));
  });

  return {
    element: form,
    /** @param {State} state */
    render(state) {
      if (state.open_id === id) return renderState();
      id = state.open_id;
      if (id !== null) take(desk.drafts.read(id));
    },
    /** @param {import("../net/wire.js").MessageKind} [kind] */
    focus(kind) {
      if (kind) turn(kind);
      field.field.focus();
    },
    addFiles,
    chooseCanned: canned.choose,
    /**
     * Puts a message that was not sent back into the field, above what stands there.
     * @param {import("../state/model.js").Unsent} item
     */
    takeBack(item) {
      const { kind, conversation_id } = item;
      const next = desk.drafts.change(conversation_id, kind, ({ text, attachments, plain }) => ({
        text: [item.text, text].filter((piece) => piece !== "").join("\n\n"),
        attachments: [...item.attachments, ...attachments],
        plain: plain || (item.content === null && toDocument(item.text) !== null),
      }), kind);
      if (conversation_id !== id) return;
      take(next);
      field.field.focus();
    },
  };
}

/** @param {import("../app/scope.js").Scope} scope */
function makeParts(scope) {
  const reply = modeInput("message");
  const note = modeInput("note");
  const modes = h("fieldset", { class: "modes" }, [
    h("legend", { class: "unseen", text: t("composer_mode") }),
    h("label", { class: "mode", for: reply.id }, [reply, t("composer_reply")]),
    h("label", { class: "mode", for: note.id }, [note, t("composer_note")]),
  ]);
  const field = makeField(scope);
  const files = h("ul", { class: "composer-files" });
  const picker = h("input", { type: "file", multiple: true, hidden: true, "aria-hidden": "true", tabindex: "-1" });
  const attach = iconButton("clip", t("composer_attach"));
  const trouble = h("p", { class: "composer-trouble", role: "alert" });
  const limits = h("p", { class: "composer-window", role: "status" });
  const others = h("p", { class: "composer-others", role: "status" });
  const length = h("p", { class: "composer-length", id: "composer-length" });
  set(field.field, "aria-describedby", length.id);
  const preview = makePreview();
  const hint = h("span", { class: "composer-hint" });
  const send_text = h("span");
  const send = h("button", { type: "submit", class: "button primary composer-send" }, [send_text, icon("send")]);
  const form = h("form", { class: "composer", "aria-label": t("composer_label") }, [
    h("div", { class: "composer-head" }, [modes, others]),
    limits,
    field.field,
    preview.element,
    files,
    trouble,
    h("div", { class: "composer-foot" }, [attach, picker, ...field.tools, hint, length, send]),
    ...field.panels,
    h("p", { class: "drop-hint", "aria-hidden": "true", text: t("composer_drop") }),
  ]);
  return { form, reply, note, modes, field, files, picker, attach, trouble, limits, others, length, preview, hint, send, send_text };
}

function makePreview() {
  const label = h("span", { class: "composer-preview-label" });
  const toggle = h("button", { type: "button", class: "link-button" });
  const body = h("div", { class: "composer-preview-body" });
  return { element: h("div", { class: "composer-preview", hidden: true }, [h("p", { class: "composer-preview-head" }, [label, toggle]), body]), label, toggle, body };
}

/** @param {"message"|"note"} kind */
function modeInput(kind) {
  return h("input", { type: "radio", name: "kind", value: kind, id: `mode-${kind}`, class: "unseen" });
}
