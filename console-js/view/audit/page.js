// The log of the settings: who changed what, in words, by day, filtered over what was read of it.
//
// Guarantees: nothing found in what was read is said as that, and not as "nothing": with a filter more pages are read by themselves, up to a
// bound, and then on a press.

import { dayKey, dayName, clockTime, fullTime } from "../../state/format.js";
import { actorsOf, actorWords, auditFiltered, AUDIT_KINDS, auditKindWords, deedWords } from "../../state/audit.js";
import { capital } from "../../state/problems.js";
import { hookName } from "../../state/webhooks.js";
import { t } from "../../locale/index.js";
import { h, say, show } from "../dom.js";
import { emptyState, fillSelect } from "../parts.js";
import { settingsBack } from "../settings/nav.js";
import { attempt, load, onPress, pageHead, troubleLine } from "../webhooks/parts.js";

/** @typedef {import("../webhooks/index.js").Context} Context */
/** @typedef {import("../../net/settings-wire.js").AuditEntry} AuditEntry */

const PAGE_ROWS = 50;
/** How many hits are enough, and how many pages one press reads to find them. */
const HITS_ENOUGH = 20;
const PAGES_AT_ONCE_MAX = 5;

/** @param {Context} context */
export function openAudit(context) {
  context.body.append(pageHead(t("audit_title"), settingsBack()).element, h("p", { class: "settings-lead", text: t("audit_lead") }));
  const { settings: api } = context;
  void load(context, (signal) => Promise.all([api.audit({ cursor: null, limit: PAGE_ROWS }, signal), namesOf(context, signal)]), ([page, names]) => draw(context, page, names));
}

/** What things are called now, by id. @param {Context} context @param {AbortSignal} signal @returns {Promise<Map<string, string>>} */
async function namesOf({ settings, channels, api, desk }, signal) {
  const [members, tokens, own, credentials, hooks] = await Promise.all([settings.members(signal), settings.tokens(signal), channels.channels(signal), channels.credentials(signal), api.list(signal)]);
  const named = [...members, ...tokens, ...own, ...credentials, ...hooks.map((hook) => ({ id: hook.id, name: hookName(hook) }))];
  return new Map([...named.map(({ id, name }) => /** @type {[string, string]} */ ([id, name])), [desk.session.workspace_id, t("audit_kind_workspace")]]);
}

/**
 * @param {Context} context
 * @param {import("../../net/wire.js").Page<AuditEntry>} first
 * @param {Map<string, string>} names
 */
function draw(context, first, names) {
  const { scope, settings: api, body } = context;
  let entries = first.data;
  let cursor = first.next_cursor;
  const filter = { kind: "", actor: "" };
  const kind = h("select", { "aria-label": t("audit_filter_kind") });
  const actor = h("select", { "aria-label": t("audit_filter_actor") });
  fillSelect(kind, [{ value: "", label: t("audit_any_kind") }, ...AUDIT_KINDS.map((value) => ({ value, label: capital(auditKindWords(value)) }))], "");
  const rows = h("div", { class: "audit-days" });
  const state = h("div", { class: "delivery-state", role: "status" });
  const more = h("button", { type: "button", class: "button wide quiet", text: t("list_more") });
  const trouble = troubleLine();

  const render = () => {
    const found = auditFiltered(entries, filter);
    fillSelect(actor, [{ value: "", label: t("audit_any_actor") }, ...actorsOf(entries)], filter.actor);
    rows.replaceChildren(...daysOf(found, names));
    const filtered = filter.kind !== "" || filter.actor !== "";
    if (found.length > 0) state.replaceChildren();
    else if (cursor !== null) state.replaceChildren(h("p", { class: "quiet-line", text: t("deliveries_so_far") }));
    else state.replaceChildren(emptyState("log", t(filtered ? "audit_none_title" : "audit_empty_title"), t(filtered ? "audit_none_hint" : "audit_empty_hint")));
    show(more, cursor !== null);
  };
  /** Reads on until there is enough to see. @param {number} enough */
  const readOn = (enough) =>
    attempt(context, async () => {
      for (let pages = 0; cursor !== null && pages < PAGES_AT_ONCE_MAX; pages += 1) {
        if (pages > 0 && auditFiltered(entries, filter).length >= enough) break;
        const page = await api.audit({ cursor, limit: PAGE_ROWS }, scope.signal);
        if (scope.stopped) return;
        entries = [...entries, ...page.data];
        cursor = page.next_cursor;
        render();
      }
    }, (words) => say(trouble, words));

  for (const [select, name] of /** @type {const} */ ([[kind, "kind"], [actor, "actor"]])) {
    scope.listen(select, "change", () => {
      filter[name] = select.value;
      render();
      if (auditFiltered(entries, filter).length < HITS_ENOUGH) void readOn(HITS_ENOUGH);
    });
  }
  onPress(scope, more, () => {
    say(trouble, "");
    return readOn(auditFiltered(entries, filter).length + 1);
  });
  body.append(
    h("div", { class: "deliveries-filter", role: "group", "aria-label": t("audit_filter") }, [h("span", { class: "select" }, [kind]), h("span", { class: "select" }, [actor])]),
    rows,
    state,
    trouble,
    more,
  );
  render();
}

/** @param {AuditEntry[]} entries @param {Map<string, string>} names @returns {HTMLElement[]} */
function daysOf(entries, names) {
  const now_ms = Date.now();
  /** @type {Map<string, AuditEntry[]>} */
  const days = new Map();
  for (const entry of entries) days.set(dayKey(entry.at), [...(days.get(dayKey(entry.at)) ?? []), entry]);
  return [...days.values()].map((own) =>
    h("section", { class: "audit-day" }, [
      h("h3", { class: "settings-subtitle", text: dayName(own[0]?.at ?? "", now_ms) }),
      h("ul", { class: "audit-rows" }, own.map((entry) => rowOf(entry, names))),
    ]),
  );
}

/** @param {AuditEntry} entry @param {Map<string, string>} names */
function rowOf(entry, names) {
  const name = names.get(entry.target?.id ?? "") ?? null;
  return h("li", { class: "audit-row", "data-action": entry.action }, [
    h("p", { class: "audit-words" }, [h("bdi", { class: "audit-actor", text: actorWords(entry) }), " ", h("bdi", { text: deedWords(entry, name) })]),
    h("time", { datetime: entry.at, title: fullTime(entry.at), text: clockTime(entry.at) }),
  ]);
}
