// Making a webhook, and changing one.
//
// Guarantees: what the server refuses stands at its field, which gets the focus; a change is sent as what differs, for the version that was
// shown; the secret of a new webhook is handed to its page and not kept here.

import { goOn, writeSettings } from "../../app/router.js";
import { Problem } from "../../net/api.js";
import { bodyOf, changesOf, complaintsOf, listed } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { h, say } from "../dom.js";
import { makePicker } from "./events.js";
import { makeHeaders } from "./headers.js";
import { attempt, choice, field, load, once, pageHead, troubleLine } from "./parts.js";

/** @typedef {import("../../net/webhook-wire.js").Webhook} Webhook */
/** @typedef {import("../../net/webhook-wire.js").EventType} EventType */
/** @typedef {import("../../net/webhook-wire.js").ChannelBrief} ChannelBrief */

/** The longest URL and description that the server takes. */
const URL_CHARS_MAX = 2048;
const DESCRIPTION_CHARS_MAX = 500;

/**
 * @param {import("./index.js").Context} context
 * @param {string|null} id null for a new one
 */
export function openForm(context, id) {
  const leave = id === null ? writeSettings("list") : writeSettings("webhook", id);
  const head = pageHead(t(id === null ? "form_new_title" : "form_edit_title"), { href: leave, label: t(id === null ? "webhooks_back" : "delivery_back") });
  context.body.append(head.element);
  const { api } = context;
  const read = (/** @type {AbortSignal} */ signal) => Promise.all([api.eventTypes(signal), api.channels(signal), id === null ? null : api.get(id, signal)]);
  void load(context, read, ([types, channels, hook]) => drawForm(context, { types, channels, hook, leave }));
}

/**
 * @param {import("./index.js").Context} context
 * @param {{types: EventType[], channels: ChannelBrief[], hook: Webhook|null, leave: string}} on
 */
function drawForm(context, { types, channels, hook, leave }) {
  const fields = makeFields(context.scope, types, channels, hook);
  const trouble = troubleLine();
  const submit = h("button", { type: "submit", class: "button primary", text: t(hook === null ? "form_create" : "form_save") });
  const form = h("form", { class: "settings-form", novalidate: true }, [
    ...fields.elements,
    trouble,
    h("div", { class: "form-actions" }, [h("a", { class: "button", href: leave, text: t("settings_cancel") }), submit]),
  ]);
  context.body.append(form);

  /** @param {string} words @param {unknown} error */
  const refuse = (words, error) => {
    if (!(error instanceof Problem) || error.errors.length === 0) return say(trouble, words);
    const { rest } = fields.complain(error);
    say(trouble, [t("form_trouble"), ...rest].join(" "));
  };
  context.scope.listen(form, "submit", (event) => {
    event.preventDefault();
    void once(submit, async () => {
      say(trouble, "");
      if (!fields.calm()) return say(trouble, t("form_trouble"));
      await attempt(context, () => send(context, hook, fields.value()), refuse);
    });
  });
}

/**
 * @param {import("./index.js").Context} context
 * @param {Webhook|null} hook
 * @param {import("../../state/webhooks.js").HookForm} value
 */
async function send({ api, scope, kept, notify }, hook, value) {
  if (hook === null) {
    const { secret, previous_secret_until, ...made } = await api.create(bodyOf(value), scope.signal);
    kept.secrets.set(made.id, { secret, previous_secret_until, rotated: false });
    return goOn(writeSettings("webhook", made.id));
  }
  const changes = changesOf(hook, value);
  if (Object.keys(changes).length > 0) await api.update(hook, changes, scope.signal);
  notify(t(Object.keys(changes).length > 0 ? "hook_saved_notice" : "form_nothing"));
  goOn(writeSettings("webhook", hook.id));
}

/**
 * The fields, what stands in them, and where a complaint goes.
 * @param {import("../../app/scope.js").Scope} scope
 * @param {EventType[]} types
 * @param {ChannelBrief[]} channels
 * @param {Webhook|null} hook
 */
