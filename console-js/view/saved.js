// Saving what the list shows as a view of one's own, or of everybody's.

import { go } from "../app/router.js";
import { PreparedApi } from "../net/prepared.js";
import { may } from "../state/permissions.js";
import { filterWords } from "../state/saved.js";
import { filterOf, sortOf } from "../state/views.js";
import { t } from "../locale/index.js";
import { ask } from "./dialogs.js";
import { h, say } from "./dom.js";
import { attempt, choice, field, troubleLine } from "./webhooks/parts.js";

const NAME_CHARS_MAX = 200;

/**
 * Asks for a name, saves the view and goes there.
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 */
export async function saveView(scope, desk) {
  const state = desk.store.get();
  const filter = filterOf(state.list);
  const sort = sortOf(state.list);
  const name = field(t("prepared_name"), h("input", { id: "view-name", maxlength: NAME_CHARS_MAX, required: true, autocomplete: "off", dir: "auto" }));
  const everybody = h("input", { type: "checkbox", id: "view-everybody" });
  const trouble = troubleLine();
  const body = [
    h("p", { text: t("view_save_lead", { filter: filterWords(state, filter) }) }),
    ...(state.list.query === "" ? [] : [h("p", { text: t("view_save_search") })]),
    name.element,
    ...(may(state.me.role, "workspace:write") ? [choice(everybody, t("prepared_everybody"))] : []),
    trouble,
  ];
  /** @type {import("../net/prepared-wire.js").SavedView|null} */
  let made = null;
  const answer = await ask(scope, {
    title: t("view_save"),
    body,
    actions: [{ value: "", label: t("dialog_cancel") }, { value: "yes", label: t("form_save"), kind: "primary" }],
    focus: name.input,
    async before(value) {
      if (value !== "yes") return true;
      say(trouble, "");
      name.complain(name.input.value.trim() === "" ? t("connect_fill") : "");
      if (name.input.value.trim() === "") return false;
      await attempt({ scope }, async () => {
        made = await new PreparedApi(desk.api).create("views", { name: name.input.value.trim(), filter, sort, owner_id: everybody.checked ? null : state.me.id }, scope.signal);
      }, (words) => say(trouble, words));
      return made !== null;
    },
  });
  const view = /** @type {import("../net/prepared-wire.js").SavedView|null} */ (made);
  if (answer !== "yes" || view === null) return;
  await desk.loader.loadPrepared("views");
  if (scope.stopped) return;
  desk.reports.on_notice(t("view_saved", { name: view.name }));
  go({ view: `saved:${view.id}`, id: null });
}
