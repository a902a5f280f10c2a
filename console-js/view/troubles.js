// The line above the inbox about webhooks that need somebody.
//
// Guarantees: one line however many there are; a screen reader hears it when it comes or changes; it does not take the focus. The settings'
// own pages say the same at each webhook, so it is not shown there.

import { writeSettings } from "../app/router.js";
import { troublesShown, troubleWords } from "../state/troubles.js";
import { t } from "../locale/index.js";
import { h, say, set, show } from "./dom.js";
import { icon } from "./icons.js";
import { iconButton } from "./parts.js";

/**
 * @param {import("../app/scope.js").Scope} scope
 * @param {import("../app/desk.js").Desk} desk
 */
export function makeTroubles(scope, desk) {
  const words = h("p", { class: "trouble-words", dir: "auto" });
  const link = h("a", { class: "trouble-link" });
  const dismiss = iconButton("close", t("trouble_dismiss"));
  const line = h("div", { class: "trouble", hidden: true }, [icon("alert"), words, link, dismiss]);
  // Stands from the beginning, so that what comes into it is said.
  const element = h("div", { class: "troubles", role: "status" }, [line]);
  scope.listen(dismiss, "click", () => desk.dismissTroubles());

  return {
    element,
    /** @param {import("../state/model.js").State} state @param {boolean} in_settings */
    render(state, in_settings) {
      const shown = in_settings ? [] : troublesShown(state);
      const [first] = shown;
      show(line, first !== undefined);
      if (first === undefined) return;
      const several = shown.length > 1;
      set(line, "data-standing", first.standing);
      say(words, troubleWords(shown));
      say(link, t(several ? "trouble_open_all" : "trouble_open"));
      set(link, "href", several ? writeSettings("list") : writeSettings("webhook", first.id));
    },
  };
}