function makeFields(scope, types, channels, hook) {
  const filter = hook?.filter ?? {};
  const url = field(t("form_url"), h("input", { id: "hook-url", type: "url", value: hook?.url ?? "", required: true, maxlength: URL_CHARS_MAX, autocomplete: "off", spellcheck: "false", dir: "ltr", placeholder: "https://" }), t("form_url_hint"));
  const description = field(t("form_description"), h("textarea", { id: "hook-description", rows: 2, text: hook?.description ?? "", maxlength: DESCRIPTION_CHARS_MAX, autocomplete: "off", dir: "auto" }), t("form_description_hint"));
  const events = makePicker(scope, types, hook?.events ?? []);
  const headers = makeHeaders(scope, Object.keys(hook?.headers ?? {}));
  const ordered = h("input", { id: "hook-ordered", type: "checkbox" });
  ordered.checked = hook?.ordered ?? false;
  const rate = field(t("form_rate"), h("input", { id: "hook-rate", type: "number", min: 1, max: 1000, step: 1, inputmode: "numeric", value: hook?.rate_limit_per_second ?? "" }), t("form_rate_hint"));
  const boxes = channelBoxes(channels, filter.channel_ids ?? []);
  const labels = field(t("form_labels"), h("input", { id: "hook-labels", value: (filter.labels ?? []).join(", "), autocomplete: "off", dir: "auto" }), t("form_labels_hint"));
  const teams = field(t("form_teams"), h("input", { id: "hook-teams", value: (filter.team_ids ?? []).join(", "), autocomplete: "off", dir: "ltr" }), t("form_teams_hint"));
  // Teams have no page yet; a filter that was made over the API is shown, so that it is not lost.
  const with_teams = (filter.team_ids ?? []).length > 0;
  const more = h("details", { class: "form-more", open: hook !== null && hasMore(hook) }, [
    h("summary", { text: t("form_more") }),
    h("div", { class: "form-more-body" }, [
      headers.element,
      channels.length === 0 ? null : boxes.element,
      labels.element,
      with_teams ? teams.element : null,
      choice(ordered, t("form_ordered"), [t("form_ordered_hint")]),
      rate.element,
    ]),
  ]);
  /** @type {Record<string, typeof url>} */
  const simple = { "/url": url, "/description": description, "/rate_limit_per_second": rate, "/filter/labels": labels, "/filter/team_ids": teams };

  const mark = (/** @type {Record<string, string>} */ byField) => markFields(byField, { simple, events, headers, more });

  return {
    elements: [url.element, description.element, events.element, more],
    value: () => ({
      url: url.input.value,
      description: description.input.value.trim(),
      events: events.value(),
      headers: headers.value(),
      ordered: ordered.checked,
      rate: rate.input.value.trim(),
      channel_ids: boxes.value(),
      team_ids: listOf(teams.input, filter.team_ids),
      labels: listOf(labels.input, filter.labels),
    }),
    /** What the page itself can tell is wrong. */
    calm() {
      const byField = {
        ...(url.input.validity.valueMissing ? { "/url": t("form_url_none") } : {}),
        ...(rate.input.validity.valid ? {} : { "/rate_limit_per_second": t("form_rate_wrong") }),
        ...(headers.twice() === null ? {} : { "/headers": t("form_header_twice", { name: headers.twice() ?? "" }) }),
        ...(events.value().length === 0 ? { "/events": t("form_events_none") } : {}),
      };
      mark(byField);
      return Object.keys(byField).length === 0;
    },
    /** @param {Problem} problem */
    complain(problem) {
      const complaints = complaintsOf(problem, [...Object.keys(simple), "/events", ...headers.pointers()]);
      mark(complaints.byField);
      return complaints;
    },
  };
}

/**
 * Puts each complaint at its field, and the focus where the first one is.
 * @param {Record<string, string>} byField
 * @param {{simple: Record<string, ReturnType<typeof field>>, events: ReturnType<typeof makePicker>, headers: ReturnType<typeof makeHeaders>, more: HTMLDetailsElement}} on
 */
function markFields(byField, { simple, events, headers, more }) {
  for (const [pointer, one] of Object.entries(simple)) one.complain(byField[pointer] ?? "");
  events.complain(byField["/events"] ?? "");
  headers.complain(byField);
  if (Object.keys(byField).some((pointer) => !["/url", "/description", "/events"].includes(pointer))) more.open = true;
  const header = headers.element.querySelector("[aria-invalid]");
  if (byField["/url"]) simple["/url"]?.input.focus();
  else if (byField["/events"]) events.focus();
  else if (header instanceof HTMLElement) header.focus();
  else Object.values(simple).find(({ input }) => input.getAttribute("aria-invalid") === "true")?.input.focus();
}

/**
 * The values of a list; one that nobody touched stays as it was, also where a value holds a comma.
 * @param {HTMLInputElement|HTMLTextAreaElement|HTMLSelectElement} input
 * @param {string[]} [before]
 */
function listOf(input, before = []) {
  return input.value === before.join(", ") ? before : listed(input.value);
}

/** Whether anything below "more" was chosen. @param {Webhook} hook */
function hasMore({ headers, filter, ordered, rate_limit_per_second: rate }) {
  return Object.keys(headers).length > 0 || Object.values(filter).some((values) => values.length > 0) || ordered || rate !== null;
}

/**
 * @param {ChannelBrief[]} channels
 * @param {string[]} chosen
 */
function channelBoxes(channels, chosen) {
  const gone = chosen.filter((id) => !channels.some((channel) => channel.id === id)).map((id) => ({ id, name: id }));
  const boxes = [...channels, ...gone].map(({ id, name }) => {
    const input = h("input", { type: "checkbox", id: `channel-${id}`, value: id });
    input.checked = chosen.includes(id);
    return { input, element: choice(input, name) };
  });
  return {
    element: h("fieldset", { class: "channels", "aria-describedby": "channels-hint" }, [
      h("legend", { text: t("form_channels") }),
      h("p", { class: "field-hint", id: "channels-hint", text: t("form_channels_hint") }),
      ...boxes.map(({ element }) => element),
    ]),
    value: () => boxes.filter(({ input }) => input.checked).map(({ input }) => input.value),
  };
}
