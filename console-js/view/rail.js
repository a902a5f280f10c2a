// The rail at the left: the views, how the connection stands, and the agent's own account.
//
// Guarantees: a screen reader hears once when the connection is lost and once when it is back; the seconds are for the eyes.

import { t } from "../locale/index.js";
import { writePlace, writeSettings } from "../app/router.js";
import { ownFirst } from "../state/prepared.js";
import { stands } from "../state/select.js";
import { makeAccount } from "./account.js";
import { h, reconcile, say, set, show } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("../state/model.js").State} State */

const VIEWS = /** @type {const} */ (["mine", "unassigned", "open", "pending", "snoozed", "resolved", "trash"]);

/** More are found by the key v and the list's head. */
const SAVED_SHOWN_MAX = 12;

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 * @param {() => void} on_find
 */
export function makeRail(scope, desk, on_find) {
  const links = VIEWS.map((view) =>
    h("a", { class: "rail-link", href: writePlace({ view, id: null }), "data-view": view }, [
      icon(view),
      h("span", { text: t(`view_${view}`) }),
    ]),
  );
  const saved = h("div", { class: "rail-saved", role: "group", "aria-label": t("rail_saved") });
  const settings = h("a", { class: "rail-link rail-settings", href: writeSettings("home"), "data-view": "settings" }, [icon("settings"), h("span", { text: t("settings_label") })]);
  const find = h("button", { type: "button", class: "rail-link rail-find", title: t("keys_find") }, [icon("search"), h("span", { text: t("find_open") })]);
  scope.listen(find, "click", on_find);
  const connection = makeConnection(scope, desk);
  const account = makeAccount(scope, desk);
  const element = h("nav", { class: "rail", "aria-label": t("rail_label") }, [
    h("div", { class: "brand" }, [h("span", { class: "brand-mark", "aria-hidden": "true" }, [icon("open")]), h("span", { text: t("app_name") })]),
    h("div", { class: "rail-links" }, [find, ...links, saved, settings]),
    connection.element,
    account.element,
  ]);

  return {
    element,
    /** @param {State} state @param {boolean} in_settings */
    render(state, in_settings) {
      for (const link of links) set(link, "aria-current", !in_settings && link.dataset["view"] === state.list.view ? "page" : null);
      reconcile(saved, ownFirst(state.prepared.views).slice(0, SAVED_SHOWN_MAX), { key: ({ id }) => id, make: makeSaved, update: (link, { name }) => void (link.lastElementChild && say(link.lastElementChild, name)) });
      for (const link of saved.children) set(link, "aria-current", !in_settings && link.getAttribute("data-view") === state.list.view ? "page" : null);
      show(saved, saved.childElementCount > 0);
      set(settings, "aria-current", in_settings ? "page" : null);
      connection.render(state);
      account.render();
    },
  };
}

/** @param {import("../net/prepared-wire.js").SavedView} view */
function makeSaved({ id, name }) {
  return h("a", { class: "rail-link", href: writePlace({ view: `saved:${id}`, id: null }), "data-view": `saved:${id}`, title: name }, [icon("save"), h("span", { dir: "auto" })]);
}

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 */
function makeConnection(scope, desk) {
  const text = h("span", { class: "connection-text", "aria-hidden": "true" });
  const heard = h("span", { class: "unseen", role: "status" });
  const retry = h("button", { type: "button", class: "link-button", text: t("connection_retry") });
  const unsent = h("a", { class: "connection-unsent" });
  const element = h("div", { class: "connection" }, [h("span", { class: "dot", "aria-hidden": "true" }), text, heard, retry, unsent]);
  let was_calm = true;
  scope.listen(retry, "click", () => desk.socket.reconnect());
  // The seconds count down while the state stands still.
  scope.every(1000, () => tell(desk.store.get().connection));

  /** @param {import("../state/model.js").Connection} connection */
  function tell(connection) {
    say(text, connectionWords(connection, Date.now()));
  }

  /** @param {State} state */
  function render({ connection, unsent: items, list }) {
    set(element, "data-phase", connection.phase);
    tell(connection);
    show(retry, connection.phase === "waiting" || connection.phase === "ended");
    if (!isCalm(connection)) {
      say(heard, connection.phase === "waiting" ? t("connection_lost") : connectionWords(connection, Date.now()));
      was_calm = false;
    } else if (connection.phase === "live" && !was_calm) {
      say(heard, t("connection_back"));
      was_calm = true;
    }
    const standing = items.filter(stands);
    const first = standing[0];
    show(unsent, first !== undefined);
    if (first === undefined) return;
    set(unsent, "href", writePlace({ view: list.view, id: first.conversation_id }));
    say(unsent, t("connection_unsent", { count: standing.length }));
  }
  return { element, render };
}

/**
 * Whether there is nothing to say about the connection where room is scarce.
 * @param {import("../state/model.js").Connection} connection
 */
export function isCalm({ phase }) {
  return phase === "live" || phase === "connecting";
}

/**
 * @param {import("../state/model.js").Connection} connection
 * @param {number} now_ms
 */
export function connectionWords({ phase, retry_at_ms, code }, now_ms) {
  switch (phase) {
    case "live":
      return t("connection_live");
    case "connecting":
      return t("connection_connecting");
    case "offline":
      return t("connection_offline");
    case "waiting": {
      const count = Math.ceil(((retry_at_ms ?? now_ms) - now_ms) / 1000);
      return count < 1 ? t("connection_now") : t("connection_waiting", { count });
    }
    case "ended":
      if (code === 4502) return t("ended_forbidden");
      return code === 4504 ? t("ended_sessions") : t("ended_other", { code: code ?? 0 });
  }
}
