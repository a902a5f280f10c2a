// The settings' pages of what is prepared: a list of each kind, a page that makes one, and a page of one.
//
// Guarantees: what is everybody's is only offered to be changed to those who may; what was changed here is known to the inbox at once.

import { goOn, writeSettings } from "../../app/router.js";
import { PreparedApi } from "../../net/prepared.js";
import { may } from "../../state/permissions.js";
import { mayChange, ownFirst } from "../../state/prepared.js";
import { t } from "../../locale/index.js";
import { h, say } from "../dom.js";
import { icon } from "../icons.js";
import { emptyState } from "../parts.js";
import { sure } from "../channels/sure.js";
import { makeEdit } from "../settings/edit.js";
import { settingsBack } from "../settings/nav.js";
import { attempt, choice, load, onPress, pageHead, standingMark, troubleLine } from "../webhooks/parts.js";
import { KINDS } from "./kinds.js";

/** @typedef {import("../webhooks/index.js").Context} Context */
/** @typedef {import("../../net/prepared-wire.js").Kind} Kind */

/** @param {Context} context */
const mayShare = ({ desk }) => may(desk.session.agent.role, "workspace:write");

/** @param {Context} context @param {Kind} kind */
export function openPrepared(context, kind) {
  const { pages, shared_only, words, make, icon: picture, row } = KINDS[kind];
  const may_share = mayShare(context);
  const add = pages.make === null || make === null || (shared_only && !may_share) ? null : h("a", { class: "button primary", href: writeSettings(pages.make) }, [icon("plus"), h("span", { text: t(make) })]);
  context.body.append(pageHead(t(words.title), settingsBack(), [add]).element, h("p", { class: "settings-lead", text: t(words.lead) }));
  void load(context, (signal) => new PreparedApi(context.desk.api).list(kind, signal), (found) => {
    context.desk.store.dispatch({ type: "prepared_loaded", prepared: { [kind]: found } });
    if (found.length === 0) return context.body.append(emptyState(picture, t(words.empty_title), t(words.empty_hint)));
    const rows = ownFirst(/** @type {any[]} */ (found)).map((thing) => {
      const { name, more } = row(thing, context.desk);
      const inside = [
        h("span", { class: "hook-row-top" }, [h("span", { class: "hook-name" }, name), shared_only || thing.owner_id === null ? null : standingMark("", t("prepared_own_mark"))]),
        more === "" ? null : h("span", { class: "hook-events", dir: "auto", text: more }),
      ];
      const attributes = { class: "hook-row prepared-row", "data-id": thing.id };
      return h("li", {}, [mayChange(thing, may_share) ? h("a", { ...attributes, href: writeSettings(pages.one, thing.id) }, inside) : h("div", attributes, inside)]);
    });
    context.body.append(h("ul", { class: "hooks" }, rows));
    if (!may_share && /** @type {any[]} */ (found).some((thing) => !mayChange(thing, false))) context.body.append(h("p", { class: "field-hint", text: t("prepared_read_only") }));
  });
}

/** @param {Context} context @param {Kind} kind */
export function openNewPrepared(context, kind) {
  const about = KINDS[kind];
  if (about.make === null) return;
  const fields = about.fields(null, context.desk, context.scope);
  const whose = makeWhose(context, null);
  const back = { href: writeSettings(about.pages.all), label: t(about.words.back) };
  const edit = makeEdit(context, {
    elements: [...fields.elements, about.shared_only ? null : whose.element],
    spots: fields.spots,
    check: fields.check,
    beside: [h("a", { class: "button", href: back.href, text: t("settings_cancel") })],
    submit: t("form_save"),
    send: async () => {
      await new PreparedApi(context.desk.api).create(kind, { ...fields.body(fields.read()), ...(about.shared_only ? {} : { owner_id: whose.owner() }) }, context.scope.signal);
      context.notify(t("prepared_saved"));
      void context.desk.loader.loadPrepared(kind);
      goOn(back.href);
    },
  });
  context.body.append(pageHead(t(about.make), back).element, edit.form);
}

