// The secrets by which a site vouches for its visitors: by their names, with one shown once when it is made.

import { settingsOf } from "../../state/widget.js";
import { t } from "../../locale/index.js";
import { h, say } from "../dom.js";
import { sure } from "../channels/sure.js";
import { makeOnce } from "../settings/once.js";
import { attempt, onPress, troubleLine } from "../webhooks/parts.js";

/**
 * @param {import("../webhooks/index.js").Context} context
 * @param {import("../../net/channel-wire.js").Channel} widget
 * @param {() => Promise<void>} on_changed told when there is one more or less: the widget has another version then
 */
export function makeSecrets(context, widget, on_changed) {
  const { scope, settings: api, notify } = context;
  let keys = settingsOf(widget).identity?.key_ids ?? [];
  const fresh = h("div", { class: "hook-secret" });
  const list = h("ul", { class: "living" });
  const make = h("button", { type: "button", class: "button", text: t("identity_make") });
  const trouble = troubleLine();
  let drawn = scope.child();

  const render = () => {
    drawn.stop();
    const own = (drawn = scope.child());
    if (keys.length === 0) return list.replaceChildren(h("li", { class: "field-hint", text: t("identity_none") }));
    list.replaceChildren(...keys.map((key) => {
      const end = h("button", { type: "button", class: "button quiet small danger-text", "aria-label": t("identity_end_label", { key }), text: t("account_end") });
      onPress(own, end, () => endOne(key));
      return h("li", {}, [h("code", { dir: "ltr", text: key }), end]);
    }));
  };
  /** @param {string} key */
  const endOne = async (key) => {
    if (!(await sure(scope, { title: t("identity_end_title", { key }), lead: t("identity_end_lead"), submit: t("account_end"), danger: true }))) return;
    say(trouble, "");
    await attempt(context, async () => {
      await api.endIdentitySecret(widget.id, key, scope.signal);
      keys = keys.filter((one) => one !== key);
      notify(t("account_ended_notice"));
      render();
      make.focus();
      await on_changed();
    }, (words) => say(trouble, words));
  };
  onPress(scope, make, () => {
    say(trouble, "");
    return attempt(context, async () => {
      const { key_id, secret } = await api.createIdentitySecret(widget.id, scope.signal);
      keys = [...keys, key_id];
      render();
      const own = scope.child();
      const once = makeOnce(own, { title: t("identity_fresh_title", { key: key_id }), lead: t("identity_fresh_lead"), text: secret }, () => {
        own.stop();
        fresh.replaceChildren();
        make.focus();
      });
      fresh.replaceChildren(once.element);
      once.heading.focus();
      await on_changed();
    }, (words) => say(trouble, words));
  });
  render();
  return h("section", { class: "card identity", "aria-labelledby": "identity-title" }, [
    h("h3", { id: "identity-title", text: t("identity_title") }),
    h("p", { class: "field-hint", text: t("identity_hint") }),
    list,
    fresh,
    trouble,
    h("div", { class: "hook-actions" }, [make]),
  ]);
}
