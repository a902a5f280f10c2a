// A form that changes something which others may change, too.
//
// Guarantees: what the server refuses stands at its field, in its words, and the first such field has the focus; nothing that was entered is
// lost by a refusal. Where somebody else was quicker (412) the form says what they changed, and offers the two ways on: theirs instead of
// what stands here, or what stands here on top of theirs. Both change nothing but on a press.

import { Problem } from "../../net/api.js";
import { changedIn, clashes, rebased } from "../../state/conflict.js";
import { complaintsOf } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { h, say, set, show } from "../dom.js";
import { attempt, once, onPress, troubleLine } from "../webhooks/parts.js";

/** A place where something can be wrong. @typedef {{complain: (words: string) => void, focus: () => void}} Spot */
/**
 * What of a form can be changed by others, too.
 * @template {object} R
 * @template {object} F
 * @typedef {{base: R, form: (thing: R) => F, read: () => F, fill: (form: F) => void, latest: () => Promise<R>,
 *   labels: Record<string, string>}} Shared
 */

/**
 * @template {object} R
 * @template {object} F
 * @param {{scope: import("../../app/scope.js").Scope}} context
 * @param {{elements: (Node|null)[], spots: () => Record<string, Spot>, check: () => Record<string, string>, submit: string, beside?: (Node|null)[],
 *   send: (base: R|null) => Promise<R|void>, shared?: Shared<R, F>, id?: string, quiet?: boolean}} on `spots` by pointer, in reading order; `check`
 *   answers what the page itself can tell is wrong; `send` answers with the thing after the change, if there is one
 */
export function makeEdit(context, on) {
  const { scope } = context;
  const shared = on.shared;
  let base = shared?.base ?? null;
  const trouble = troubleLine();
  const submit = h("button", { type: "submit", class: `button ${on.quiet ? "" : "primary"}`, text: on.submit });
  const conflict = makeConflict(scope);
  const form = h("form", { class: "settings-form", novalidate: true, id: on.id ?? null }, [
    ...on.elements,
    conflict.element,
    trouble,
    h("div", { class: "form-actions" }, [...(on.beside ?? []), submit]),
  ]);

  /** @param {Record<string, string>} byField */
  const mark = (byField) => {
    const spots = on.spots();
    for (const [pointer, spot] of Object.entries(spots)) spot.complain(byField[pointer] ?? "");
    Object.entries(spots).find(([pointer]) => byField[pointer])?.[1].focus();
  };

  const send = async () => {
    say(trouble, "");
    conflict.hide();
    const wrong = on.check();
    mark(wrong);
    if (Object.keys(wrong).length > 0) return say(trouble, t("form_trouble"));
    await attempt(context, async () => {
      const after = await on.send(base);
      if (after) base = after;
    }, (words, error) => void refuse(words, error));
  };

  /** @param {string} words @param {unknown} error */
  const refuse = async (words, error) => {
    if (error instanceof Problem && error.status === 412 && shared) return settle(shared);
    if (!(error instanceof Problem) || error.errors.length === 0) return say(trouble, words);
    const { byField, rest } = complaintsOf(error, Object.keys(on.spots()));
    mark(byField);
    say(trouble, [t("form_trouble"), ...rest].join(" "));
  };

  /** Somebody else was quicker. @param {Shared<R, F>} with_others */
  const settle = (with_others) =>
    attempt(context, async () => {
      const now = await with_others.latest();
      if (scope.stopped || base === null) return;
      const [was, mine, theirs] = [with_others.form(base), with_others.read(), with_others.form(now)];
      const label = (/** @type {string} */ name) => with_others.labels[name] ?? name;
      conflict.show({
        changed: changedIn(was, theirs).map(label),
        both: clashes(was, mine, theirs).map(label),
        theirs() {
          base = now;
          with_others.fill(theirs);
          say(trouble, "");
          submit.focus();
        },
        mine() {
          base = now;
          with_others.fill(rebased(was, mine, theirs));
          submit.focus();
          return once(submit, send);
        },
      });
    }, (words) => say(trouble, words));

  scope.listen(form, "submit", (event) => {
    event.preventDefault();
    void once(submit, send);
  });
  return {
    form,
    submit,
    trouble,
    /** The thing as it is known here; null where there is none yet. @returns {R|null} */
    get base() {
      return base;
    },
    /**
     * It was changed in another place of the page. If others changed what stands on the form, too, that is not hidden by it: the next save asks.
     * @param {R} thing
     */
    rebase(thing) {
      if (shared && base !== null && changedIn(shared.form(base), shared.form(thing)).length === 0) base = thing;
    },
    /** Leaves what was complained of behind. */
    calm() {
      say(trouble, "");
      conflict.hide();
      mark({});
    },
  };
}

/** @param {import("../../app/scope.js").Scope} scope */
function makeConflict(scope) {
  const heading = h("h3", { tabindex: "-1", text: t("conflict_title") });
  const changed = h("p", { dir: "auto" });
  const both = h("p", { dir: "auto" });
  const mine = h("button", { type: "button", class: "button", text: t("conflict_mine") });
  const theirs = h("button", { type: "button", class: "button", text: t("conflict_theirs") });
  const element = h("section", { class: "conflict", hidden: true }, [heading, changed, both, h("div", { class: "hook-actions" }, [mine, theirs])]);
  let ways = { mine: () => /** @type {unknown} */ (undefined), theirs: () => /** @type {unknown} */ (undefined) };
  const hide = () => show(element, false);
  for (const [button, way] of /** @type {const} */ ([[mine, "mine"], [theirs, "theirs"]])) {
    onPress(scope, button, () => {
      hide();
      return ways[way]();
    });
  }
  return {
    element,
    hide,
    /** @param {{changed: string[], both: string[], mine: () => unknown, theirs: () => unknown}} what */
    show(what) {
      ways = what;
      say(changed, what.changed.length > 0 ? t("conflict_changed", { fields: what.changed.join(", ") }) : t("conflict_elsewhere"));
      say(both, what.both.length > 0 ? t("conflict_both", { fields: what.both.join(", ") }) : t("conflict_apart"));
      show(element, true);
      heading.focus();
    },
  };
}

/**
 * A field as a place where something can be wrong.
 * @param {{input: HTMLElement, complain: (words: string) => void}} one
 * @returns {Spot}
 */
export function spot({ input, complain }) {
  return { complain, focus: () => input.focus() };
}

/**
 * A group of boxes or rows as such a place.
 * @param {HTMLElement} group
 * @param {HTMLElement} trouble
 * @param {() => HTMLElement|null} first
 * @returns {Spot}
 */
export function groupSpot(group, trouble, first) {
  return {
    complain(words) {
      say(trouble, words);
      set(group, "data-invalid", words === "" ? null : "yes");
    },
    focus: () => first()?.focus(),
  };
}
