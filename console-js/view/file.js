// The files of a message: pictures are shown, everything else is a button that fetches it.

import { fileSize } from "../state/format.js";
import { t } from "../locale/index.js";
import { Problem } from "../net/api.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";

/** Types that browsers show safely as pictures; others are fetched. */
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"];

/**
 * @param {import("../net/wire.js").Attachment} attachment
 * @param {import("../app/files.js").Files} files
 * @returns {HTMLElement}
 */
export function fileElement(attachment, files) {
  const { id, filename, size, type } = attachment;
  if (PICTURES.includes(type)) return pictureElement(attachment, files);
  const button = h("button", { type: "button", class: "file", "data-file": id, title: t("file_download", { name: filename }) }, [
    icon("file"),
    h("span", { class: "file-name", text: filename }),
    h("span", { class: "file-size", text: fileSize(size) }),
  ]);
  // It may still lie at the provider that its message came from.
  if (size === 0) files.address(id, Date.now()).catch((error) => tellAbsence(button, attachment, files, error));
  return button;
}

/**
 * @param {import("../net/wire.js").Attachment} attachment
 * @param {import("../app/files.js").Files} files
 */
function pictureElement(attachment, files) {
  const { id, filename } = attachment;
  const image = h("img", { alt: filename, decoding: "async" });
  const button = h("button", { type: "button", class: "picture", "data-file": id, "aria-label": t("file_open", { name: filename }) }, [image]);
  files.address(id, Date.now()).then(
    (url) => void (image.src = url),
    (error) => {
      // The name stands in for the picture, and a press on it tries again and says why it fails.
      button.replaceChildren(icon("file"), h("span", { class: "file-name", text: filename }));
      tellAbsence(button, attachment, files, error);
    },
  );
  return button;
}

/**
 * Says of a file that is not here that it is being fetched, or why it was not and how to try again; and looks again when the server says
 * so, for as long as the file stands on the screen. Its message may change when it comes, and is drawn anew then; not each does.
 * @param {HTMLElement} element what stands for the file
 * @param {import("../net/wire.js").Attachment} attachment
 * @param {import("../app/files.js").Files} files
 * @param {unknown} error why there is no address
 */
function tellAbsence(element, attachment, files, error) {
  if (!isAbsent(error)) return;
  const { id, filename } = attachment;
  const given_up = error.body?.given_up === true;
  const name = h("span", { class: "file-name", text: filename });
  const words = h("span", { class: "file-size", text: given_up ? t("file_given_up", { reason: String(error.body?.reason ?? "") }) : t("file_waiting") });
  const shown = given_up
    ? h("span", { class: "file" }, [icon("file"), name, words, h("button", { type: "button", class: "link-button", "data-fetch": id, text: t("file_again") })])
    : h("button", { type: "button", class: "file", "data-file": id }, [icon("file"), name, words]);
  inPlaceOf(element, shown);
  if (!given_up) lookAgain(shown, attachment, files, error.retry_after_secs);
}

/**
 * @param {HTMLElement} shown what says that the file is on its way
 * @param {import("../net/wire.js").Attachment} attachment
 * @param {import("../app/files.js").Files} files
 * @param {number|null} wait_secs
 */
function lookAgain(shown, attachment, files, wait_secs) {
  files.later(wait_secs, () => {
    if (!shown.isConnected) return;
    files.address(attachment.id, Date.now()).then(
      () => inPlaceOf(shown, fileElement(attachment, files)),
      (error) => (isAbsent(error) ? tellAbsence(shown, attachment, files, error) : lookAgain(shown, attachment, files, null)),
    );
  });
}

/** Puts one element in another's place, without taking the keyboard away. @param {HTMLElement} before @param {HTMLElement} after */
function inPlaceOf(before, after) {
  const focused = before.contains(document.activeElement);
  before.replaceWith(after);
  if (focused) after.focus();
}

/**
 * @param {unknown} error
 * @returns {error is Problem}
 */
function isAbsent(error) {
  return error instanceof Problem && error.code === "not_fetched";
}

/**
 * Opens a file in a tab of its own; the server says whether it is shown or saved.
 * @param {import("../app/desk.js").Desk} desk
 * @param {string} id
 */
export async function openFile(desk, id) {
  try {
    const href = await desk.files.address(id, Date.now());
    h("a", { href, target: "_blank", rel: "noopener noreferrer" }).click();
  } catch (error) {
    if (desk.scope.stopped) return;
    if (!isAbsent(error)) desk.reports.on_notice(t("file_failed"));
    else if (error.body?.given_up === true) desk.reports.on_notice(t("file_given_up", { reason: String(error.body?.reason ?? "") }));
    else desk.reports.on_notice(t("file_waiting"));
  }
}

/**
 * Has a file fetched again that its provider did not give.
 * @param {import("../app/desk.js").Desk} desk
 * @param {string} id
 */
export async function fetchAgain(desk, id) {
  try {
    await desk.api.fetchFile(id, desk.scope.signal);
    if (!desk.scope.stopped) desk.reports.on_notice(t("file_waiting"));
  } catch {
    if (!desk.scope.stopped) desk.reports.on_notice(t("file_failed"));
  }
}
