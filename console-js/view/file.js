// The files of a message: pictures are shown, everything else is a button that fetches it.

import { fileSize } from "../state/format.js";
import { t } from "../locale/index.js";
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
  if (!PICTURES.includes(type)) {
    return h("button", { type: "button", class: "file", "data-file": id, title: t("file_download", { name: filename }) }, [
      icon("file"),
      h("span", { class: "file-name", text: filename }),
      h("span", { class: "file-size", text: fileSize(size) }),
    ]);
  }
  const image = h("img", { alt: filename, decoding: "async" });
  const button = h("button", { type: "button", class: "picture", "data-file": id, "aria-label": t("file_open", { name: filename }) }, [image]);
  files.address(id, Date.now()).then(
    (url) => void (image.src = url),
    // The name stands in for the picture, and a press on it tries again and says why it fails.
    () => button.replaceChildren(icon("file"), h("span", { class: "file-name", text: filename })),
  );
  return button;
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
  } catch {
    if (!desk.scope.stopped) desk.reports.on_notice(t("file_failed"));
  }
}
