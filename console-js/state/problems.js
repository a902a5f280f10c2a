// What went wrong, in a sentence.
//
// Guarantees: every refusal of the server and every failure to reach it has words; a field's own complaint is shown with it.

import { t } from "../locale/index.js";
import { Problem } from "../net/api.js";

/**
 * @param {unknown} error
 * @returns {string}
 */
export function wordsFor(error) {
  if (!(error instanceof Problem)) return t("problem_plain", { code: error instanceof Error ? error.name : "unknown" });
  if (error.status === 0) return t("problem_unreachable");
  if (error.status === 429) {
    const count = error.retry_after_secs;
    return count === null ? t("problem_limited_plain") : t("problem_limited", { count });
  }
  if (error.status === 412) return t("problem_stale");
  // The server is well: it is somebody else who does not answer, and the server says who.
  if (error.code === "provider_unreachable" && error.detail !== "") return asSentence(error.detail);
  if (error.status >= 500) return t("problem_server", { code: error.code });
  if (error.code === "unreadable") return t("problem_unreadable", { status: error.status });
  // What is wrong with a field says more than that something is.
  const fields = error.errors.map((field) => fieldWords(field)).filter((sentence) => sentence !== "");
  if (fields.length > 0) return fields.map(asSentence).join(" ");
  return error.detail === "" ? t("problem_plain", { code: error.code }) : asSentence(error.detail);
}

/**
 * The server's complaint is what follows the field's name: "is not an e-mail address".
 * @param {{pointer?: string, detail?: string}} field
 */
function fieldWords({ pointer = "", detail = "" }) {
  const name = pointer.split("/").at(-1) ?? "";
  return detail === "" ? "" : `${name} ${detail}`.trim();
}

/** Whether the request was only given up by us. @param {unknown} error */
export function wasStopped(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/** @param {string} text */
export function asSentence(text) {
  const begun = capital(text);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
