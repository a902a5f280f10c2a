// Short sentences at the edge of the screen, about what just happened.

import { t } from "../locale/index.js";
import { h } from "./dom.js";
import { iconButton } from "./parts.js";

const SHOWN_MS = 7000;
/** Older ones make room. */
const SHOWN_MAX = 3;

/** @param {import("../app/scope.js").Scope} scope */
export function makeNotices(scope) {
  const element = h("div", { class: "notices", role: "status" });
  return {
    element,
    /** @param {string} text */
    add(text) {
      for (const shown of [...element.children]) {
        if (shown.firstChild?.textContent === text) shown.remove();
      }
      const own = scope.child();
      const dismiss = iconButton("close", t("notice_dismiss"));
      const notice = h("div", { class: "notice" }, [h("p", { text }), dismiss]);
      own.own(() => notice.remove());
      own.listen(dismiss, "click", () => own.stop());
      own.after(SHOWN_MS, () => own.stop());
      element.append(notice);
      while (element.childElementCount > SHOWN_MAX) element.firstElementChild?.remove();
    },
  };
}
