// The colour of a widget and where it stands.

import { COLOR, fullColor, POSITIONS } from "../../state/widget.js";
import { t } from "../../locale/index.js";
import { h, say, set } from "../dom.js";
import { groupSpot } from "../settings/edit.js";
import { choice } from "../webhooks/parts.js";

/**
 * @param {import("../../app/scope.js").Scope} scope
 * @param {() => void} on_change
 */
export function makeLook(scope, on_change) {
  const picker = h("input", { type: "color", class: "color-picker", "aria-label": t("widget_color_pick") });
  const text = h("input", { id: "widget-color", class: "color-text", maxlength: 7, autocomplete: "off", spellcheck: "false", dir: "ltr", "aria-describedby": "widget-color-trouble" });
  const color_trouble = h("p", { class: "form-trouble", id: "widget-color-trouble" });
  const color_field = h("div", { class: "field" }, [h("label", { for: text.id, text: t("widget_color") }), h("div", { class: "color-line" }, [picker, text]), color_trouble]);
  const sides = POSITIONS.map((position) => h("input", { type: "radio", name: "widget-position", id: `position-${position}`, value: position }));
  const side_trouble = h("p", { class: "form-trouble", id: "widget-position-trouble" });
  const side_field = h("fieldset", { class: "sides", "aria-describedby": side_trouble.id }, [
    h("legend", { text: t("widget_position") }),
    ...sides.map((input) => choice(input, t(input.value === "bottom-left" ? "widget_left" : "widget_right"))),
    side_trouble,
  ]);
  let position = "";
  scope.listen(picker, "input", () => {
    text.value = picker.value;
    on_change();
  });
  scope.listen(text, "input", () => {
    const full = fullColor(text.value);
    if (full !== null) picker.value = full;
  });
  return {
    element: h("div", { class: "field-pair look" }, [color_field, side_field]),
    /** @param {{color: string, position: string}} form */
    fill(form) {
      text.value = form.color;
      picker.value = fullColor(form.color) ?? COLOR;
      position = form.position;
      for (const input of sides) input.checked = input.value === position;
    },
    color: () => fullColor(text.value) ?? text.value.trim(),
    position: () => sides.find(({ checked }) => checked)?.value ?? position,
    spots: {
      color: {
        complain(/** @type {string} */ words) {
          say(color_trouble, words);
          set(text, "aria-invalid", words === "" ? null : "true");
        },
        focus: () => text.focus(),
      },
      position: groupSpot(side_field, side_trouble, () => sides[0] ?? null),
    },
  };
}
