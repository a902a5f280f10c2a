// The rail at the left: the views, how the connection stands, and the agent's own account.

import { t } from "../locale/index.js";
import { writePlace, writeSettings } from "../app/router.js";
import { dataAt, h, say, set, show } from "./dom.js";
import { askSignOut, showKeys } from "./dialogs.js";
import { icon } from "./icons.js";
import { avatar } from "./parts.js";

/** @typedef {import("../state/model.js").State} State */

const VIEWS = /** @type {const} */ (["mine", "unassigned", "open", "pending", "snoozed", "resolved"]);
const PRESENCES = /** @type {const} */ (["online", "away", "offline"]);

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 */
export function makeRail(scope, desk) {
  const links = VIEWS.map((view) =>
    h("a", { class: "rail-link", href: writePlace({ view, id: null }), "data-view": view }, [
      icon(view),
      h("span", { text: t(`view_${view}`) }),
    ]),
  );
  const settings = h("a", { class: "rail-link rail-settings", href: writeSettings("home"), "data-view": "settings" }, [icon("settings"), h("span", { text: t("settings_label") })]);
  const connection = makeConnection(scope, desk);
  const account = makeAccount(scope, desk);
  const element = h("nav", { class: "rail", "aria-label": t("rail_label") }, [
    h("div", { class: "brand" }, [h("span", { class: "brand-mark", "aria-hidden": "true" }, [icon("open")]), h("span", { text: t("app_name") })]),
    h("div", { class: "rail-links" }, [...links, settings]),
    connection.element,
    account.element,
  ]);

  return {
    element,
    /** @param {State} state @param {boolean} in_settings */
    render(state, in_settings) {
      for (const link of links) set(link, "aria-current", !in_settings && link.dataset["view"] === state.list.view ? "page" : null);
      set(settings, "aria-current", in_settings ? "page" : null);
      connection.render(state);
      account.render();
    },
  };
}

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 */
function makeConnection(scope, desk) {
  const text = h("span", { class: "connection-text" });
  const retry = h("button", { type: "button", class: "link-button", text: t("connection_retry") });
  const element = h("div", { class: "connection", role: "status" }, [h("span", { class: "dot", "aria-hidden": "true" }), text, retry]);
  scope.listen(retry, "click", () => desk.socket.reconnect());
  // The seconds count down while the state stands still.
  scope.every(1000, () => render(desk.store.get()));

  /** @param {State} state */
  function render({ connection }) {
    set(element, "data-phase", connection.phase);
    say(text, connectionWords(connection, Date.now()));
    show(retry, connection.phase === "waiting" || connection.phase === "ended");
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

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 */
function makeAccount(scope, desk) {
  const { agent } = desk.session;
  const dot = h("span", { class: "presence-dot" });
  const status = h("span", { class: "account-status" });
  const summary = h("summary", { class: "account-summary" }, [
    h("span", { class: "avatar-frame" }, [avatar(agent.name, agent.id), dot]),
    h("span", { class: "account-text" }, [h("span", { class: "account-name", text: agent.name }), status]),
  ]);
  const choices = PRESENCES.map((presence) => {
    const input = h("input", { type: "radio", name: "presence", value: presence, id: `presence-${presence}` });
    return h("label", { class: "presence-choice", for: input.id }, [input, h("span", { class: "presence-dot", "data-presence": presence }), t(`presence_${presence}`)]);
  });
  const menu = h("div", { class: "account-menu" }, [
    h("p", { class: "account-mail", text: agent.email }),
    h("fieldset", { class: "presence-switch" }, [h("legend", { text: t("presence_label") }), ...choices]),
    menuButton("keys", t("rail_shortcuts"), "keys"),
    menuButton("exit", t("rail_signout"), "out"),
    menuButton("exits", t("rail_signout_everywhere"), "everywhere"),
  ]);
  const element = h("details", { class: "account" }, [summary, menu]);

  scope.listen(menu, "change", (event) => {
    const value = event.target instanceof HTMLInputElement ? event.target.value : "";
    const presence = PRESENCES.find((known) => known === value);
    if (presence) desk.setPresence(presence);
  });
  scope.listen(menu, "click", async (event) => {
    const action = dataAt(event, "action");
    if (action === null) return;
    element.open = false;
    if (action === "keys") await showKeys(scope);
    else if (await askSignOut(scope, action === "everywhere", desk.outbox.items.length)) await desk.signOut(action === "everywhere");
  });
  scope.listen(document, "click", (event) => {
    if (event.target instanceof Node && !element.contains(event.target)) element.open = false;
  });
  scope.listen(element, "keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || !element.open) return;
    event.stopPropagation();
    element.open = false;
    summary.focus();
  });

  return {
    element,
    render() {
      const presence = desk.presence;
      set(dot, "data-presence", presence);
      say(status, t(`presence_${presence}`));
      for (const input of menu.querySelectorAll("input")) input.checked = input.value === presence;
    },
  };
}

/**
 * @param {import("./icons.js").IconName} picture
 * @param {string} label
 * @param {string} action
 */
function menuButton(picture, label, action) {
  return h("button", { type: "button", class: "menu-button", "data-action": action }, [icon(picture), h("span", { text: label })]);
}
