// The replays of one webhook: those that run with how far they are, and past ones, folded away.
//
// Guarantees: what the server keeps is what is shown, so a reload loses nothing; one that was seen running stays in sight until the page is
// left, so that its end is seen; while one runs it is looked at every second.

import { fullTime } from "../../state/format.js";
import { extended, refreshed, replaysOf, replayWords } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { h, reconcile, say, set, show } from "../dom.js";
import { attempt, onPress, troubleLine } from "./parts.js";

/** @typedef {import("../../net/webhook-wire.js").Replay} Replay */

const FOLLOW_MS = 1000;
const PAGE_ROWS = 10;

/**
 * @param {import("./index.js").Context} context
 * @param {string} id
 * @param {() => void} on_moved told when a replay has made deliveries due
 */
export function makeReplays(context, id, on_moved) {
  const { scope, api } = context;
  /** @type {import("../../state/webhooks.js").Listed<Replay>} */
  let list = { rows: [], pages: 0, next_cursor: null };
  /** @type {Set<string>} those that were seen running, or begun here */
  const watched = new Set();
  let reading = false;
  let following = () => {};

  const current = h("ul", { class: "replay-rows" });
  const past = h("ul", { class: "replay-rows" });
  const more = h("button", { type: "button", class: "button wide quiet", text: t("list_more") });
  const summary = h("summary", { text: t("replays_past") });
  const folded = h("details", { class: "replays-past" }, [summary, past, more]);
  const trouble = troubleLine();
  const element = h("section", { class: "replays", "aria-labelledby": "replays-title", hidden: true }, [
    h("h3", { id: "replays-title", class: "settings-subtitle", text: t("replays_title") }),
    current,
    trouble,
    folded,
  ]);

  function render() {
    const shown = replaysOf(list.rows, watched);
    for (const replay of shown.current) watched.add(replay.id);
    const how = { key: (/** @type {Replay} */ replay) => replay.id, make: makeRow, update: updateRow, same: sameReplay };
    reconcile(current, shown.current, how);
    reconcile(past, shown.past, how);
    show(folded, shown.past.length > 0);
    show(more, list.next_cursor !== null);
    show(element, list.rows.length > 0);
    if (list.rows.some((replay) => replay.status === "running")) {
      following();
      following = scope.after(FOLLOW_MS, () => void look());
    }
  }
  const read = async () => {
    if (reading) return;
    reading = true;
    try {
      const before = queuedOf(list.rows);
      const page = await api.replays(id, { limit: PAGE_ROWS }, scope.signal);
      if (scope.stopped) return;
      const first = list.pages === 0;
      list = refreshed(list, page);
      say(trouble, "");
      render();
      if (!first && queuedOf(list.rows) !== before) on_moved();
    } finally {
      reading = false;
    }
  };
  const look = () =>
    attempt(context, read, (words) => {
      say(trouble, words);
      following();
      following = scope.after(FOLLOW_MS, () => void look());
    });
  onPress(scope, more, () =>
    attempt(context, async () => {
      const page = await api.replays(id, { limit: PAGE_ROWS, cursor: list.next_cursor }, scope.signal);
      if (scope.stopped) return;
      list = extended(list, page);
      render();
    }, (words) => say(trouble, words)));

  return {
    element,
    /** Reads them again, and fails where that fails. */
    refresh: read,
    /** One was begun here. @param {Replay} replay */
    begun(replay) {
      watched.add(replay.id);
      if (!list.rows.some((row) => row.id === replay.id)) list = { ...list, rows: [replay, ...list.rows] };
      render();
      void look();
    },
  };
}

/** @param {Replay[]} rows */
function queuedOf(rows) {
  return rows.reduce((sum, { queued }) => sum + queued, 0);
}

/** @param {Replay} one @param {Replay} other */
function sameReplay(one, other) {
  return one.status === other.status && one.progress === other.progress && one.queued === other.queued;
}

function makeRow() {
  return h("li", { class: "replay" }, [
    h("p", { class: "replay-what" }),
    h("time", {}),
    h("progress", { max: 1, "aria-label": t("replay_progress") }),
    h("p", { class: "replay-said" }),
  ]);
}

/** @param {HTMLElement} element @param {Replay} replay */
function updateRow(element, replay) {
  const [what, at, bar, said] = /** @type {[HTMLElement, HTMLTimeElement, HTMLProgressElement, HTMLElement]} */ (/** @type {unknown} */ ([...element.children]));
  const words = replayWords(replay);
  set(element, "data-id", replay.id);
  set(element, "data-status", replay.status);
  say(what, words.what);
  set(at, "datetime", replay.created_at);
  say(at, fullTime(replay.created_at));
  show(bar, replay.status === "running");
  bar.value = replay.progress;
  say(said, words.said);
}
