// By which rules waiting conversations find an agent: who is next, how much each takes on, and what becomes of the conversations of somebody who
// has gone away.

import { fillRouting, routingChanges, routingForm, routingTrouble } from "../../state/routing.js";
import { t } from "../../locale/index.js";
import { h } from "../dom.js";
import { choice, field, load, pageHead } from "../webhooks/parts.js";
import { groupSpot, makeEdit, spot } from "./edit.js";
import { settingsBack } from "./nav.js";

/** @typedef {import("../../net/settings-wire.js").Routing} Routing */

/** @param {import("../webhooks/index.js").Context} context */
export function openRouting(context) {
  context.body.append(pageHead(t("routing_title"), settingsBack()).element, h("p", { class: "settings-lead", text: t("routing_lead") }));
  void load(context, (signal) => context.settings.routing(signal), (routing) => draw(context, routing));
}

/** @param {import("../webhooks/index.js").Context} context @param {Routing} routing */
function draw(context, routing) {
  const { scope, settings: api, notify, body } = context;
  const modes = radios("routing-mode", t("routing_mode"), /** @type {const} */ (["manual", "round_robin", "by_load"]).map((value) => ({ value, label: t(`routing_${value}`), hint: t(`routing_${value}_hint`) })));
  const away = radios("routing-away", t("routing_when_away"), /** @type {const} */ (["keep", "give_back_unanswered", "give_back"]).map((value) => ({ value, label: t(`routing_${value}`), hint: t(`routing_${value}_hint`) })));
  const capacity = field(t("routing_capacity"), h("input", { id: "routing-capacity", type: "number", min: "1", max: "1000", step: "1", required: true, inputmode: "numeric" }), t("routing_capacity_hint"));
  const minutes = field(t("routing_away_after"), h("input", { id: "routing-minutes", type: "number", min: "1", max: "1440", step: "1", required: true, inputmode: "numeric" }), t("routing_away_after_hint"));
  const read = () => ({ mode: modes.value(), when_away: away.value(), capacity: capacity.input.value.trim(), minutes: minutes.input.value.trim() });
  /** @param {import("../../state/routing.js").RoutingForm} form */
  const fill = (form) => {
    modes.fill(form.mode);
    away.fill(form.when_away);
    capacity.input.value = form.capacity;
    minutes.input.value = form.minutes;
  };
  fill(routingForm(routing));
  const edit = makeEdit(context, {
    elements: [modes.element, capacity.element, away.element, minutes.element],
    spots: () => ({ "/mode": modes.spot, "/capacity": spot(capacity), "/when_away": away.spot, "/away_after_ms": spot(minutes) }),
    check: () => routingTrouble(read()),
    submit: t("form_save"),
    send: async (base) => {
      if (base === null) return;
      const changes = routingChanges(base, read());
      if (changes === null) return notify(t("form_nothing"));
      const after = await api.updateRouting(base, changes, scope.signal);
      fill(fillRouting(after, read()));
      notify(t("routing_saved"));
      return after;
    },
    shared: {
      base: routing,
      form: routingForm,
      read,
      fill,
      latest: () => api.routing(scope.signal),
      labels: { mode: t("routing_mode"), when_away: t("routing_when_away"), capacity: t("routing_capacity"), minutes: t("routing_away_after") },
    },
  });
  body.append(h("section", { class: "card" }, [edit.form]));
}

/** @param {string} name @param {string} label @param {{value: string, label: string, hint: string}[]} choices */
function radios(name, label, choices) {
  const trouble = h("p", { class: "form-trouble", id: `${name}-trouble` });
  const inputs = choices.map(({ value }) => h("input", { type: "radio", name, id: `${name}-${value}`, value }));
  const element = h("fieldset", { class: "roles", "aria-describedby": trouble.id }, [
    h("legend", { text: label }),
    ...inputs.map((input, at) => choice(input, choices[at]?.label ?? "", [choices[at]?.hint ?? ""])),
    trouble,
  ]);
  return {
    element,
    /** @param {string} value */
    fill(value) {
      for (const input of inputs) input.checked = input.value === value;
    },
    value: () => inputs.find(({ checked }) => checked)?.value ?? "",
    spot: groupSpot(element, trouble, () => inputs.find(({ checked }) => checked) ?? inputs[0] ?? null),
  };
}
