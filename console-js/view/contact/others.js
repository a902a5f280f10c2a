// The other conversations of a contact, the latest first.
//
// Guarantees: they are read when the panel shows another contact, and not while it is shut; one that the inbox knows of is shown as the inbox
// knows it. A failure is said in its place and can be tried again.

import { writePlace } from "../../app/router.js";
import { ago } from "../../state/format.js";
import { wasStopped, wordsFor } from "../../state/problems.js";
import { rowAt } from "../../state/rows.js";
import { t } from "../../locale/index.js";
import { h, say, show } from "../dom.js";
import { onPress } from "../webhooks/parts.js";

/** @typedef {import("../../net/wire.js").Conversation} Conversation */

const PAGE_ROWS = 10;

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {import("../../app/desk.js").Desk} desk
 */
export function makeOthers(scope, desk) {
  const heading = h("h3", { text: t("contact_others") });
  const list = h("ul", { class: "other-rows" });
  const said = h("p", { class: "field-hint", role: "status" });
  const more = h("button", { type: "button", class: "button small quiet", hidden: true });
  const element = h("section", { class: "contact-others" }, [heading, list, said, more]);

  /** @type {Conversation[]} */
  let rows = [];
  /** @type {string|null} */
  let cursor = null;
  /** @type {string|null} */
  let contact_id = null;
  let open_id = "";
  let drawn = "";
  let asking = scope.child();

  const read = async () => {
    if (contact_id === null) return;
    asking.stop();
    const own = (asking = scope.child());
    say(said, "");
    try {
      const page = await desk.api.conversations({ contact_id, limit: PAGE_ROWS, cursor }, own.signal);
      rows = [...rows, ...page.data];
      cursor = page.next_cursor;
      draw();
      const found = rows.some(({ id }) => id !== open_id);
      say(said, found ? "" : t("contact_others_none"));
      show(more, cursor !== null);
      say(more, t("contact_others_more"));
    } catch (error) {
      if (own.stopped || wasStopped(error)) return;
      say(said, wordsFor(error));
      show(more, true);
      say(more, t("unsent_retry"));
    }
  };
  const draw = () => {
    const state = desk.store.get();
    const shown = rows.filter(({ id }) => id !== open_id).map((row) => rowAt(state.conversations, row.id) ?? row);
    const signature = JSON.stringify(shown.map(({ id, status, updated_at, version }) => [id, status, updated_at, version]));
    if (signature === drawn) return;
    drawn = signature;
    const now_ms = Date.now();
    list.replaceChildren(...shown.map((row) => rowOf(row, state.list.view, now_ms)));
  };
  onPress(scope, more, read);

  return {
    element,
    /**
     * @param {import("../../state/model.js").State} state
     * @param {string} of the contact
     * @param {string} open the conversation that is open: none of the others
     * @param {boolean} visible
     */
    render(state, of, open, visible) {
      if (!visible) return;
      if (of !== contact_id || open !== open_id) {
        contact_id = of;
        open_id = open;
        rows = [];
        cursor = null;
        drawn = "";
        list.replaceChildren();
        show(more, false);
        void read();
      } else if (rows.length > 0) draw();
    },
  };
}

/** @param {Conversation} row @param {import("../../state/views.js").ViewName} view @param {number} now_ms */
function rowOf(row, view, now_ms) {
  const words = row.ticket?.subject || row.last_message?.content_text || t("list_no_message");
  return h("li", {}, [
    h("a", { class: "other-row", href: writePlace({ view, id: row.id }) }, [
      h("span", { class: "other-words", dir: "auto", text: words }),
      h("span", { class: "other-state", text: t("contact_other_at", { status: t(`status_${row.status}`), ago: ago(row.updated_at, now_ms) }) }),
    ]),
  ]);
}
