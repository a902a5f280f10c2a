// What visitors will see, before it is saved.
//
// Guarantees: it is the widget's own view, words and style, loaded from where the widget itself loads them, with a sample conversation in place of
// a session; nothing is asked of the server for it and nobody's conversation is touched. It cannot be used, only looked at; where a browser
// does not let it be drawn the page says so. The frame is an empty document of our own: the console's policy holds in it.

import { t } from "../../locale/index.js";
import { wasStopped } from "../../state/problems.js";
import { h, say, set, show } from "../dom.js";
import { fillSelect } from "../parts.js";

/** @typedef {import("../../state/widget.js").WidgetForm} WidgetForm */
/** @typedef {{base: string, app: any, state: any, colour: any, text: any, browser: any}} Parts */

/** The languages that the widget speaks, by their own names (widget-js/frame/text.js). */
const LANGUAGES = [["en", "English"], ["de", "Deutsch"], ["es", "Español"], ["ar", "العربية"]];
/** What text stands on in the widget (widget-js/frame/main.js). */
const GROUNDS = { light: "#f2f4f7", dark: "#262a33" };
const MINUTE_MS = 60_000;

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {string} api_key
 */
export function makePreview(scope, api_key) {
  const frame = h("iframe", { class: "preview-frame", title: t("preview_title"), inert: true, tabindex: "-1" });
  const launcher = h("span", { class: "preview-launcher", "aria-hidden": "true" });
  const stage = h("div", { class: "preview-stage" }, [h("span", { class: "preview-site", "aria-hidden": "true" }), frame, launcher]);
  const failed = h("p", { class: "quiet-line", role: "status" });
  const scenes = sceneChoice();
  const language = h("select", { "aria-label": t("preview_language") });
  fillSelect(language, LANGUAGES.map(([value = "", label = ""]) => ({ value, label })), "en");
  const element = h("section", { class: "preview", "aria-labelledby": "preview-heading" }, [
    h("div", { class: "preview-head" }, [h("h3", { id: "preview-heading", text: t("preview_heading") }), h("span", { class: "select" }, [language])]),
    stage,
    failed,
    scenes.element,
  ]);

  /** @type {Parts|null} */
  let parts = null;
  /** @type {WidgetForm|null} */
  let form = null;
  let alive = scope.child();
  /** @type {any} */
  let store = null;

  const begin = async () => {
    try {
      parts = await loadParts(api_key, scope.signal);
      await play();
    } catch (error) {
      if (scope.stopped || wasStopped(error)) return;
      show(stage, false);
      say(failed, t("preview_failed"));
    }
  };
  /** Draws the widget anew: another language is another page of it. */
  const play = async () => {
    const inside = frame.contentDocument;
    if (parts === null || inside === null || form === null) return;
    alive.stop();
    const own = (alive = scope.child());
    const words = await parts.text.loadText(language.value);
    if (own.stopped) return;
    const { documentElement: root } = inside;
    set(root, "lang", words.locale);
    set(root, "dir", words.direction);
    if (inside.head.childElementCount === 0) {
      const style = inside.createElement("link");
      style.rel = "stylesheet";
      style.href = `${parts.base}/styles.css`;
      inside.head.append(style);
    }
    store = parts.state.createStore();
    store.set(sample(form, scenes.value()));
    const app = parts.app.createApp(inside.body, store, { text: words, actions: ACTIONS, clock: parts.browser.clock, kept: KEPT });
    own.own(() => app.stop());
    paint();
  };
  const paint = () => {
    const root = frame.contentDocument?.documentElement;
    if (parts === null || form === null || !root) return;
    const hue = parts.colour.readColour(form.color);
    const ink = parts.colour.inkOn(hue);
    const ground = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset["theme"] = ground;
    root.style.setProperty("--primary", hue);
    root.style.setProperty("--on-primary", ink);
    root.style.setProperty("--primary-text", parts.colour.readableOn(hue, GROUNDS[ground]));
    stage.style.setProperty("--hue", hue);
    stage.style.setProperty("--ink-on-hue", ink);
    set(stage, "data-position", form.position);
    store?.set(sample(form, scenes.value()));
  };
  scope.listen(language, "change", () => void play());
  scope.listen(scenes.element, "change", paint);
  scope.listen(window.matchMedia("(prefers-color-scheme: dark)"), "change", paint);

  let begun = false;
  return {
    element,
    /** @param {WidgetForm} now */
    render(now) {
      form = now;
      scenes.offer(now.questions.length > 0);
      if (begun) return paint();
      begun = true;
      // The frame has a document once it stands in the page.
      scope.after(0, () => void begin());
    },
  };
}

