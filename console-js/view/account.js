// The agent's own menu: what they are to others, how they are told of news, and the way out.
//
// Guarantees: leave to notify is asked for when somebody wants notifications, never before; what the browser refuses is said.

import { t } from "../locale/index.js";
import { dataAt, h, say, set } from "./dom.js";
import { askSignOut, showKeys } from "./dialogs.js";
import { icon } from "./icons.js";
import { avatar } from "./parts.js";

const PRESENCES = /** @type {const} */ (["online", "away", "offline"]);
const CHOICES = /** @type {const} */ (["notify", "sound", "mine_only", "quiet", "undo"]);

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 */
export function makeAccount(scope, desk) {
  const { agent } = desk.session;
  const dot = h("span", { class: "presence-dot" });
  const status = h("span", { class: "account-status" });
  const name = h("span", { class: "account-name" });
  const summary = h("summary", { class: "account-summary" }, [
    h("span", { class: "avatar-frame" }, [avatar(agent.name, agent.id), dot]),
    h("span", { class: "account-text" }, [name, status]),
  ]);
  const presences = PRESENCES.map((presence) => {
    const input = h("input", { type: "radio", name: "presence", value: presence, id: `presence-${presence}` });
    return { input, label: h("label", { class: "presence-choice", for: input.id }, [input, h("span", { class: "presence-dot", "data-presence": presence }), t(`presence_${presence}`)]) };
  });
  const reach = makeReach(scope, desk);
  const menu = h("div", { class: "account-menu" }, [
    h("p", { class: "account-mail", text: agent.email }),
    h("fieldset", { class: "presence-switch" }, [h("legend", { text: t("presence_label") }), ...presences.map(({ label }) => label)]),
    reach.element,
    menuButton("keys", t("rail_shortcuts"), "keys"),
    menuButton("exit", t("rail_signout"), "out"),
    menuButton("exits", t("rail_signout_everywhere"), "everywhere"),
  ]);
  const element = h("details", { class: "account" }, [summary, menu]);

  for (const { input } of presences) {
    scope.listen(input, "change", () => desk.presence.choose(/** @type {import("../net/wire.js").PresenceStatus} */ (input.value)));
  }
  scope.listen(menu, "click", async (event) => {
    const action = dataAt(event, "action");
    if (action === null) return;
    element.open = false;
    if (action === "keys") return void (await showKeys(scope));
    // What has just been said goes out first: only what cannot is worth a question.
    await desk.outbox.drain();
    if (await askSignOut(scope, action === "everywhere", desk.outbox.items.length)) await desk.signOut(action === "everywhere");
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
      const { chosen, now } = desk.presence;
      // Agents change their own name in the settings.
      say(name, desk.session.agent.name);
      set(dot, "data-presence", now);
      const words = chosen === now ? t(`presence_${now}`) : t("presence_idle");
      say(status, desk.preferences.now.quiet ? t("presence_quiet", { presence: words }) : words);
      for (const { input } of presences) input.checked = input.value === chosen;
      reach.render();
    },
  };
}

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 */
function makeReach(scope, desk) {
  const boxes = CHOICES.map((name) => {
    const input = h("input", { type: "checkbox", id: `reach-${name}` });
    return { name, input, label: h("label", { class: "presence-choice", for: input.id }, [input, t(`reach_${name}`)]) };
  });
  const hint = h("p", { class: "reach-hint", role: "status" });
  const element = h("fieldset", { class: "presence-switch reach" }, [h("legend", { text: t("reach_label") }), ...boxes.map(({ label }) => label), hint]);
  for (const { name, input } of boxes) {
    scope.listen(input, "change", async () => {
      say(hint, "");
      if (name === "notify" && input.checked) {
        const leave = await desk.alerts.ask();
        if (leave !== "granted") {
          input.checked = false;
          say(hint, t(leave === "none" ? "reach_none" : "reach_denied"));
          return;
        }
      }
      desk.preferences.choose({ [name]: input.checked });
      // Heard at once, it is known; and the browser wants a click before the first sound.
      if (name === "sound" && input.checked) desk.sound.play();
    });
  }
  return {
    element,
    render() {
      const chosen = desk.preferences.now;
      for (const { name, input } of boxes) {
        const on = name === "notify" ? chosen.notify && desk.alerts.leave === "granted" : chosen[name];
        if (input.checked !== on && document.activeElement !== input) input.checked = on;
      }
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
