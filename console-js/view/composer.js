// Where an agent writes: a reply or a note, with files.
//
// Guarantees: nothing typed is lost; each conversation has its own draft, written down with every key press. What is sent
// goes to the outbox at once and the field is free again.

import { t } from "../locale/index.js";
import { Uploads } from "../app/uploads.js";
import { hoursAndMinutes, mayReply } from "../state/remote.js";
import { rowAt } from "../state/rows.js";
import { dataAt, h, reconcile, say, set, show } from "./dom.js";
import { icon } from "./icons.js";
import { iconButton } from "./parts.js";

/** @typedef {import("../state/model.js").State} State */
/** @typedef {import("../app/drafts.js").Draft} Draft */

const TEXT_CHARS_MAX = 10_000;
const FILES_MAX = 10;
/** How often the time that is left is told anew. */
const WINDOW_LOOK_MS = 20_000;
/** The field grows up to this height. */
const FIELD_PX_MAX = 220;

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 * @param {() => void} on_sent
 */
export function makeComposer(scope, desk, on_sent) {
  const reply = modeInput("message");
  const note = modeInput("note");
  const modes = h("fieldset", { class: "modes" }, [
    h("legend", { class: "unseen", text: t("composer_mode") }),
    h("label", { class: "mode", for: reply.id }, [reply, t("composer_reply")]),
    h("label", { class: "mode", for: note.id }, [note, t("composer_note")]),
  ]);
  const field = h("textarea", { class: "composer-field", rows: "1", "aria-label": t("composer_label") });
  const files = h("ul", { class: "composer-files" });
  const picker = h("input", { type: "file", multiple: true, hidden: true, "aria-hidden": "true", tabindex: "-1" });
  const attach = iconButton("clip", t("composer_attach"));
  const trouble = h("p", { class: "composer-trouble", role: "alert" });
  const limits = h("p", { class: "composer-window", role: "status" });
  const send_text = h("span");
  const send = h("button", { type: "submit", class: "button primary composer-send" }, [send_text, icon("send")]);
  const form = h("form", { class: "composer", "aria-label": t("composer_label") }, [
    modes,
    limits,
    field,
    files,
    trouble,
    h("div", { class: "composer-foot" }, [attach, picker, h("span", { class: "composer-hint", text: t("composer_hint") }), send]),
    h("p", { class: "drop-hint", "aria-hidden": "true", text: t("composer_drop") }),
  ]);

  let id = /** @type {string|null} */ (null);
  /** @type {Draft} */
  let draft = { text: "", kind: "message", attachments: [] };
  const uploads = new Uploads(scope, () => renderFiles(), (conversation_id, attachment) => {
    if (conversation_id === id) return change({ attachments: [...draft.attachments, attachment] });
    const other = desk.drafts.read(conversation_id);
    desk.drafts.write(conversation_id, { ...other, attachments: [...other.attachments, attachment] });
  });

  /** @param {Partial<Draft>} patch */
  function change(patch) {
    draft = { ...draft, ...patch };
    if (id !== null) desk.drafts.write(id, draft);
    renderDraft();
  }

  function renderDraft() {
    if (field.value !== draft.text) field.value = draft.text;
    reply.checked = draft.kind === "message";
    note.checked = draft.kind === "note";
    set(form, "data-kind", draft.kind);
    set(field, "placeholder", t(draft.kind === "note" ? "composer_note_placeholder" : "composer_reply_placeholder"));
    say(send_text, t(draft.kind === "note" ? "composer_save_note" : "composer_send"));
    const over = [...draft.text].length - limitOf("text_chars_max", TEXT_CHARS_MAX);
    say(trouble, over > 0 ? t("composer_too_long", { count: over }) : "");
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, FIELD_PX_MAX)}px`;
    renderFiles();
  }

  function renderFiles() {
    const running = id === null ? [] : uploads.of(id);
    const items = [
      ...draft.attachments.map((attachment) => ({ key: attachment.id, name: attachment.filename, part: 1, error: /** @type {string|null} */ (null) })),
      ...running,
    ];
    reconcile(files, items, { key: (item) => item.key, make: makeFile, update: updateFile });
    show(files, items.length > 0);
    const may_write = desk.store.get().me.role !== "viewer";
    const empty = draft.text.trim() === "" && draft.attachments.length === 0;
    const shut = renderWindow() && draft.kind === "message";
    set(send, "disabled", !may_write || shut || empty || running.some((upload) => upload.error === null));
    for (const control of [field, attach, reply, note]) set(control, "disabled", !may_write);
    if (!may_write) set(field, "placeholder", t("composer_viewer"));
  }

  /** Says what the provider lets be said; true if that is nothing. */
  function renderWindow() {
    const remote = id === null ? undefined : rowAt(desk.store.get().conversations, id)?.remote;
    const { may, left_ms } = remote ? mayReply(remote, Date.now()) : { may: "anything", left_ms: 0 };
    set(limits, "data-may", may);
    if (!remote || may === "anything") {
      say(limits, "");
      return false;
    }
    const channel = t(/** @type {import("../locale/index.js").Key} */ (`kind_${remote.kind}`));
    const times = hoursAndMinutes(left_ms);
    if (may === "open") say(limits, t("composer_window_open", times));
    else if (may === "human") say(limits, t("composer_window_human", times));
    else if (may === "opted_out") say(limits, t("composer_opted_out"));
    else say(limits, t(remote.kind === "whatsapp" ? "composer_window_closed_templates" : "composer_window_closed", { channel }));
    return may === "closed" || may === "opted_out";
  }

  /** @param {"text_chars_max"|"attachments_max"} name @param {number} otherwise */
  function limitOf(name, otherwise) {
    return desk.store.get().limits[name] ?? otherwise;
  }

  function submit() {
    if (id === null || send.disabled) return;
    if ([...draft.text].length > limitOf("text_chars_max", TEXT_CHARS_MAX)) return;
    if (!desk.say(id, { ...draft, text: draft.text.trim() })) {
      say(trouble, t("composer_full"));
      return;
    }
    // A note is an aside: the next thing is an answer again.
    change({ text: "", attachments: [], kind: "message" });
    on_sent();
  }

  /** @param {Iterable<File>} chosen */
  function addFiles(chosen) {
    if (id === null || attach.disabled) return;
    const max = limitOf("attachments_max", FILES_MAX);
    for (const file of chosen) {
      if (draft.attachments.length + uploads.of(id).length >= max) {
        say(trouble, t("composer_files_many", { count: max }));
        return;
      }
      uploads.add(id, file);
    }
  }

  scope.every(WINDOW_LOOK_MS, renderFiles);
  scope.listen(field, "input", () => {
    change({ text: field.value });
    if (id !== null && field.value.trim() !== "" && draft.kind === "message") desk.typed(id);
  });
  scope.listen(field, "blur", () => desk.stopTyping());
  scope.listen(field, "keydown", (/** @type {KeyboardEvent} */ event) => {
    // While an input method composes, Enter chooses a word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  scope.listen(form, "submit", (event) => {
    event.preventDefault();
    submit();
    field.focus();
  });
  scope.listen(modes, "change", () => {
    change({ kind: note.checked ? "note" : "message" });
    field.focus();
  });
  scope.listen(attach, "click", () => picker.click());
  scope.listen(picker, "change", () => {
    addFiles(picker.files ?? []);
    picker.value = "";
  });
  scope.listen(field, "paste", (/** @type {ClipboardEvent} */ event) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (pasted.length === 0) return;
    event.preventDefault();
    addFiles(pasted);
  });
  scope.listen(files, "click", (event) => {
    const key = dataAt(event, "remove");
    if (key === null) return;
    uploads.remove(key);
    change({ attachments: draft.attachments.filter((attachment) => attachment.id !== key) });
  });

  return {
    element: form,
    /** @param {State} state */
    render(state) {
      if (state.open_id === id) return renderFiles();
      id = state.open_id;
      if (id === null) return;
      draft = desk.drafts.read(id);
      renderDraft();
    },
    /** @param {import("../net/wire.js").MessageKind} [kind] */
    focus(kind) {
      if (kind) change({ kind });
      field.focus();
    },
    addFiles,
    /**
     * Puts a message that was not sent back into the field, above what stands there.
     * @param {import("../state/model.js").Unsent} item
     */
    takeBack(item) {
      if (item.conversation_id !== id) return;
      const text = [item.text, draft.text].filter((part) => part !== "").join("\n\n");
      change({ text, kind: item.kind, attachments: [...item.attachments, ...draft.attachments] });
      field.focus();
    },
  };
}

/** @param {"message"|"note"} kind */
function modeInput(kind) {
  return h("input", { type: "radio", name: "kind", value: kind, id: `mode-${kind}`, class: "unseen" });
}

function makeFile() {
  return h("li", { class: "composer-file" });
}

/**
 * @param {HTMLElement} element
 * @param {{key: string, name: string, part: number, error: string|null}} item
 */
function updateFile(element, { key, name, part, error }) {
  set(element, "data-failed", error === null ? null : "yes");
  const words = error === null ? name : t("composer_upload_failed", { name, reason: error });
  const progress = part < 1 && error === null ? h("progress", { max: "1", value: part, "aria-label": t("composer_uploading", { name }) }) : null;
  element.replaceChildren(
    ...[icon(error === null ? "file" : "alert"), h("span", { class: "file-name", text: words }), progress].filter((part_of) => part_of !== null),
    h("button", { type: "button", class: "label-remove", "data-remove": key, "aria-label": t("composer_file_remove", { name }) }, [icon("close")]),
  );
}