/** Before the chat, or in it; only where something is asked before it. */
function sceneChoice() {
  const inputs = /** @type {const} */ (["before", "chat"]).map((scene) => h("input", { type: "radio", name: "preview-scene", id: `scene-${scene}`, value: scene, class: "unseen" }));
  const element = h("fieldset", { class: "scenes" }, [
    h("legend", { class: "unseen", text: t("preview_scene") }),
    ...inputs.map((input) => h("label", { class: "mode", for: input.id }, [input, t(input.value === "before" ? "preview_before" : "preview_chat")])),
  ]);
  let asks = false;
  return {
    element,
    /** @param {boolean} with_questions */
    offer(with_questions) {
      if (with_questions !== asks || !inputs.some(({ checked }) => checked)) {
        for (const input of inputs) input.checked = input.value === (with_questions ? "before" : "chat");
      }
      asks = with_questions;
      show(element, with_questions);
    },
    value: () => (asks && inputs[0]?.checked ? "before" : "chat"),
  };
}

/** The widget's own modules, from where its page says that they are. @param {string} api_key @param {AbortSignal} signal @returns {Promise<Parts>} */
async function loadParts(api_key, signal) {
  const answer = await fetch(`/widget/v1/frame?apiKey=${encodeURIComponent(api_key)}`, { signal, credentials: "omit" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = page.querySelector("script[type=module]")?.getAttribute("src") ?? "";
  if (!answer.ok || !main.startsWith("/widget/v1/assets/")) throw new Error("the widget's page does not say where its parts are");
  const base = main.slice(0, main.lastIndexOf("/"));
  const [app, state, colour, text, browser] = await Promise.all(["view/app", "state", "colour", "text", "browser"].map((name) => import(`${base}/${name}.js`)));
  return { base, app, state, colour, text, browser };
}

/**
 * What the widget's state would be.
 * @param {WidgetForm} form
 * @param {string} scene
 */
function sample(form, scene) {
  const said = (/** @type {number} */ seq, /** @type {string} */ kind, /** @type {string|null} */ name, /** @type {string} */ words) => ({
    id: `sample-${seq}`, seq, author: { kind, id: null, name, avatarUrl: null }, content: null, text: words, attachments: [], clientId: null,
    at: Date.now() - (4 - seq) * MINUTE_MS, seen: true, failed: false,
  });
  const chatting = scene === "chat";
  return {
    phase: "ready",
    loaded: true,
    answered: chatting,
    conversationId: chatting ? "sample" : null,
    link: { status: "online", kind: "socket", retryAt: null, code: null },
    config: { theme: { primaryColor: form.color, position: form.position, headerText: form.header }, preChatForm: form.questions, allowFileUploads: form.files },
    messages: chatting ? [said(1, "visitor", null, t("preview_visitor")), said(2, "agent", t("preview_agent_name"), t("preview_agent"))] : [],
  };
}

const nothing = () => {};
/** What a visitor could do; here it is only looked at. */
const ACTIONS = {
  write: nothing, resend: nothing, discard: nothing, typing: nothing, reconnect: nothing, close: nothing, introduce: async () => null,
  upload: () => ({ done: new Promise(nothing), abort: nothing }), address: async () => "", limits: () => ({ frame_bytes_max: 65_536, text_chars_max: 10_000, attachments_max: 10 }),
};
const KEPT = { get: () => undefined, set: nothing, remove: nothing, names: () => [] };
