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
  if (error.status >= 500) return t("problem_server", { code: error.code });
  if (error.code === "unreadable") return t("problem_unreadable", { status: error.status });
  const fields = error.errors.map((field) => field.detail ?? "").filter((detail) => detail !== "");
  const sentences = [error.detail, ...fields].filter((sentence) => sentence !== "");
  return sentences.length > 0 ? sentences.map(asSentence).join(" ") : t("problem_plain", { code: error.code });
}

/** Whether the request was only given up by us. @param {unknown} error */
export function wasStopped(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/** @param {string} text */
function asSentence(text) {
  const capital = text.charAt(0).toLocaleUpperCase() + text.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}
