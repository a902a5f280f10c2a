// One webhook: how it stands, its figures, what can be done with it, and its deliveries.
//
// Guarantees: what it shows is read again every few seconds while somebody looks; a failed read says that the page may be old and leaves what
// is there; one panel is open at a time, and its button says so.

import { goOn, writeSettings } from "../../app/router.js";
import { fullTime } from "../../state/format.js";
import { eventsWords, hookName, standingOf } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { ask } from "../dialogs.js";
import { h, say, set, show } from "../dom.js";
import { makeDeliveries } from "./deliveries.js";
import { makeReplay, makeRotate, makeTest } from "./panels.js";
import { attempt, load, onPress, pageHead, standingMark, troubleLine } from "./parts.js";
import { makeReplays } from "./replays.js";
import { makeSecret } from "./secret.js";
import { statsOf } from "./stats.js";

/** @typedef {import("../../net/webhook-wire.js").Webhook} Webhook */
/** @typedef {import("../../net/webhook-wire.js").EventType} EventType */
/** @typedef {import("./index.js").Context} Context */

const REFRESH_MS = 3000;
const PANELS = /** @type {const} */ (["test", "replay", "rotate"]);

/**
 * @param {Context} context
 * @param {string} id
 */
export function openWebhook(context, id) {
  const { api, body } = context;
  const mark = h("span");
  const head = pageHead(t("webhooks_title"), { href: writeSettings("list"), label: t("webhooks_back") }, [mark]);
  body.append(head.element);
  const read = (/** @type {AbortSignal} */ signal) => Promise.all([api.get(id, signal), api.eventTypes(signal)]);
  void load(context, read, ([hook, types]) => draw(context, { hook, types, head, mark }));
}

/**
 * @param {Context} context
 * @param {{hook: Webhook, types: EventType[], head: ReturnType<typeof pageHead>, mark: HTMLElement}} on
 */
