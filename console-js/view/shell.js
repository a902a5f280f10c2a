// The whole screen of a signed-in agent: rail, list, conversation, contact, and what happens between them.
//
// Guarantees: drawn at most once a frame; every part draws itself from the state; on a phone the list and the conversation
// are two screens of the same page.

import { showBadge } from "../app/badge.js";
import { followKeys } from "../app/keyboard.js";
import { followPlace, go } from "../app/router.js";
import { mayOpen } from "../state/permissions.js";
import { rowAt } from "../state/rows.js";
import { openRow, unreadTotal } from "../state/select.js";
import { t } from "../locale/index.js";
import { makeCommands } from "./commands.js";
import { makeComposer } from "./composer.js";
import { makeContact } from "./contact.js";
import { dialogIsOpen } from "./dialogs.js";
import { askFind } from "./find.js";
import { h, say, set, show } from "./dom.js";
import { makeHead } from "./head.js";
import { makeList } from "./list.js";
import { makeNotices } from "./notices.js";
import { emptyState } from "./parts.js";
import { makeQuoteBar } from "./quote.js";
import { connectionWords, isCalm, makeRail } from "./rail.js";
import { askStale } from "./stale.js";
import { makeTimeline } from "./timeline.js";
import { makeTroubles } from "./troubles.js";
import { makeSettings } from "./webhooks/index.js";

/** Narrower than this, the contact lies above the conversation (styles/layout.css). */
const PANEL_BESIDE = "(min-width: 1200px)";
/** Here the list goes away when a conversation opens, and the focus with it. */
const PHONE = "(max-width: 759px)";

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {HTMLElement} root
 * @param {import("../app/desk.js").Desk} desk
 */