/** @param {Context} context @param {Kind} kind @param {string} id */
export function openOnePrepared(context, kind, id) {
  const { pages, words } = KINDS[kind];
  const head = pageHead(t(words.title), { href: writeSettings(pages.all), label: t(words.back) });
  context.body.append(head.element);
  void load(context, (signal) => new PreparedApi(context.desk.api).one(kind, id, signal), (thing) => draw(context, kind, thing, head.heading));
}

/** @param {Context} context @param {Kind} kind @param {any} thing @param {HTMLElement} heading */
function draw(context, kind, thing, heading) {
  const { scope, desk, body, notify } = context;
  const about = KINDS[kind];
  const api = new PreparedApi(desk.api);
  const fields = about.fields(thing, desk, scope);
  const whose = makeWhose(context, thing);
  const read = () => ({ ...fields.read(), ...(about.shared_only ? {} : { whose: whose.owner() === null ? "everybody" : "own" }) });
  /** @param {any} one */
  const form = (one) => ({ ...about.form(one), ...(about.shared_only ? {} : { whose: one.owner_id === null ? "everybody" : "own" }) });
  const edit = makeEdit(context, {
    elements: [...fields.elements, about.shared_only ? null : whose.element],
    spots: fields.spots,
    check: fields.check,
    submit: t("form_save"),
    send: async (/** @type {any} */ base) => {
      const after = await api.update(kind, base, { ...fields.body(fields.read()), ...(about.shared_only ? {} : { owner_id: whose.owner() }) }, scope.signal);
      say(heading, about.called(after));
      notify(t("prepared_saved"));
      void desk.loader.loadPrepared(kind);
      return after;
    },
    shared: {
      base: thing,
      form,
      read,
      fill: (/** @type {Record<string, string>} */ { whose: chosen, ...rest }) => {
        fields.fill(rest);
        whose.fill(chosen !== "own");
      },
      latest: () => api.one(kind, thing.id, scope.signal),
      labels: about.labels(),
    },
  });
  const trouble = troubleLine();
  const remove = h("button", { type: "button", class: "button danger", text: t("prepared_remove") });
  onPress(scope, remove, async () => {
    const now = edit.base ?? thing;
    if (!(await sure(scope, { title: t(about.words.remove_title, { name: about.called(now) }), lead: t(about.words.remove_lead), submit: t("prepared_remove"), danger: true }))) return;
    say(trouble, "");
    await attempt(context, async () => {
      await api.remove(kind, now, scope.signal);
      notify(t("prepared_removed"));
      void desk.loader.loadPrepared(kind);
      goOn(writeSettings(about.pages.all));
    }, (words) => say(trouble, words));
  });
  say(heading, about.called(thing));
  body.append(h("section", { class: "card" }, [edit.form]), trouble, h("div", { class: "hook-actions" }, [remove]));
}

/**
 * Who can use it: a choice for those who may change what is everybody's; what others make is their own.
 * @param {Context} context
 * @param {{owner_id: string|null}|null} thing
 */
function makeWhose(context, thing) {
  const me = context.desk.session.agent.id;
  const may_share = mayShare(context);
  const own = h("input", { type: "radio", name: "whose", id: "whose-own" });
  const everybody = h("input", { type: "radio", name: "whose", id: "whose-everybody" });
  const element = may_share ? h("fieldset", { class: "roles" }, [h("legend", { text: t("prepared_whose") }), choice(own, t("prepared_own")), choice(everybody, t("prepared_everybody"))]) : null;
  /** @param {boolean} shared */
  const fill = (shared) => {
    everybody.checked = shared;
    own.checked = !shared;
  };
  fill(may_share && (thing === null || thing.owner_id === null));
  return { element, fill, owner: () => (everybody.checked ? null : me) };
}