function draw(context, { hook, types, head, mark }) {
  const { scope, api, body } = context;
  const { id } = hook;
  const url = h("p", { class: "hook-url", dir: "ltr" });
  const events = h("p", { class: "hook-events", dir: "auto" });
  const state = h("p", { class: "hook-state" });
  const stale = troubleLine();
  const secret = h("div", { class: "hook-secret" });
  const stats = h("dl", { class: "stats", "aria-label": t("hook_stats") });
  const deliveries = makeDeliveries(context, id, types);
  const replays = makeReplays(context, id, () => void refresh());

  /** @param {Webhook} now */
  const render = (now) => {
    const standing = standingOf(now);
    context.heard({ type: "webhook_loaded", webhook: now });
    say(head.heading, hookName(now));
    mark.replaceChildren(standingMark(standing, t(`hook_standing_${standing}`)));
    say(url, now.url);
    show(url, hookName(now) !== now.url.replace(/^https?:\/\//, ""));
    say(events, eventsWords(now.events));
    say(state, stateWords(now));
    show(state, standing !== "enabled");
    set(state, "data-standing", standing);
    actions.render(now);
    deliveries.setEnabled(now.status === "enabled");
  };
  let reading = false;
  const refresh = async () => {
    if (reading) return;
    reading = true;
    await attempt(context, async () => {
      const [now, figures] = await Promise.all([api.get(id, scope.signal), api.stats(id, scope.signal), deliveries.refresh(), replays.refresh()]);
      if (scope.stopped) return;
      render(now);
      const shown = statsOf(figures, now.status === "enabled", Date.now());
      if (stats.textContent !== shown.map((one) => one.textContent).join("")) stats.replaceChildren(...shown);
      say(stale, "");
    }, (words) => say(stale, t("hook_stale_refresh", { reason: words })));
    reading = false;
  };
  /** @param {import("./index.js").FreshSecret} fresh */
  const showSecret = (fresh) => {
    const shown = makeSecret(scope, fresh, () => {
      secret.replaceChildren();
      head.heading.focus();
    });
    secret.replaceChildren(shown.element);
    shown.heading.focus();
    shown.element.scrollIntoView({ block: "nearest" });
  };
  const actions = makeActions(context, id, {
    test: (own) => makeTest(own, id, types, () => void refresh()),
    replay: (own) => makeReplay(own, id, replays.begun),
    rotate: (own) => makeRotate(own, id, (fresh) => {
      actions.close();
      showSecret(fresh);
    }),
  }, { render, refresh });

  body.append(url, events, state, stale, secret, actions.element, actions.place, replays.element, stats, deliveries.element);
  render(hook);
  const fresh = context.kept.secrets.get(id);
  context.kept.secrets.delete(id);
  if (fresh) showSecret(fresh);
  void refresh();
  scope.every(REFRESH_MS, () => {
    if (!document.hidden) void refresh();
  });
}

/** @param {Webhook} hook */
function stateWords({ status, disabled_reason: reason, failing_since: since }) {
  if (status === "disabled") return t("hook_disabled_because", { reason: (reason ?? "").replace(/\.$/, "") });
  return since === null ? "" : t("hook_failing_since", { at: fullTime(since) });
}

/**
 * The buttons, and the place where their panels open.
 * @param {Context} context
 * @param {string} id
 * @param {Record<typeof PANELS[number], (own: Context) => import("./panels.js").Panel>} panels each lives until it is closed
 * @param {{render: (hook: Webhook) => void, refresh: () => Promise<void>}} on
 */
function makeActions(context, id, panels, { render, refresh }) {
  const { scope, api, notify } = context;
  const edit = h("a", { class: "button", href: writeSettings("edit", id), text: t("hook_edit") });
  const toggle = h("button", { type: "button", class: "button" });
  const remove = h("button", { type: "button", class: "button quiet danger-text", text: t("hook_delete") });
  const place = h("div", { class: "panels", id: "hook-panels" });
  const openers = PANELS.map((name) => h("button", { type: "button", class: "button", "data-opens": name, "aria-expanded": "false", "aria-controls": place.id, text: t(`hook_${name}`) }));
  const element = h("div", { class: "hook-actions", role: "group", "aria-label": t("hook_actions") }, [...openers, edit, toggle, remove]);
  const trouble = troubleLine();
  place.append(trouble);
  let enabled = true;
  let open = scope.child();

  const close = () => {
    open.stop();
    for (const opener of openers) set(opener, "aria-expanded", "false");
  };
  for (const opener of openers) {
    scope.listen(opener, "click", () => {
      const name = PANELS.find((known) => known === opener.dataset["opens"]);
      const was_open = opener.getAttribute("aria-expanded") === "true";
      close();
      if (was_open || name === undefined) return;
      const own = (open = scope.child());
      const panel = panels[name]({ ...context, scope: own });
      place.append(panel.element);
      own.own(() => panel.element.remove());
      set(opener, "aria-expanded", "true");
      panel.heading.focus();
    });
  }
  scope.listen(place, "keydown", (/** @type {KeyboardEvent} */ event) => {
    const opener = openers.find((one) => one.getAttribute("aria-expanded") === "true");
    if (event.key !== "Escape" || !opener) return;
    close();
    opener.focus();
  });
  /** @param {string} words */
  const complain = (words) => say(trouble, words);
  onPress(scope, toggle, () =>
    attempt(context, async () => {
      const now = await api.setEnabled(id, !enabled, scope.signal);
      complain("");
      render(now);
      notify(t(now.status === "enabled" ? "hook_enabled_notice" : "hook_disabled_notice"));
      void refresh();
    }, complain));
  onPress(scope, remove, () => removeHook(context, id, complain));

  return {
    element,
    place,
    close,
    /** @param {Webhook} hook */
    render(hook) {
      enabled = hook.status === "enabled";
      say(toggle, t(enabled ? "hook_disable" : "hook_enable"));
    },
  };
}

/**
 * Removes the webhook, if that is meant.
 * @param {Context} context
 * @param {string} id
 * @param {(words: string) => void} complain
 */
async function removeHook(context, id, complain) {
  const { scope, api, notify, heard } = context;
  const answer = await ask(scope, {
    title: t("hook_delete_title"),
    body: [h("p", { text: t("hook_delete_lead") })],
    actions: [{ value: "", label: t("dialog_cancel") }, { value: "yes", label: t("hook_delete"), kind: "danger" }],
  });
  if (answer !== "yes") return;
  await attempt(context, async () => {
    await api.remove(id, scope.signal);
    heard({ type: "webhook_removed", id });
    notify(t("hook_deleted_notice"));
    goOn(writeSettings("list"));
  }, complain);
}
