// What may be said on a conversation's channel, until when, and how long it may be: told while it is typed.
//
// Guarantees: the server decides; this says beforehand what it will do. Silent where there is nothing worth knowing.

import { hoursAndMinutes, mayReply } from "../../state/remote.js";
import { isTelling, lengthOf } from "../../state/length.js";
import { t } from "../../locale/index.js";
import { say, set } from "../dom.js";

/** @typedef {import("../../net/wire.js").Remote} Remote */
/** @typedef {import("../../locale/index.js").Key} Key */

/**
 * Says what the provider lets be said.
 * @param {HTMLElement} line
 * @param {Remote|undefined} remote
 * @param {number} now_ms
 * @returns {boolean} true if that is nothing
 */
export function renderWindow(line, remote, now_ms) {
  const { may, left_ms } = remote ? mayReply(remote, now_ms) : { may: "anything", left_ms: 0 };
  set(line, "data-may", may);
  if (!remote || may === "anything") {
    say(line, "");
    return false;
  }
  const times = hoursAndMinutes(left_ms);
  if (may === "open") say(line, t("composer_window_open", times));
  else if (may === "human") say(line, t("composer_window_human", times));
  else if (may === "opted_out") say(line, t("composer_opted_out"));
  else say(line, t(remote.kind === "whatsapp" ? "composer_window_closed_templates" : "composer_window_closed", { channel: channelOf(remote) }));
  return may === "closed" || may === "opted_out";
}

/** @type {WeakMap<HTMLElement, {text: string, kind: string|undefined, able: import("../../net/wire.js").Capabilities|undefined}>} */
const COUNTED = new WeakMap();

/**
 * Says how long a reply is, as its provider counts.
 * @param {HTMLElement} line
 * @param {Remote|undefined} remote
 * @param {string} text
 * @param {Record<string, import("../../net/wire.js").Capabilities>} capabilities
 */
export function renderLength(line, remote, text, capabilities) {
  const able = remote ? capabilities[remote.kind] : undefined;
  const before = COUNTED.get(line);
  // The screen is drawn far more often than something is typed.
  if (before && before.text === text && before.kind === remote?.kind && before.able === able) return;
  COUNTED.set(line, { text, kind: remote?.kind, able });
  const length = remote ? lengthOf(remote.kind, text.trim(), able) : null;
  if (!remote || !length || !isTelling(length)) {
    say(line, "");
    set(line, "data-over", null);
    return;
  }
  const { used, max, parts, unit } = length;
  set(line, "data-over", parts > 1 ? "yes" : null);
  if (unit === "sms") say(line, parts === 1 ? t("length_sms", { used, max }) : t("length_sms_parts", { count: parts, used, max }));
  else if (parts === 1) say(line, t(unit === "bytes" ? "length_bytes" : "length_characters", { used, max }));
  else say(line, t(unit === "bytes" ? "length_bytes_parts" : "length_parts", { count: parts, used, max, channel: channelOf(remote) }));
}

/** @param {Remote} remote */
function channelOf({ kind }) {
  return t(/** @type {Key} */ (`kind_${kind}`));
}