export function mountShell(scope, root, desk) {
  const { store } = desk;
  const backToList = () => go({ view: store.get().list.view, id: null });
  const beside = window.matchMedia(PANEL_BESIDE);
  const phone = window.matchMedia(PHONE);
  let panel = beside.matches;
  /** @param {boolean} open */
  const setPanel = (open) => {
    panel = open;
    schedule();
  };

  const notices = makeNotices(scope);
  const rail = makeRail(scope, desk, () => void find());
  const list = makeList(scope, desk, { command: (command) => void commands[command]("") });
  const contact = makeContact(scope, desk, () => {
    setPanel(false);
    head.details.focus();
  });
  const head = makeHead(scope, desk, { on_back: leave, on_details: () => setPanel(!panel), on_macro: () => void commands.macroOpen(), on_snooze: () => void commands.snoozeOpen(), on_trash: () => void commands.trashOpen(), on_restore: () => void commands.restoreOpen() });
  const timeline = makeTimeline(scope, desk, onUnsent, answer);
  const quote = makeQuoteBar(scope, desk, () => composer.focus());
  const composer = makeComposer(scope, desk, { on_sent: () => timeline.toEnd(), on_undo: edit });
  const nothing = h("div", { class: "conversation-nothing" }, [emptyState("open", t("welcome_title"), t("welcome_hint"))]);
  const missing = h("div", { class: "conversation-nothing" }, [emptyState("alert", t("missing_title"), t("missing_hint"))]);
  const parts = [head.element, timeline.element, h("div", { class: "writing" }, [quote.element, composer.element])];
  const banner = h("p", { class: "list-banner only-phone", role: "status" });
  const conversation = h("section", { class: "conversation", "aria-label": t("head_label") }, [banner, nothing, missing, ...parts]);
  const troubles = makeTroubles(scope, desk);
  const settings = makeSettings(scope, desk, (text) => notices.add(text));
  const page_title = h("h1", { class: "unseen", text: t("app_name") });
  const desk_element = h("div", { class: "desk" }, [rail.element, h("main", { class: "room" }, [page_title, troubles.element, list.element, conversation, settings.element]), contact.element, notices.element]);
  root.replaceChildren(desk_element);
  scope.own(() => desk_element.remove());

  /** The frame that will draw; 0 for none. */
  let frame = 0;
  /** Focus can go only where something is shown. */
  let after_render = () => {};
  scope.own(() => cancelAnimationFrame(frame));
  function schedule() {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      render();
      after_render();
      after_render = () => {};
    });
  }

  function render() {
    const state = store.get();
    const open = state.open_id !== null;
    const known = openRow(state) !== undefined;
    const gone = state.open_id !== null && state.missing[state.open_id] === true;
    set(desk_element, "data-screen", settings.open ? "settings" : open ? "conversation" : "list");
    set(desk_element, "data-panel", known && panel ? "open" : "closed");
    set(head.details, "aria-expanded", panel ? "true" : "false");
    show(nothing, !open);
    show(missing, gone);
    for (const part of parts) show(part, open && !gone);
    show(contact.element, known && panel);
    set(head.element, "data-loading", known ? null : "yes");
    const calm = isCalm(state.connection);
    show(banner, !calm);
    say(banner, calm ? "" : connectionWords(state.connection, Date.now()));
    rail.render(state, settings.open);
    troubles.render(state, settings.open);
    list.render(state);
    head.render(state);
    timeline.render(state);
    composer.render(state);
    quote.render(state);
    contact.render(state);
  }

  /** @param {string} action @param {string} client_id */
  function onUnsent(action, client_id) {
    if (action === "retry") desk.outbox.retry(client_id);
    else if (action === "now") releaseOne(client_id);
    else if (action === "copy") void copy(client_id);
    else if (action === "resend") resend(client_id);
    else if (action === "discard") desk.outbox.takeBack(client_id);
    else if (action === "review") {
      const item = unsent(client_id);
      if (item) void review(item);
    } else edit(client_id);
  }

  /** The next reply answers this message. @param {number} seq */
  function answer(seq) {
    const { open_id } = store.get();
    if (open_id === null) return;
    desk.quotes.write(open_id, seq);
    quote.render(store.get());
    composer.focus("message");
  }

  /** @param {string} message_id */
  function resend(message_id) {
    const { open_id } = store.get();
    if (open_id !== null) void desk.resend(open_id, message_id);
  }

  /** @param {string} client_id */
  const unsent = (client_id) => desk.outbox.items.find((item) => item.client_id === client_id);

  /** @param {string} client_id */
  function releaseOne(client_id) {
    const item = unsent(client_id);
    if (item) desk.outbox.release(item.conversation_id);
  }

  /** @param {string} client_id */
  async function copy(client_id) {
    try {
      await navigator.clipboard.writeText(unsent(client_id)?.text ?? "");
      notices.add(t("unsent_copied"));
    } catch {
      // No clipboard without a secure context, or the reader said no.
      notices.add(t("unsent_not_copied"));
    }
  }

  /** @param {string} client_id */
  function edit(client_id) {
    const item = desk.outbox.takeBack(client_id);
    if (!item) return;
    if (item.reply_to_seq) desk.quotes.write(item.conversation_id, item.reply_to_seq);
    composer.takeBack(item);
    quote.render(store.get());
  }

  /** @param {import("../state/model.js").Unsent} item */
  async function review(item) {
    if (dialogIsOpen()) return;
    const elsewhere = item.conversation_id === store.get().open_id ? undefined : rowAt(store.get().conversations, item.conversation_id);
    const answer = await askStale(scope, item, elsewhere?.contact ?? null);
    if (answer === "discard") desk.outbox.takeBack(item.client_id);
    if (answer === "send") desk.outbox.retry(item.client_id);
    else if (answer === "edit") {
      go({ view: store.get().list.view, id: item.conversation_id });
      edit(item.client_id);
    }
  }

  desk.reports = {
    ...desk.reports,
    on_notice: (text) => notices.add(text),
    on_stale: (item) => void review(item),
    on_open: (id) => go({ view: store.get().list.view, id }),
    on_reach: schedule,
  };
  scope.own(store.watch(() => {
    schedule();
    showBadge(unreadTotal(store.get()));
  }));
  scope.listen(beside, "change", () => setPanel(beside.matches));
  scope.listen(document, "visibilitychange", schedule);
  followFiles(scope, conversation, composer.addFiles);
  const toggle_details = () => store.get().open_id !== null && setPanel(!panel);
  const commands = makeCommands(scope, desk, { list, timeline, write: composer.focus, canned: composer.chooseCanned, toggle_details, escape, find: () => void find() });
  followKeys(scope, commands, () => settings.open);

  /** Searches everything, and shows what was chosen. */
  async function find() {
    if (dialogIsOpen()) return;
    const hit = await askFind(scope, desk.api);
    if (hit === null || hit.conversation_id === null) return;
    timeline.goTo(hit.conversation_id, hit.seq);
    go({ view: store.get().list.view, id: hit.conversation_id });
  }
  // In the field where a message is written the same keys make a link: that comes first and says so.
  scope.listen(document, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.defaultPrevented || event.altKey || event.shiftKey || !(event.ctrlKey || event.metaKey) || event.code !== "KeyK") return;
    event.preventDefault();
    void find();
  });

  function escape() {
    const active = document.activeElement;
    if (active?.closest(".search")) {
      if (!list.clearSearch() && active instanceof HTMLElement) active.blur();
    } else if (active?.closest(".writing") && quote.drop()) return;
    else if (active instanceof HTMLElement && active.closest(".writing, .head")) timeline.focus();
    else if (store.get().selection.ids.length > 0) store.dispatch({ type: "selection_cleared" });
    else if (panel && !beside.matches && store.get().open_id !== null) setPanel(false);
    else leave();
  }

  /** Back to the list, with the row that was open under the focus. */
  function leave() {
    const id = store.get().open_id;
    if (id === null) return;
    backToList();
    after_render = () => store.get().open_id === null && list.focusRow(id);
  }

  followPlace(scope, ({ view, id: wanted }, settings_place) => {
    if (settings_place !== null && mayOpen(desk.session.agent.role, settings_place.page)) {
      desk.openConversation(null);
      // Who comes here first goes back to where a newcomer begins.
      if (store.get().list.status === "idle") desk.loader.openView(view, "");
      settings.show(settings_place);
      schedule();
      return;
    }
    settings.hide();
    const { list: shown } = store.get();
    desk.loader.openView(view, shown.view === view ? shown.query : "");
    // A page of the settings that is not for this member names no conversation.
    const id = settings_place === null ? wanted : null;
    const opens = id !== null && id !== store.get().open_id;
    desk.openConversation(id);
    if (opens && !beside.matches) panel = false;
    if (opens && phone.matches) after_render = () => timeline.focus();
    schedule();
  });
  render();
}

/**
 * Files dropped anywhere on the conversation join the draft.
 * @param {import("../app/scope.js").Scope} scope
 * @param {HTMLElement} target
 * @param {(files: Iterable<File>) => void} add
 */
function followFiles(scope, target, add) {
  /** @param {DragEvent} event */
  const has_files = (event) => event.dataTransfer?.types.includes("Files") ?? false;
  scope.listen(target, "dragover", (/** @type {DragEvent} */ event) => {
    if (!has_files(event)) return;
    event.preventDefault();
    set(target, "data-drop", "yes");
  });
  scope.listen(target, "dragleave", (/** @type {DragEvent} */ event) => {
    if (!(event.relatedTarget instanceof Node) || !target.contains(event.relatedTarget)) set(target, "data-drop", null);
  });
  scope.listen(target, "drop", (/** @type {DragEvent} */ event) => {
    set(target, "data-drop", null);
    if (!has_files(event)) return;
    event.preventDefault();
    add(event.dataTransfer?.files ?? []);
  });
}
