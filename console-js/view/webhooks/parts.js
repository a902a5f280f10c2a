// What the settings' pages are made of: a head with the way back, a place that loads, fields with their complaints, buttons that work once.
//
// Guarantees: a failure stands in words where its page or field is, and can be tried again; a button does not work twice at a time.

import { wasStopped, wordsFor } from "../../state/problems.js";
import { t } from "../../locale/index.js";
import { h, say, set } from "../dom.js";
import { icon } from "../icons.js";
import { emptyState } from "../parts.js";

/** @typedef {import("./index.js").Context} Context */

/**
 * @param {string} title
 * @param {{href: string, label: string, top?: boolean}} back `top` where the way stands beside the page unless that is narrow
 * @param {(Node|null)[]} [beside]
 */
export function pageHead(title, back, beside = []) {
  const heading = h("h2", { tabindex: "-1", dir: "auto", text: title });
  return {
    heading,
    element: h("header", { class: "settings-head" }, [
      h("a", { class: `settings-back ${back.top ? "only-narrow" : ""}`, href: back.href }, [icon("back"), h("span", { text: back.label })]),
      h("div", { class: "settings-title" }, [heading, ...beside]),
    ]),
  };
}

/**
 * Reads what a page shows, and says so meanwhile; where that fails, in words and with another try.
 * @template T
 * @param {Context} context
 * @param {(signal: AbortSignal) => Promise<T>} read
 * @param {(value: T) => void} draw
 */
export async function load({ scope, body }, read, draw) {
  const place = h("div", { class: "settings-state", role: "status" }, [h("p", { class: "quiet-line", text: t("settings_loading") })]);
  body.append(place);
  const tried = async () => {
    try {
      const value = await read(scope.signal);
      if (scope.stopped) return;
      place.remove();
      draw(value);
    } catch (error) {
      if (scope.stopped || wasStopped(error)) return;
      const again = h("button", { type: "button", class: "button", text: t("unsent_retry") });
      place.replaceChildren(emptyState("alert", t("settings_failed"), wordsFor(error)), again);
      onPress(scope, again, tried);
    }
  };
  await tried();
}

/**
 * Works when it is pressed, and not again before that is done. Its focus stays.
 * @param {import("../../app/scope.js").Scope} scope
 * @param {HTMLButtonElement} button
 * @param {() => unknown} work
 */
export function onPress(scope, button, work) {
  scope.listen(button, "click", () => void once(button, work));
}

/**
 * @param {HTMLButtonElement} button
 * @param {() => unknown} work
 */
export async function once(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  set(button, "aria-disabled", "true");
  try {
    await work();
  } finally {
    set(button, "aria-disabled", null);
  }
}

/**
 * Does what may fail, and says in words that it did.
 * @param {{scope: import("../../app/scope.js").Scope}} context
 * @param {() => Promise<void>} work
 * @param {(words: string, error: unknown) => void} complain
 */
export async function attempt({ scope }, work, complain) {
  try {
    await work();
  } catch (error) {
    if (!scope.stopped && !wasStopped(error)) complain(wordsFor(error), error);
  }
}

/** @param {string} [id] a sentence that is said when it comes */
export function troubleLine(id) {
  return h("p", { class: "form-trouble", role: "alert", id });
}

/**
 * A labelled input with a hint and a place for what is wrong with it.
 * @param {string} label
 * @param {HTMLInputElement|HTMLTextAreaElement|HTMLSelectElement} input with an id
 * @param {string} [hint]
 */
export function field(label, input, hint = "") {
  const trouble = h("p", { class: "form-trouble", id: `${input.id}-trouble` });
  const note = hint === "" ? null : h("p", { class: "field-hint", id: `${input.id}-hint`, text: hint });
  set(input, "aria-describedby", [note?.id, trouble.id].filter(Boolean).join(" "));
  return {
    element: h("div", { class: "field" }, [h("label", { for: input.id, text: label }), input instanceof HTMLSelectElement ? h("span", { class: "select" }, [input]) : input, trouble, note]),
    input,
    /** @param {string} words */
    complain(words) {
      say(trouble, words);
      set(input, "aria-invalid", words === "" ? null : "true");
    },
  };
}

/**
 * A box to tick, with a hint.
 * @param {HTMLInputElement} input with an id
 * @param {string} label
 * @param {(Node|string)[]|null} [hint]
 */
export function choice(input, label, hint = null) {
  if (hint !== null) set(input, "aria-describedby", `${input.id}-hint`);
  return h("div", { class: "choice" }, [
    input,
    h("div", { class: "choice-text" }, [h("label", { for: input.id, text: label }), hint === null ? null : h("p", { class: "field-hint", id: `${input.id}-hint` }, hint)]),
  ]);
}

/**
 * A text of the server's in which `names` stand between backticks.
 * @param {string} text
 * @returns {(Node|string)[]}
 */
export function withNames(text) {
  return text.split("`").map((part, place) => (place % 2 === 1 ? h("code", { text: part }) : part)).filter((part) => part !== "");
}

/**
 * A coloured word for how something stands.
 * @param {string} standing
 * @param {string} text
 */
export function standingMark(standing, text) {
  return h("span", { class: "mark standing", "data-standing": standing, text });
}

/**
 * Text as it came, in letters of one width; scrolls by itself and by keyboard.
 * @param {string} label
 * @param {string} text
 */
export function rawText(label, text) {
  return h("pre", { class: "raw", tabindex: "0", role: "region", "aria-label": label, dir: "ltr", text });
}

/** @param {[string, Node|string][]} rows */
export function facts(rows) {
  return h("dl", { class: "facts" }, rows.map(([label, value]) => h("div", {}, [h("dt", { text: label }), h("dd", { dir: "auto" }, [value])])));
}
